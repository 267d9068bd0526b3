"""The text of a card asked about in another way, for the person who presses."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from cogs.cards.asked import options_of
from cogs.cards.controls.items import Press
from cogs.cards.follow_ups import ABLATIONS, NEED_MORE, ablation_of, model_for
from cogs.cards.layouts import layout_of, source_of
from cogs.cards.question import CardQuestion, command_of_card
from cogs.cards.spacing import seen_again
from cogs.cards.view_state import ViewState
from cogs.requests.answering import answer
from cogs.requests.audience import theme_for
from cogs.requests.bot_base import Interaction
from cogs.requests.kept_results import result_of
from core.commands import Command
from core.errors import Expired
from core.reading.emoji_spacing import space_emoji
from core.reading.separators import VERSUS
from core.reading.targets import parse_targets
from core.reading.versions import require_versions


async def run_command(interaction: Interaction, press: Press) -> None:
    """Run another command on the same text, for the person who asks."""
    way, theme = ViewState.parse_detail(press.detail)
    way, _, instead = way.partition("-")
    if way in NEED_MORE or (instead and way not in ABLATIONS):
        raise Expired
    await _restore_written(interaction, press.key)
    options: dict[str, Any] = {}
    if instead:
        options = _asked_beside(interaction, press.key, way) | {"mean": instead == "mean"}
    if way in ("lens", "why_word"):
        options["compare"] = compared_words(interaction, press.key)
    text, model = question_of(interaction, press.key, way)
    await answer(interaction, way, text, model=model, private=True, theme=theme_for(interaction, theme), **options)


async def run_without_head(interaction: Interaction, press: Press) -> None:
    """Ask the model of an attention map for its answer without the head that is looked at."""
    core, state = interaction.client.core, ViewState.parse(press.detail)
    text, name = question_of(interaction, press.key, "attention")
    model = core.models.get("attention", name)
    if not (way := ablation_of(core, text, model)):
        raise Expired
    head = {} if state.one_head is None else {"layer": state.layer, "head": state.head}
    await answer(
        interaction, way, text, model=model.name, private=True, theme=theme_for(interaction, state.theme), **head
    )


async def run_with_spaces(interaction: Interaction, press: Press) -> None:
    """Ask the same again with spaces between words and emoji, for the person who asks; a map is seen as it was."""
    way, _, seen = press.detail.partition(".")
    if way in NEED_MORE:
        raise Expired
    state = ViewState.parse(seen)
    state = replace(state, theme=theme_for(interaction, state.theme))
    await _restore_written(interaction, press.key)
    options = _asked_beside(interaction, press.key, way)
    text, model = question_of(interaction, press.key, way)
    options |= {"choose": partial(seen_again, state)} if way == "attention" else {}
    await answer(interaction, way, space_emoji(text), model=model, private=True, theme=state.theme, **options)


async def run_swapped(interaction: Interaction, press: Press) -> None:
    """Ask about the two texts of a card the other way round: parts of the first one's run in that of the second."""
    state = ViewState.parse(press.detail)
    text, model = question_of(interaction, press.key, "patch")
    first, second = require_versions(text)
    words = ", ".join(reversed(parse_targets(compared_words(interaction, press.key))))
    swapped, theme = f"{second} {VERSUS} {first}", theme_for(interaction, state.theme)
    await answer(interaction, "patch", swapped, model=model, private=True, theme=theme, compare=words)


def compared_words(interaction: Interaction, key: str) -> str:
    """The words that a card compares in the gaps of its text, separated by commas.

    Raises:
        Expired: Its result is not kept, and the card does not show them all.
    """
    _, options = _question(interaction, key)
    return options.get("compare", "")


def _asked_beside(interaction: Interaction, key: str, way: str) -> dict[str, Any]:
    """The options of a way of asking that gave a card; none of a card that answers another question.

    Raises:
        Expired: Its result is not kept, and the card does not show them all.
    """
    found, options = _question(interaction, key)
    return options if found == way else {}


def _question(interaction: Interaction, key: str) -> tuple[str, dict[str, Any]]:
    try:
        result = interaction.client.core.recall(key)
    except Expired:
        asked = CardQuestion.read(interaction.message)
        return asked.way, asked.options
    return layout_of(result).command, options_of(result)


async def _restore_written(interaction: Interaction, key: str) -> None:
    """Work out again what a model wrote, if it is not kept: its card holds tokens, and other questions want a text."""
    if CardQuestion.read(interaction.message).way == "write":
        await result_of(interaction, key, thinking=True, ephemeral=True)


def question_of(interaction: Interaction, key: str, way: str, came_from: Command | None = None) -> tuple[str, str]:
    """The text of a card, and the name of the model to ask about it in some way.

    `came_from` is the command of the card, which the card says itself; what is refused of a form is no card.

    Raises:
        Expired: Its result is not kept, and the card itself does not show its text as it was.
    """
    core = interaction.client.core
    try:
        source = source_of(core.recall(key))
        if source is None:
            raise Expired
        text, model = source.text, source.model
    except Expired:
        asked = CardQuestion.read(interaction.message)
        text, model = asked.text, asked.model(core)
    came_from = came_from or command_of_card(interaction.message)
    return text, model_for(interaction.client.models(interaction), way, model, came_from)
