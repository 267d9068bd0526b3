"""Attention: of a forward pass, and worked out on small matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.results.tokenization import Tokenization


@dataclass(frozen=True, slots=True, eq=False)
class Norms:
    """How long the vectors are that attention passes on (Kobayashi et al. 2020, arXiv:2004.10102).

    With f(x) = (x W_V + b_V) W_O of a head, and x_j what that layer reads at token j:

    Attributes:
        heads: ‖f(x_j)‖, float32 ``(layers, heads, N)``.
        layers: ‖Σ_h A_ij f(x_j)‖, the norm after the sum over heads, float32 ``(layers, M, N)``.
    """

    heads: npt.NDArray[np.float32]
    layers: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionMap:
    """Every attention weight of one forward pass, or what changed in each between two.

    Attributes:
        source: The text and its N tokens: those that are looked at.
        weights: float16 array ``(layers, heads, M, N)``; row = the token that looks (query), column = the token
            looked at (key); each row sums to 1.
        causal: Whether a token can only look at itself and what came before it.
        norms: Those of what is passed on, or ``None`` where the model's family is not known.
        rows: The M tokens that look, where they are not those of `source`: in cross-attention those that the decoder
            writes, each in the row in which it is decided.
        signed: Whether these are differences of two maps: more in the second is positive, and each row sums to 0.
        related: Other maps that belong to this one: ``encoder`` and ``decoder`` of cross-attention, ``first`` and
            ``second`` of a difference.
    """

    source: Tokenization
    weights: npt.NDArray[np.float16]
    causal: bool = False
    norms: Norms | None = None
    rows: Tokenization | None = None
    signed: bool = False
    related: Mapping[str, AttentionMap] = field(default_factory=dict)

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return int(self.weights.shape[0])

    @property
    def heads(self) -> int:
        """How many heads each layer has."""
        return int(self.weights.shape[1])

    @property
    def queries(self) -> Tokenization:
        """The M tokens of the rows."""
        return self.rows or self.source

    @property
    def is_self_attention(self) -> bool:
        """Whether each token of one text looks at every other: neither cross-attention nor a difference."""
        return self.rows is None and not self.signed


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExercise:
    """Every step of scaled dot-product attention over small matrices, float32.

    Attributes:
        query: Q ``(N, d_k)``, what each of N positions looks for.
        key: K ``(M, d_k)``, what each of M positions offers.
        value: V ``(M, d_v)``, what each of them passes on.
        scores: QKᵀ ``(N, M)``.
        scaled: The scores divided by √d_k.
        masked: The scaled scores plus -1e9 where a key is hidden, or ``None`` without a mask.
        weights: The softmax of each row ``(N, M)``; rows sum to 1.
        output: The weights times V ``(N, d_v)``.
        seed: That of random matrices, or ``None`` for typed ones.
    """

    query: npt.NDArray[np.float32]
    key: npt.NDArray[np.float32]
    value: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    scaled: npt.NDArray[np.float32]
    masked: npt.NDArray[np.float32] | None
    weights: npt.NDArray[np.float32]
    output: npt.NDArray[np.float32]
    seed: int | None
