"""What rows and columns are called, and which of them are followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.language import Language
from core.render.kit.drawing.text import measure, shorten
from core.render.kit.squares.matrices import named, numbered
from core.render.kit.wording.labels import visible
from core.render.kit.wording.words import Quote, opening, plain
from core.results import WorkedExercise

_WIDEST = 96  # pixels of a name


@dataclass(frozen=True, slots=True)
class Names:
    """The names of queries, keys, values and rows of the output: words where there are some, else q₁, k₁, v₁, o₁."""

    queries: tuple[str, ...]
    keys: tuple[str, ...]
    values: tuple[str, ...]
    outputs: tuple[str, ...]
    words: bool

    @classmethod
    def of(cls, worked: WorkedExercise) -> Names:
        """Those of an exercise."""
        queries, keys = (tuple(_shown(names)) for names in worked.names)
        if queries:
            return cls(queries, keys, keys, queries, True)
        counts = len(worked.query), len(worked.key)
        letters = "xxxo" if worked.block else "qkvo"  # those of a block are rows of one matrix
        q, k, v, o = (tuple(named(letter, n) for n in range(counts[letter in "kv"])) for letter in letters)
        return cls(q, k, v, o, False)

    def told(self, name: str, quote: Quote) -> str:
        """A name within a sentence."""
        return quote(name) if self.words else name


@dataclass(frozen=True, slots=True)
class Followed:
    """What the sentences follow: a head from 1 (0 if there is only one), a query and a key."""

    head: int
    row: int
    column: int

    @classmethod
    def of(cls, worked: WorkedExercise) -> Followed:
        """Where the largest weight is, in the rows in which it leaves something over, if there are any."""
        weights = worked.weights if worked.heads > 1 else worked.weights[None]
        shared = weights.max(axis=-1, keepdims=True) < 1
        chosen = np.where(shared, weights, 0) if shared.any() else weights
        head, row, column = np.unravel_index(int(chosen.argmax()), weights.shape)
        return cls(int(head) + 1 if worked.heads > 1 else 0, int(row), int(column))

    def told(self, say: Language, sentence: str) -> str:
        """A sentence about it, with its head."""
        return opening(f"{say('head {head}', head=self.head)} · {sentence}") if self.head else sentence


def _shown(names: Sequence[str]) -> Iterator[str]:
    """Short names that can be seen, with small numbers where two are the same."""
    short = [_shortened(visible(plain(name))) for name in names]
    total, seen = Counter(short), Counter[str]()
    for name in short:
        seen[name] += 1
        yield numbered(name, seen[name]) if total[name] > 1 else name


def _shortened(name: str) -> str:
    limits = range(10, 1, -1)
    return next((short for short in (shorten(name, limit) for limit in limits) if measure(short, 22) <= _WIDEST), "…")
