"""The form behind "What if?": change the sentence, see what that does to the labels."""

from __future__ import annotations

import discord
from discord import ui

from cogs.cards.card import card_of
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import BotBase, tenant
from core.language import Language
from core.reading.validation import MAX_CHARACTERS_IN_WINDOWS


class WhatIf(ui.Modal):
    """Asks for another version of a text and answers with the difference.

    Args:
        say: The language of whoever asks.
        text: The text as it was scored.
        model: The name of the model that scored it; the command's own if empty.
        state: How its card is seen.
    """

    def __init__(self, say: Language, text: str, model: str, state: ViewState) -> None:
        super().__init__(title=say("What if?"), timeout=3600)
        self._text, self._model, self._state = text, model, state
        self._changed = ui.TextInput["WhatIf"](
            style=discord.TextStyle.paragraph, default=text, max_length=MAX_CHARACTERS_IN_WINDOWS
        )
        self.add_item(ui.Label(text=say("Change a word or two"), component=self._changed))

    async def on_submit(self, interaction: discord.Interaction[BotBase]) -> None:  # type: ignore[override]
        """Score the changed text beside the one it was."""
        client = interaction.client
        client.track(interaction)
        client.core.check("sentiment", self._changed.value, self._model, read=not client.acknowledgements.crowded)
        client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
        whom = tenant(interaction)
        result = await client.core.changed(self._text, self._changed.value, model=self._model, tenant=whom)
        card = await card_of(client.core, client.language(interaction), client.core.keep(result), result, self._state)
        await interaction.edit_original_response(view=card, attachments=card.files())

    async def on_error(self, interaction: discord.Interaction[BotBase], error: Exception, /) -> None:  # type: ignore[override]
        """Report what went wrong: discord.py would only log it."""
        await interaction.client.report(interaction, error)
