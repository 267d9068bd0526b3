"""A round of the quiz as its card carries it: the question without its answer, so that it outlives the process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import discord

from cogs.cards.question import CardQuestion
from core import Core
from core.errors import Expired
from core.quiz import KINDS, Question
from core.render.kit.drawing.palette import Theme
from core.results import ModelInfo

POINTS = 3000
"""The id of the text with the points of a series."""

LISTED = 50
"""The most people in it."""

LINE = re.compile(r"<@(\d{1,20})> · (\d{1,6})")


@dataclass(frozen=True, slots=True)
class QuizState:
    """What the custom_ids of a round hold.

    Attributes:
        question: What is asked.
        sentence: The number of the sentence that it is about, see `core.quiz.bank`; empty if somebody typed it.
        language: The code of the language of the card.
        theme: Of its pictures.
        seconds: After which the rounds of this series end by themselves; 0 if nobody said.
    """

    question: Question
    sentence: str = ""
    language: str = "en"
    theme: Theme = "dark"
    seconds: int = 0

    def __str__(self) -> str:
        return f"{self.question}.{self.sentence}.{self.language}.{self.theme}.{self.seconds}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote.

        Raises:
            Expired: It was written by another version.
        """
        try:
            question, sentence, language, theme, seconds = written.split(".")
            return cls(
                Question.parse(question), sentence, language, "light" if theme == "light" else "dark", int(seconds)
            )
        except ValueError:
            raise Expired from None


@dataclass(frozen=True, slots=True)
class Asked:
    """A round, as its controls and its card tell it.

    Attributes:
        key: What its controls call it, and its result.
        state: What its controls hold.
        text: What the question is about.
        model: Which model is asked.
        points: How often each person guessed right in this series; nothing where nobody counts.
        card: The id of its message, once it has one.
    """

    key: str
    state: QuizState
    text: str
    model: ModelInfo
    points: Mapping[int, int] | None
    card: int = 0

    def with_points(self, people: Iterable[int]) -> Self:
        """The same, with a point more for some people."""
        return replace(self, points=Counter(self.points or {}) + Counter(people))

    @classmethod
    def read(cls, core: Core, message: discord.Message | None, key: str, state: QuizState) -> Self:
        """Read a card, given what one of its controls holds.

        Raises:
            Expired: It is no card of a round, or its model can no longer be asked for.
        """
        card, written = CardQuestion.read(message), _points(message.components) if message else None
        model = card.model(core, KINDS[state.question.kind].command)
        points = None if written is None else {int(person): int(count) for person, count in LINE.findall(written)}
        return cls(key, state, card.text, model, points, message.id if message else 0)


def _points(components: Any) -> str | None:
    """The text with the points, if there is one."""
    for component in components:
        if isinstance(component, discord.TextDisplay) and component.id == POINTS:
            return component.content
        inner = _points(getattr(component, "children", ()))
        if inner is not None:
            return inner
    return None
