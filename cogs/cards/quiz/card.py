"""The card of a round: first a question with its options, then its answer and how people guessed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs.cards.asked import model_line, text_display
from cogs.cards.card import ACCENT, BUNDLED_MODELS
from cogs.cards.controls.items import Control, button
from cogs.cards.layouts import layout_of
from cogs.cards.markdown import word_span
from cogs.cards.quiz.sentences import ANSWERS, LESSONS, LOST, OPINIONS, QUESTIONS
from cogs.cards.quiz.state import LISTED, POINTS, Asked, QuizState
from cogs.cards.view_state import ViewState
from core.facade import View
from core.language import Language
from core.maps.word_links import written_word
from core.quiz import KINDS, Options, Sentence, find_sentence
from core.quiz.which_head import PATTERNS, heads_of
from core.render import FourHeads
from core.results import AttentionMap, Drawing, Result

LONGEST_BAR = 12
"""Signs of the bar of an option that everybody guessed."""

MOST_LETTERS = 80
"""Of a button."""


class QuizCard(ui.LayoutView):
    """A card with or without a picture.

    Args:
        parts: Texts, from top to bottom; the picture stands below the first two.
        rows: Its controls, row by row.
        drawing: The picture, if there is one.
        name: Its file's name, without the suffix.
        counted: The text that changes while people guess.
    """

    def __init__(
        self,
        parts: Sequence[ui.TextDisplay[Any]],
        rows: Sequence[Sequence[Control]],
        drawing: Drawing | None,
        name: str,
        counted: ui.TextDisplay[Any] | None = None,
    ) -> None:
        super().__init__(timeout=None)
        self._drawing, self._name = drawing, f"{name}.png"
        self.counted = counted
        shown: list[ui.Item[Any]] = [*parts]
        if drawing:
            picture = discord.MediaGalleryItem(f"attachment://{self._name}", description=drawing.alt)
            shown.insert(2, ui.MediaGallery(picture))
        rows_shown = (ui.ActionRow[Any](*row) for row in rows)
        self.add_item(ui.Container(*shown, *rows_shown, accent_colour=ACCENT))

    def files(self) -> list[discord.File]:
        """The picture as an attachment, new each time."""
        if not self._drawing:
            return []
        return [discord.File(io.BytesIO(self._drawing.png), self._name, description=self._drawing.alt)]


def question_view(say: Language, state: QuizState, result: Result) -> View | None:
    """The picture that belongs to a question before its answer is shown, if one does."""
    return _heads(say, state, result, answered=False) if state.question.kind == "head" else None


def answer_view(say: Language, state: QuizState, result: Result, options: Options) -> View:
    """The picture that shows the answer."""
    if state.question.kind == "head":
        return _heads(say, state, result, answered=True)
    return layout_of(result).picture(say, result, seen(state, options))


def seen(state: QuizState, options: Options) -> ViewState:
    """How the result is looked at in which the answer can be seen."""
    kind, numbers = state.question.kind, state.question.numbers
    if kind == "head":
        layer, head = heads_of(numbers)[options.right]
        return ViewState(layer=layer, head=head, theme=state.theme)
    if kind == "look":
        return ViewState(layer=numbers[0], head=numbers[1], token=numbers[2], theme=state.theme)
    return ViewState(theme=state.theme)


def question_card(
    say: Language, asked: Asked, result: Result, options: Options, drawing: Drawing | None, ends: int, *, alone: bool
) -> QuizCard:
    """The card of a round that begins.

    Args:
        say: The language.
        asked: The round.
        result: What the question is about.
        options: What may be chosen.
        drawing: The picture of the question, if it has one.
        ends: When it ends by itself, in seconds of the Unix clock; 0 if nobody said.
        alone: Whether only one person sees it.
    """
    key, state = asked.key, asked.state
    counted = ui.TextDisplay[Any](count_guesses(say, 0))
    parts = [*_beginning(say, asked, result), *([] if alone else [counted])]
    parts += [ui.TextDisplay(_rule(say, ends, alone=alone)), *_ending(say, asked)]
    names = _named(say, state, options)
    guesses = [
        button("guess", key, f"{number}.{state}", name[:MOST_LETTERS], style=discord.ButtonStyle.primary)
        for number, name in enumerate(names)
    ]
    rows = [guesses, [button("reveal", key, str(state), say("Reveal"))]]
    return QuizCard(parts, rows, drawing, layout_of(result).command, counted)


def answer_card(
    say: Language, asked: Asked, result: Result, options: Options, drawing: Drawing, tally: Sequence[int] | None
) -> QuizCard:
    """The card of a round that is over; `tally` says how often each option was guessed, unless that is lost."""
    key, state, layout = asked.key, asked.state, layout_of(result)
    names, sentence = _named(say, state, options), find_sentence(state.sentence)
    answer = [say(ANSWERS[state.question.kind], answer=word_span(names[options.right]))]
    if sentence and asked.text in (sentence.text, sentence.gapped):  # another version may have another of that number
        answer += _truth(say, state, sentence)
    parts = [
        *_beginning(say, asked, result),
        ui.TextDisplay("\n".join([*answer, *_guessed(say, names, options, tally)])),
        ui.TextDisplay(_lesson(say, state, result)),
    ]
    view = seen(state, options)
    command = KINDS[state.question.kind].command
    row = [
        button("again", key, str(state), say("Again"), style=discord.ButtonStyle.primary),
        button("numbers", key, str(view), say("As text")),
        button("lens", key, view.detail_for(command), say("Try /{command}", command=command)),
    ]
    return QuizCard([*parts, *_ending(say, asked)], [row], drawing, layout.command)


def count_guesses(say: Language, count: int) -> str:
    """How many people have guessed."""
    if not count:
        return say("Nobody has guessed yet")
    return say("**{count:,} guess**" if count == 1 else "**{count:,} guesses**", count=count)


def _beginning(say: Language, asked: Asked, result: Result) -> list[ui.TextDisplay[Any]]:
    question = asked.state.question
    match question.kind, result:
        case "head", AttentionMap():
            told = _heads(say, asked.state, result, answered=False).finding()
        case "look", AttentionMap():
            layer, head, query, *_ = question.numbers
            word = word_span(written_word(result.source, query))
            told = say(
                "Which word does {word} look at most in layer {layer}, head {head}?",
                word=word,
                layer=layer + 1,
                head=head + 1,
            )
        case _:
            told = say(QUESTIONS[question.kind])
    return [ui.TextDisplay(f"### {told}"), text_display(asked.text, result)]


def _ending(say: Language, asked: Asked) -> list[ui.TextDisplay[Any]]:
    """The points, where they are counted, and the model."""
    known = asked.model.name in BUNDLED_MODELS and asked.state.question.kind != "tokens"
    model = [model_line(asked.model), *([say(BUNDLED_MODELS[asked.model.name])] if known else [])]
    points: list[ui.TextDisplay[Any]] = []
    if asked.points is not None:
        best = sorted(asked.points.items(), key=lambda one: -one[1])[:LISTED]
        lines = [f"<@{person}> · {count}" for person, count in best]
        none = say("-# Whoever guesses right gets a point, and is listed here by name")
        more = [say("-# Only the best {most} are kept", most=LISTED)] if len(asked.points) > LISTED else []
        points = [ui.TextDisplay("\n".join([say("**Points**"), *(lines or [none]), *more]), id=POINTS)]
    return [*points, ui.TextDisplay(" · ".join(model))]


def _rule(say: Language, ends: int, *, alone: bool) -> str:
    if alone:
        return say("-# Press your guess to see the answer")
    if ends:
        when = f"<t:{ends}:R>"
        return say("-# One guess each: another press changes it. The answer comes {when}, or before", when=when)
    return say("-# One guess each: another press changes it. Whoever started the round reveals the answer")


def _truth(say: Language, state: QuizState, sentence: Sentence) -> list[str]:
    """What stood there, or how it was meant: the model may say something else."""
    if state.question.kind == "word":
        return [say("The sentence was written with {word}", word=word_span(sentence.hidden))]
    if state.question.kind == "label" and sentence.opinion:
        return [say(OPINIONS[sentence.opinion])]
    return []


def _lesson(say: Language, state: QuizState, result: Result) -> str:
    """What the answer teaches, and what to try next."""
    count = result.layers * result.heads if isinstance(result, AttentionMap) else 0
    return say(LESSONS[state.question.kind], count=count)


def _guessed(say: Language, names: Sequence[str], options: Options, tally: Sequence[int] | None) -> list[str]:
    """How people guessed, an option a line."""
    if tally is None:
        lost = say(LOST)
        return [f"-# {lost}"]
    most, lines = max(sum(tally), 1), list[str]()
    for number, (name, count) in enumerate(zip(names, tally, strict=True)):
        bar = "▰" * -(-count * LONGEST_BAR // most)
        lines.append(f"{'✅' if number == options.right else '▫️'} {word_span(name)} {count} {bar}".rstrip())
    return lines


def _named(say: Language, state: QuizState, options: Options) -> list[str]:
    if state.question.kind != "head":
        return [*options.names]
    return [say("Picture {number}", number=int(name)) for name in options.names]


def _heads(say: Language, state: QuizState, result: Any, *, answered: bool) -> FourHeads:
    heads = tuple((layer + 1, head + 1) for layer, head in heads_of(state.question.numbers))
    pattern = PATTERNS[state.question.numbers[0]]
    return FourHeads(result, heads, pattern, answered, state.theme, say)
