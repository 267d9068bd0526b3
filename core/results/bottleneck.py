"""What an encoder and a decoder can do with a sentence, whole or squeezed into one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.results.shown import Columns, Shown, beginning, counted, short
from core.results.tokenization import ModelInfo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Writing:
    """What a decoder wrote.

    Attributes:
        text: What it wrote.
        right: The share of the words to be written that it wrote, in their order: see `recall`.
    """

    text: str
    right: float


@dataclass(frozen=True, slots=True)
class BottleneckRow:
    """The first words of a sentence, and what became of them.

    Attributes:
        words: How many words.
        text: These words.
        expected: What was to be written.
        whole: What the decoder wrote as it is.
        one: Through one vector: the mean of the encoder's states in the place of all.
        cut: With its cross-attention cut off: adding nothing.
    """

    words: int
    text: str
    expected: str
    whole: Writing
    one: Writing
    cut: Writing

    @property
    def ways(self) -> tuple[Writing, Writing, Writing]:
        """The three of them."""
        return self.whole, self.one, self.cut


@dataclass(frozen=True, slots=True)
class Bottleneck(Shown):
    """One vector for a whole sentence against looking back, by the length of the sentence.

    Attributes:
        model: Which model says sentences backwards.
        rows: More and more words of one sentence, the last row all of them.
    """

    model: ModelInfo
    rows: tuple[BottleneckRow, ...]

    def columns(self) -> Columns:
        """A row for each length: the shares of words that are right, and what was written."""
        return {
            "words": [row.words for row in self.rows],
            "text": [row.text for row in self.rows],
            "expected": [row.expected for row in self.rows],
            **{name: [getattr(row, name).right for row in self.rows] for name in ("whole", "one", "cut")},
            **{f"{name} wrote": [getattr(row, name).text for row in self.rows] for name in ("whole", "one", "cut")},
        }

    def __repr__(self) -> str:
        return short(self, counted(len(self.rows), "length"), beginning(self.rows[-1].text), self.model.name)


def recall(expected: Sequence[T], written: Sequence[T]) -> float:
    """The longest common subsequence as a share of what was expected: ROUGE-L's recall (Lin 2004)."""
    lengths = [0] * (len(written) + 1)
    for word in expected:
        before = 0
        for place, other in enumerate(written, 1):
            longer = before + 1 if word == other else max(lengths[place - 1 : place + 1])
            before, lengths[place] = lengths[place], longer
    return lengths[-1] / len(expected) if expected else 1.0
