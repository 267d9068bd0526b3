"""How one row of attention weights was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.results.pieces import to_arrays
from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionRow(Shown):
    """What one token looks for, what each of N tokens offers, and the weights that come of it, in one head.

    ``softmax(scale · query · keyᵀ + added)`` are `weights`, to what float32 can hold.

    Attributes:
        source: What was asked, and its tokens: those that are looked at, unless `read` is.
        layer: From 0.
        head: From 0.
        position: The token that looks, from 0.
        query: Its query ``(d,)``, as it is multiplied: positions that a model rotates into it are in it.
        key: The keys ``(N, d)``, in the same way.
        scale: What each product is multiplied by; 1 where a model has scaled its queries or keys before.
        added: What is added to each scaled product ``(N,)``: a bias, such as one of relative positions; -inf where a
            key is hidden, such as what comes later; mostly 0.
        weights: As the model has computed them ``(N,)``, float32; they sum to 1.
        norms: How long the value of each token is ``(N,)``, or ``None`` where that is not known.
        read: The tokens that are looked at within a decoder: what it had read.
        rows: The tokens that look, where they are not those that are looked at: what a decoder wrote.
        side: Which attention of a model with an encoder and a decoder: "encoder", "decoder" or "cross".
    """

    source: Tokenization
    layer: int
    head: int
    position: int
    query: Floats
    key: Floats
    scale: float
    added: Floats
    weights: Floats
    norms: Floats | None = None
    read: Tokenization | None = None
    rows: Tokenization | None = None
    side: str = ""

    @property
    def looked_at(self) -> Tokenization:
        """The N tokens that are looked at."""
        return self.read or self.source

    @property
    def queries(self) -> Tokenization:
        """The tokens that look."""
        return self.rows or self.looked_at

    @property
    def width(self) -> int:
        """The dimensions d of a query."""
        return len(self.query)

    @property
    def products(self) -> npt.NDArray[np.float64]:
        """Query times key in each dimension ``(N, d)``."""
        return self.key.astype(np.float64) * self.query

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """What the softmax is given ``(N,)``."""
        return self.scale * self.products.sum(axis=1) + self.added

    @property
    def is_divided_by_root(self) -> bool:
        """Whether products are divided by √d, as in "Attention Is All You Need"."""
        return abs(self.scale * self.width**0.5 - 1) < 1e-6

    @property
    def most_looked_at(self) -> int:
        """The other word that is looked at most; where there is none, any token."""
        ordinary = np.array([not token.special for token in self.looked_at.tokens])
        if self.rows is None:
            ordinary[self.position] = False
        looked = np.where(ordinary, self.weights, -1.0)
        return int(looked.argmax() if looked.max() > 0 else self.weights.argmax())

    def columns(self) -> Columns:
        """A row for each token that is looked at: the sum of its products, what becomes of it, its weight."""
        places = np.arange(1, len(self.weights) + 1)
        norms = {} if self.norms is None else {"value norm": self.norms}
        return {
            "column": places,
            "to": [token.piece for token in self.looked_at.tokens],
            "product": self.products.sum(axis=1),
            "scaled": self.scale * self.products.sum(axis=1),
            "added": self.added,
            "weight": self.weights,
            **norms,
        }

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name."""
        place = {"layer": self.layer, "head": self.head, "position": self.position, "scale": self.scale}
        found = {name: np.array(value) for name, value in place.items()} | to_arrays(self.looked_at)
        found |= {"query": self.query, "key": self.key, "added": self.added, "weights": self.weights}
        return found if self.norms is None else {**found, "value_norms": self.norms}

    def __repr__(self) -> str:
        token = self.queries.tokens[self.position].piece
        place = f"layer {self.layer + 1}, head {self.head + 1}"
        return short(self, f"“{token}”", place, f"d = {self.width}", beginning(self.source.text))
