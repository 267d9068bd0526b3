"""What single stops of a course are about: numbers that one picture shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.results.shown import Columns, Shown, beginning, counted, short
from core.results.tokenization import ModelInfo, Tokenization
from core.results.unmask import Unmasked

Floats = npt.NDArray[np.float32]

PARTS = ("attention", "feed-forward")
"""Of a layer, in the order in which a token meets them."""


@dataclass(frozen=True, slots=True, eq=False)
class Saturation(Shown):
    """Attention of random queries to random keys, with and without the division by √d, for several d.

    Attributes:
        seed: Of the random numbers.
        depths: Each d, how many numbers a query and a key have.
        plain: softmax(QKᵀ) ``(depths, N, M)``, float32.
        scaled: softmax(QKᵀ / √d), the same queries and keys.
    """

    seed: int
    depths: tuple[int, ...]
    plain: Floats
    scaled: Floats

    @property
    def bits(self) -> tuple[Floats, Floats]:
        """The entropy of each row of `plain` and of `scaled` ``(depths, N)``: from 0 to log₂ M bits."""
        return entropy(self.plain), entropy(self.scaled)

    def columns(self) -> Columns:
        """A row for each query of each d, from 1: its entropy in bits without and with the division."""
        plain, scaled = self.bits
        places = [(d, query) for d in range(len(self.depths)) for query in range(self.plain.shape[1])]
        return {
            "d": [self.depths[d] for d, _ in places],
            "query": [query + 1 for _, query in places],
            "plain": [float(plain[at]) for at in places],
            "scaled": [float(scaled[at]) for at in places],
        }

    def __repr__(self) -> str:
        return short(self, f"d = {', '.join(map(str, self.depths))}", f"seed {self.seed}")


@dataclass(frozen=True, slots=True, eq=False)
class Positions(Shown):
    """What a model adds to a token at each of its first positions.

    Attributes:
        model: The model.
        vectors: One for each position, float32 ``(N, width)``; of a model with a decoder the encoder's.
        learned: Whether they were learned; False for sines and cosines.
    """

    model: ModelInfo
    vectors: Floats
    learned: bool

    @property
    def cosines(self) -> Floats:
        """How alike each two positions are ``(N, N)``, from −1 to 1."""
        vectors = self.vectors.astype(np.float64)
        directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(float).tiny)
        return (directions @ directions.T).astype(np.float32)

    def alike(self, distance: int) -> float:
        """The mean cosine of all positions that are so far apart."""
        return float(self.cosines.diagonal(distance).mean())

    def columns(self) -> Columns:
        """A row for each two positions, from 0: their distance and their cosine."""
        first, second = (places.tolist() for places in np.triu_indices(len(self.vectors), 1))
        return {
            "position": first,
            "other": second,
            "distance": [far - near for near, far in zip(first, second, strict=True)],
            "cosine": self.cosines[first, second].tolist(),
        }

    def __repr__(self) -> str:
        kind = "learned" if self.learned else "sinusoidal"
        return short(self, counted(len(self.vectors), "position"), kind, self.model.name)


@dataclass(frozen=True, slots=True, eq=False)
class BlockMoves(Shown):
    """How far each part of each layer moves each token: what it adds, against what the residual stream is there.

    Attributes:
        source: The text and its N tokens.
        stream: How long the stream is before each part, float32 ``(layers, 2, N)``: attention, then feed-forward.
        added: How long what the part adds is.
        cosines: Of the stream before and after the part, with the norm that follows the sum where one does.
        normed: Whether one does, as in BERT; GPT-2 norms what goes into a part.
    """

    source: Tokenization
    stream: Floats
    added: Floats
    cosines: Floats
    normed: bool

    @property
    def shares(self) -> Floats:
        """What each part adds, as a share of the stream that it is added to ``(layers, 2, N)``."""
        return (self.added / np.maximum(self.stream, np.finfo(np.float32).tiny)).astype(np.float32)

    def columns(self) -> Columns:
        """A row for each token and each part, layers and positions from 1."""
        layers, parts, tokens = (axis.ravel() for axis in np.indices(self.stream.shape))
        return {
            "layer": (layers + 1).tolist(),
            "part": [PARTS[part] for part in parts],
            "position": (tokens + 1).tolist(),
            "token": [self.source.tokens[token].piece for token in tokens],
            "stream": self.stream.ravel().tolist(),
            "added": self.added.ravel().tolist(),
            "share": self.shares.ravel().tolist(),
            "cosine": self.cosines.ravel().tolist(),
        }

    def __repr__(self) -> str:
        return short(self, counted(len(self.stream), "layer"), beginning(self.source.text), self.source.model.name)


@dataclass(frozen=True, slots=True)
class FillOrContinue(Shown):
    """The same place of a sentence for a model that sees both sides of it, and for one that sees what comes before.

    Attributes:
        filled: What a masked model puts there.
        continued: What a causal model writes next.
        hidden: The word that was there; empty if a gap was given.
    """

    filled: Unmasked
    continued: Unmasked
    hidden: str = ""

    @property
    def text(self) -> str:
        """The text with its gap, as it was written."""
        return self.continued.source.text

    def columns(self) -> Columns:
        """A row for each word of each model."""
        listed = [
            (way, rank, answer.source.model.name, one)
            for way, answer in (("fills", self.filled), ("goes on", self.continued))
            for rank, one in enumerate(answer.masks[0], 1)
        ]
        return {
            "way": [way for way, *_ in listed],
            "model": [model for _, _, model, _ in listed],
            "rank": [rank for _, rank, *_ in listed],
            "word": [one.word for *_, one in listed],
            "probability": [one.probability for *_, one in listed],
        }

    def __repr__(self) -> str:
        words = " / ".join(answer.masks[0][0].word.strip() for answer in (self.filled, self.continued))
        return short(self, words, beginning(self.text))


def entropy(weights: Floats) -> Floats:
    """−Σ p log₂ p over the last axis, in bits; what is 0 adds nothing."""
    wide = weights.astype(np.float64)
    return -(wide * np.log2(np.where(wide > 0, wide, 1))).sum(axis=-1).astype(np.float32)
