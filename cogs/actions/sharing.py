"""Who sees a card, and who changes it: shown to everybody, opened to everybody, closed again."""

from __future__ import annotations

from cogs.actions.redraw import show_card
from cogs.cards.audience import Audience, state_in
from cogs.cards.card import card_of
from cogs.cards.controls.items import Press
from cogs.requests.audience import Hold, NotYours, audience_of, check_showing
from cogs.requests.bot_base import Interaction
from cogs.requests.kept_results import result_of


async def show_everyone(interaction: Interaction, press: Press) -> None:
    """Post the card of a private answer where everybody sees it, as a card of the person who shows it."""
    client, state = interaction.client, state_in(press.detail)
    check_showing(interaction)
    result = await result_of(interaction, press.key, thinking=True)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True)
    say, audience = client.language(interaction, public=True), audience_of(interaction, private=False)
    card = await card_of(client.core, say, press.key, result, state, audience, interaction.user.id)
    await interaction.edit_original_response(view=card, attachments=card.files())


async def open_card(interaction: Interaction, press: Press) -> None:
    """Let everybody change a public card from now on."""
    await _hand_over(interaction, press, "open")


async def close_card(interaction: Interaction, press: Press) -> None:
    """Let only its owner change a public card from now on."""
    await _hand_over(interaction, press, "owned")


async def _hand_over(interaction: Interaction, press: Press, to: Audience) -> None:
    """Change the audience of a card.

    Raises:
        NotYours: It is somebody else's.
    """
    state = state_in(press.detail)
    if not Hold.of(interaction).owner:
        raise NotYours("Only the person whose answer this is can do that: all other buttons here are for you, too.")
    await show_card(interaction, press.key, lambda _: state, to)
