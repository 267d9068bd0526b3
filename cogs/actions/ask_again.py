"""The text of a card asked about in another way, for the person who presses."""

from __future__ import annotations

from cogs.actions.what_if import WhatIf
from cogs.cards.controls import Control
from cogs.cards.layouts import source_of
from cogs.cards.question import CardQuestion, command_of_card
from cogs.cards.view_state import ViewState
from cogs.requests.answering import answer
from cogs.requests.bot_base import Interaction
from core.commands import command_of
from core.errors import Expired
from core.reading.emoji_spacing import space_emoji


async def run_command(interaction: Interaction, control: Control) -> None:
    """Run another command on the same text, for the person who asks."""
    way, theme = ViewState.parse_detail(control.detail)
    text, model = _question(interaction, control, way)
    await answer(interaction, way, text, model=model, private=True, theme=theme)


async def run_with_spaces(interaction: Interaction, control: Control) -> None:
    """Run the same command again with spaces between words and emoji, for the person who asks."""
    way, theme = ViewState.parse_detail(control.detail)
    text, model = _question(interaction, control, way)
    await answer(interaction, way, space_emoji(text), model=model, private=True, theme=theme)


async def open_form(interaction: Interaction, control: Control) -> None:
    """Open a form in which the same text can be changed."""
    say = interaction.client.language(interaction)
    asked = _question(interaction, control, "sentiment")
    await interaction.response.send_modal(WhatIf(say, *asked, ViewState.parse(control.detail)))


def _question(interaction: Interaction, control: Control, way: str) -> tuple[str, str]:
    """The text of a card, and the name of the model to ask about it in some way."""
    core = interaction.client.core
    try:
        source = source_of(core.recall(control.key))
        if source is None:
            raise Expired
        text, model = source.text, source.model
    except Expired:
        asked = CardQuestion.read(interaction.message)
        text, model = asked.text, asked.model(core)
    came_from, _ = command_of_card(interaction.message)
    return text, core.models.carry_over(command_of(way), model, came_from)
