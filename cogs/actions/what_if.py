"""The form behind "What if?": change the sentence, see what that does to the labels."""

from __future__ import annotations

import discord
from discord import ui

from cogs.actions.ask_again import question_of
from cogs.cards.card import card_of
from cogs.cards.controls.items import Press
from cogs.cards.view_state import ViewState
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.typed import TYPED, Typed
from core.reading.validation import MAX_CHARACTERS_IN_WINDOWS

TITLE, FIELD = "What if?", "Change a word or two"
"""Of the form."""


async def open_form(interaction: Interaction, press: Press) -> None:
    """Open a form in which the text of a card can be changed; `answer_form` is what sending it does."""
    say = interaction.client.language(interaction)
    text, _ = question_of(interaction, press.key, "sentiment")
    form = ui.Modal(title=say(TITLE), custom_id=f"changed:{press.key}:{press.detail}")
    field = ui.TextInput[ui.Modal](
        style=discord.TextStyle.paragraph, default=text, max_length=MAX_CHARACTERS_IN_WINDOWS
    )
    form.add_item(ui.Label(text=say(FIELD), component=field))
    await interaction.response.send_modal(form)
    form.stop()  # discord.py need not remember it: whoever sends it, however late, is answered by its custom_id


async def answer_form(interaction: Interaction, press: Press) -> None:
    """Score the changed text beside the one it was, for the person who changed it."""
    client = interaction.client
    changed, say = press.value, client.language(interaction)
    form = f"{press.action}:{press.key}:{press.detail}"
    interaction.extras[TYPED] = Typed(form, say(TITLE), {say(FIELD): changed})
    text, model = question_of(interaction, press.key, "sentiment", "sentiment")
    state = ViewState.parse(press.detail)
    client.core.check("sentiment", changed, model, read=not client.acknowledgements.crowded)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    result = await client.core.changed(text, changed, model=model, tenant=tenant(interaction))
    say, audience = client.language(interaction), audience_of(interaction, private=True)
    card = await card_of(client.core, say, client.core.keep(result), result, state, audience)
    await interaction.edit_original_response(view=card, attachments=card.files())
