"""How the number was made that a picture of one token in one head shows, for the person who presses."""

from __future__ import annotations

from cogs.actions.ask_again import question_of
from cogs.cards.card import card_of
from cogs.cards.controls.items import Press
from cogs.cards.view_state import ViewState
from cogs.requests.audience import audience_of, theme_for
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.progress import progress_notice
from core.errors import Expired


async def explain_weight(interaction: Interaction, press: Press) -> None:
    """Ask a device what the row of a picture's token was made of: kept maps hold weights only."""
    client, state = interaction.client, ViewState.parse(press.detail)
    layer, head = state.place
    if head is None or state.token < 0:
        raise Expired
    text, model = question_of(interaction, press.key, "attention_row")
    crowded = client.acknowledgements.crowded
    client.core.check("attention_row", text, model, read=not crowded, layer=layer, head=head)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    say, audience = client.language(interaction), audience_of(interaction, private=True)
    async with progress_notice(interaction, say, "attention_row", model):
        result = await client.core.attention_row(
            text,
            layer=layer,
            head=head,
            position=state.token,
            side=state.side,
            model=model,
            tenant=tenant(interaction),
        )
    seen = ViewState(theme=theme_for(interaction, state.theme))
    card = await card_of(client.core, say, client.core.keep(result), result, seen, audience)
    await interaction.edit_original_response(content=None, view=card, attachments=card.files())
