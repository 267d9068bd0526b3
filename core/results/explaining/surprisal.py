"""How probable each token of a text is to a language model: what surprises it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization


@dataclass(frozen=True, slots=True)
class JudgedToken:
    """How probable a token is where it stands.

    Attributes:
        position: Its place among the tokens, from 0.
        bits: Its surprisal, -log2 of its probability.
        expected: The most probable tokens there, as text, with their probabilities.
    """

    position: int
    bits: float
    expected: tuple[tuple[str, float], ...]

    @property
    def probability(self) -> float:
        """Its probability over the vocabulary."""
        return 2.0**-self.bits


@dataclass(frozen=True, slots=True)
class Surprisal(Shown):
    """What surprises a language model in a text.

    Attributes:
        source: The text and its tokens, by the model that judged them.
        tokens: Those that were judged: no special ones and no masks, and of a causal model not the very first, before
            which there is nothing to guess it from.
        masked: Whether the model fills masks: then each word was hidden, with all others in sight, and the sum of the
            bits is a pseudo-log-likelihood.
    """

    source: Tokenization
    tokens: tuple[JudgedToken, ...]
    masked: bool

    @property
    def way(self) -> str:
        """The question that it answers, by the name of a method of the core."""
        return "surprisal"

    @property
    def bits(self) -> float:
        """All bits together."""
        return sum(one.bits for one in self.tokens)

    @property
    def perplexity(self) -> float:
        """Two to the mean of the bits: as surprising as a choice among so many tokens; of no token 1."""
        return 2.0 ** (self.bits / len(self.tokens)) if self.tokens else 1.0

    def columns(self) -> Columns:
        """A row for each token that was judged: its place from 1, its spelling, and what was expected."""
        tokens = self.source.tokens
        return {
            "token": [one.position + 1 for one in self.tokens],
            "piece": [tokens[one.position].piece for one in self.tokens],
            "bits": [one.bits for one in self.tokens],
            "probability": [one.probability for one in self.tokens],
            "expected": [one.expected[0][0] for one in self.tokens],
            "its probability": [one.expected[0][1] for one in self.tokens],
        }

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name."""
        return {name: np.array(column) for name, column in self.columns().items()}

    def __repr__(self) -> str:
        told = f"perplexity {self.perplexity:.3g}"
        return short(self, told, beginning(self.source.text), self.source.model.name)
