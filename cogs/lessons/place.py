"""Where somebody is in the lesson, small enough to travel in a custom_id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from cogs.lessons.stop import Stop
from cogs.lessons.unit import STOPS
from core.errors import Expired
from core.render.kit.drawing.palette import Theme

OPEN = -1
"""The number that stands for no answer yet."""

THEMED = ".theme"
"""Ends the detail of the button that changes the theme, behind the place."""

MOST_OPTIONS = 5
"""Of a question: Discord's row of buttons."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stop, and what was answered there.

    Attributes:
        key: Which of `STOPS`.
        answer: The number of the option that was chosen, or `OPEN`.
        theme: Of the picture.
    """

    key: str
    answer: int = OPEN
    theme: Theme = "dark"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises:
            Expired: It was written by another version.
        """
        try:
            key, answer, theme = text.split(".")
            place = cls(key, int(answer), "light" if theme == "light" else "dark")
        except ValueError:
            raise Expired("learn") from None
        if key not in STOPS or not OPEN <= place.answer < MOST_OPTIONS:
            raise Expired("learn")
        return place

    def __str__(self) -> str:
        return f"{self.key}.{self.answer}.{self.theme}"

    @property
    def stop(self) -> Stop:
        """The stop itself."""
        return STOPS[self.key]

    @property
    def number(self) -> int:
        """Which one it is, from 1."""
        return [*STOPS].index(self.key) + 1

    def beside(self, steps: int) -> Self | None:
        """The stop that comes so many later, or before; none at the ends."""
        there = self.number - 1 + steps
        return replace(self, key=[*STOPS][there], answer=OPEN) if 0 <= there < len(STOPS) else None

    @property
    def in_other_theme(self) -> Self:
        """The same, light instead of dark or dark instead of light."""
        return replace(self, theme="light" if self.theme == "dark" else "dark")
