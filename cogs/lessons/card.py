"""The card of a stop: what it tells, a picture, a question, and the way back and on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import discord
from discord import ui

from cogs.cards.asked import EXACT, model_line
from cogs.cards.audience import Audience, audience_buttons
from cogs.cards.card import Card
from cogs.cards.controls.items import NOTHING, Control, button
from cogs.cards.markdown import code_span
from cogs.cards.view_state import THEMES
from cogs.lessons.asking import shown
from cogs.lessons.place import OPEN, THEMED, Place
from cogs.lessons.stop import SENTENCE, Question, Results, Stop
from cogs.lessons.unit import STOPS
from core import Core
from core.errors import Expired
from core.facade import View
from core.language import Language
from core.reading.templates import expand_template, is_template
from core.results import FillOrContinue, ModelInfo, TokenizerComparison, WorkedExercise
from core.takeaway.recipe import spell_exercise

NAME = "learn"
"""Of the picture's file, by which a press knows whose card it is."""

OF_LESSON = "stop"
"""Ends the names of the actions that show, open and close a card of a stop."""

LONGEST_OPTION = 60
"""Characters on a button."""


async def lesson_card(
    core: Core, say: Language, place: Place, text: str, results: Results, audience: Audience, shown_by: int = 0
) -> Card:
    """Draw the card of a stop.

    Args:
        core: Where it is drawn.
        say: The language of the card.
        place: Which stop, what was answered there, and the theme.
        text: What it is about, as `asking.clean` leaves it.
        results: What was found about that.
        audience: Who will see the card.
        shown_by: As for `card_of`.

    Raises:
        Expired: The question has no such answer.
    """
    stop, (question, view) = place.stop, await asyncio.to_thread(look, say, place, text, results)
    drawing = await core.draw(view)
    title = say(stop.title)
    headline = say("### {number} of {count} · {title}", number=place.number, count=len(STOPS), title=title)
    theme = button("predict", NOTHING, f"{place.in_other_theme}{THEMED}", say(THEMES[place.in_other_theme.theme]))
    heading = ui.Section(ui.TextDisplay[Any](headline), accessory=theme)
    texts = [ui.TextDisplay[Any](say(stop.tells))]
    if text:
        texts.append(ui.TextDisplay(shown(text), id=EXACT))
    below = ui.TextDisplay[Any]("\n".join(_footer(say, place, text, results, shown_by)))
    return Card(heading, texts, drawing, NAME, [*_rows(say, place, question, audience), below])


def look(say: Language, place: Place, text: str, results: Results) -> tuple[Question, View]:
    """The question of a stop, and its picture: the second one after an answer, or where there is nothing to predict.

    Raises:
        Expired: The question has no such answer.
    """
    question = place.stop.question(say, text, results)
    if place.answer >= max(1, len(question.options)):
        raise Expired(NAME)
    view: Any = place.stop.picture(results, place.answer != OPEN or not question.options)
    return question, cast(View, replace(view, theme=place.theme, say=say))


def _rows(
    say: Language, place: Place, question: Question, audience: Audience
) -> Iterator[Sequence[Control] | ui.TextDisplay[Any]]:
    """The question, its answers, what is right, and where to go from here."""
    yield ui.TextDisplay(f"**{question.asks}**" if question.options else question.asks)
    if question.options:
        yield [_option(place, question, number) for number in range(len(question.options))]
    if question.options and place.answer != OPEN:
        yield ui.TextDisplay(_verdict(say, place.answer, question))
    back, on = place.beside(-1), place.beside(1)
    buttons = [button("stop", NOTHING, str(back), say("◀ Back"))] if back else []
    if on:
        buttons.append(button("stop", NOTHING, str(on), say("Next ▶"), style=discord.ButtonStyle.primary))
    if place.stop.examples:
        buttons.append(button("own", NOTHING, str(place), say(place.stop.typed)))
    buttons.append(button("stoptext", NOTHING, str(place), say("As text")))
    yield [*buttons, *audience_buttons(say, NOTHING, place, audience, OF_LESSON)]


def _option(place: Place, question: Question, number: int) -> Control:
    """A button with an answer; once one was chosen, signs and colours say which is right."""
    style, sign = discord.ButtonStyle.secondary, ""
    if place.answer != OPEN and number == question.right:
        style, sign = discord.ButtonStyle.success, "✓ "
    elif place.answer == number:
        style, sign = discord.ButtonStyle.danger, "✗ "
    label = sign + code_span(question.options[number], LONGEST_OPTION).strip("`")
    return button("predict", NOTHING, str(replace(place, answer=number)), label, style=style)


def _verdict(say: Language, answer: int, question: Question) -> str:
    if answer == question.right:
        return say("✓ **Right.** {shows}", shows=question.shows)
    right = question.options[question.right]
    return say(
        "✗ **A fair guess, but it is {right}.** {shows}", right=code_span(right, LONGEST_OPTION), shows=question.shows
    )


def _footer(say: Language, place: Place, text: str, results: Results, shown_by: int) -> Iterator[str]:
    """Where it is from, how to go on, and which models answered."""
    stop, models = place.stop, [*dict.fromkeys(model for result in results for model in _models(result))]
    yield say("-# Source: {paper}, section {section}", paper=stop.paper, section=stop.section)
    yield say("-# Go on with {command}", command=code_span(f"/{_go_on(stop, text, results, models)}"))
    if models:
        yield " · ".join([model_line(models[0]), *(model.name for model in models[1:])])
    if text and say.code != "en" and stop.typed == SENTENCE and text == stop.examples["en"] == stop.example(say):
        yield say("-# The example is in English, which these models read best.")
    if shown_by:
        yield say("-# shown by {person}", person=f"<@{shown_by}>")


def _go_on(stop: Stop, text: str, results: Results, models: Sequence[ModelInfo]) -> str:
    """The command to go on with, as it is typed."""
    versions = [version for _, version in expand_template(text)[:2]] if is_template(text) else [text]
    worked = next((result for result in results if isinstance(result, WorkedExercise)), None)
    return stop.go_on.format(
        text=text,
        versions=" against:".join(versions),
        exercise=spell_exercise(worked) if worked else "",
        other=models[-1].name if models else "",
    )


def _models(result: Any) -> Iterator[ModelInfo]:
    """The models that a result is from, as far as it tells."""
    if isinstance(result, TokenizerComparison | FillOrContinue):
        sources = result.sources if isinstance(result, TokenizerComparison) else (result.filled, result.continued)
        yield from (model for source in sources for model in _models(source))
        return
    source = getattr(result, "source", result)
    if isinstance(model := getattr(source, "model", None), ModelInfo):
        yield model
