"""A text as each layer of a language model would read it: the logit lens at every position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.results.pieces import to_arrays
from core.results.shown import Columns, Shown, beginning, counted, short
from core.results.tokenization import Tokenization
from core.results.unmask import settled


@dataclass(frozen=True, slots=True)
class WordPath:
    """A word on its way through the layers, where the model answers.

    Attributes:
        position: The token at which it answers, from 0: a mask, or the one after which the word comes.
        word: The word, as the vocabulary has it.
        ranks: Its place among all words, from 1: by the embeddings, then after each layer.
        probabilities: Its probability, in the same way.
    """

    position: int
    word: str
    ranks: tuple[int, ...]
    probabilities: tuple[float, ...]

    @property
    def settled(self) -> int | None:
        """The first layer from which it stays on top, 0 for the embeddings; ``None`` if it does not end there."""
        return settled(self.ranks) if self.ranks[-1] == 1 else None


@dataclass(frozen=True, slots=True, eq=False)
class LensMap(Shown):
    """What a language model would put at each of N positions if it ended after some layer.

    Of a masked model that is the token at the position, of a causal one the next. Row 0 are the embeddings.

    Attributes:
        source: The text and its tokens.
        best: The most probable token ``(layers + 1, N)``, as text.
        probabilities: Its probability ``(layers + 1, N)``, float32.
        paths: Words that are followed where the model answers: those that were named, then its likeliest.
        named: The words that somebody wanted to follow.
        split: Those of them that the vocabulary spells in several pieces: they have no rank.
    """

    source: Tokenization
    best: tuple[tuple[str, ...], ...]
    probabilities: npt.NDArray[np.float32]
    paths: tuple[WordPath, ...]
    named: tuple[str, ...] = ()
    split: tuple[str, ...] = ()

    @property
    def layers(self) -> int:
        """How many layers the model has."""
        return len(self.best) - 1

    @property
    def places(self) -> tuple[int, ...]:
        """The positions at which the model answers, from 0."""
        return tuple(dict.fromkeys(path.position for path in self.paths))

    def columns(self) -> Columns:
        """A row for each position of each layer, positions from 1; layer 0 is the embeddings."""
        listed = [(layer, place) for layer in range(len(self.best)) for place in range(len(self.source.tokens))]
        return {
            "layer": [layer for layer, _ in listed],
            "position": [place + 1 for _, place in listed],
            "token": [self.source.tokens[place].piece for _, place in listed],
            "word": [self.best[layer][place] for layer, place in listed],
            "probability": [float(self.probabilities[layer, place]) for layer, place in listed],
        }

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name; of the words that are followed a row each."""
        return {
            **to_arrays(self.source),
            "best": np.array(self.best, dtype=np.str_),
            "probabilities": self.probabilities,
            "followed": np.array([path.word for path in self.paths], dtype=np.str_),
            "followed_at": np.array([path.position for path in self.paths]),
            "followed_ranks": np.array([path.ranks for path in self.paths]),
            "followed_probabilities": np.array([path.probabilities for path in self.paths], np.float32),
        }

    def __repr__(self) -> str:
        size = f"{counted(self.layers, 'layer')} × {counted(len(self.source.tokens), 'token')}"
        return short(self, size, beginning(self.source.text), self.source.model.name)
