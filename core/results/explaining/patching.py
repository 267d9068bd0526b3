"""What of an answer comes back when parts of one run of a model are copied into another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.results.explaining.ablation import Part
from core.results.pieces import to_arrays
from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Patching(Shown):
    """How far each part of a second text's run moves the answer to a first text towards that to the second.

    All numbers are differences of two logits: that of the first answer minus that of the second, where the model
    answers. Both texts have N tokens.

    Attributes:
        source: The first text and its tokens; its `text` is that of both.
        other: The second.
        answers: The likeliest word of the first text and that of the second, or two words that were named.
        whole: The difference of the first text, and of the second.
        heads: Of the first text with one head's output of the second ``(layers, heads)``, float32.
        positions: The same with the residual stream at one position, ``(layers + 1, N)``: row 0 after the embeddings,
            the others after each layer.
        named: The two words, if they were named.
    """

    source: Tokenization
    other: Tokenization
    answers: tuple[str, str]
    whole: tuple[float, float]
    heads: Floats
    positions: Floats
    named: tuple[str, ...] = ()

    def shares(self, differences: Floats) -> Floats:
        """How much of the way from the first text to the second some differences are: 0 for none, 1 for all of it."""
        first, second = self.whole
        return (first - differences) / np.float32(first - second) if first != second else np.zeros_like(differences)

    @property
    def strongest(self) -> Part:
        """The head that moves the answer farthest."""
        layer, head = np.unravel_index(int(self.shares(self.heads).argmax()), self.heads.shape)
        return Part("", int(layer), "head", int(head))

    @property
    def changed(self) -> tuple[int, ...]:
        """The positions at which the texts differ, from 0."""
        pairs = zip(self.source.ids, self.other.ids, strict=True)
        return tuple(place for place, (one, other) in enumerate(pairs) if one != other)

    def columns(self) -> Columns:
        """A row for each head, then one for each position after each layer; all from 1, layer 0 is the embeddings."""
        found: dict[str, list[Any]] = {name: [] for name in ("patched", "layer", "head", "position", "share")}
        for kind, differences in (("head", self.heads), ("residual", self.positions)):
            for (row, column), share in np.ndenumerate(self.shares(differences)):
                head = kind == "head"
                values = (kind, row + head, column + 1 if head else None, None if head else column + 1, float(share))
                for name, value in zip(found, values, strict=True):
                    found[name].append(value)
        return found

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name: the logit differences, and everything about the tokens."""
        return {
            **to_arrays(self.source),
            **to_arrays(self.other, "other_"),
            "answers": np.array(self.answers, dtype=np.str_),
            "whole": np.array(self.whole, np.float32),
            "heads": self.heads,
            "positions": self.positions,
        }

    def __repr__(self) -> str:
        answers = " → ".join(word.strip() for word in self.answers)
        return short(self, answers, beginning(self.source.text), self.source.model.name)
