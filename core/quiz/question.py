"""A question, without its answer, small enough to travel in a custom_id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self, get_args

from core.errors import BadInput, Expired

Kind = Literal["word", "tokens", "label", "head", "look"]
"""A hidden word, how many tokens, positive or negative, which head, where a word looks."""

WRITTEN = re.compile(r"([a-z]+)((?:-\d{1,9})+)")

Numbers = tuple[int, ...]
"""What is asked, in the numbers of its kind: see the module of that kind."""


class NoQuestion(BadInput):
    """Nothing with one clear answer can be asked about a text."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a text that is known, of a model that is known.

    Attributes:
        kind: Of which kind it is.
        numbers: The options, and what they are options of: see the module of that kind.
    """

    kind: Kind
    numbers: Numbers

    @property
    def count(self) -> int:
        """How many options there are."""
        return len(self.numbers) if self.kind == "label" else 4

    def __str__(self) -> str:
        return "-".join([self.kind, *map(str, self.numbers)])

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read what `str` wrote.

        Raises:
            Expired: It was written by another version.
        """
        found = WRITTEN.fullmatch(written)
        kind = next((kind for kind in get_args(Kind) if found and kind == found[1]), None)
        if not found or not kind:
            raise Expired
        return cls(kind, tuple(map(int, found[2].split("-")[1:])))


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen.

    Attributes:
        names: Each as it is called; of pictures their numbers, from 1.
        right: The place of what the model does among them, from 0.
    """

    names: tuple[str, ...]
    right: int
