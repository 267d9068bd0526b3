"""What is to be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from core.lab.matrices import LARGEST, SEED, Matrix

Kind: TypeAlias = Literal["scaled", "dot", "additive", "general"]
Positions: TypeAlias = Literal["none", "sinusoidal", "rotary"]
Scale: TypeAlias = bool | float | None
Shape: TypeAlias = tuple[int, int]

KINDS: tuple[Kind, ...] = get_args(Kind)
POSITIONS: tuple[Positions, ...] = get_args(Positions)

PRODUCTS = ("scaled", "dot")
"""The kinds that multiply a query by a key and learn nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """What to work out: three typed matrices, or a shape and the seed of random ones, and in which way.

    Attributes:
        matrices: Query ``(N, d_k)``, key ``(M, d_k)`` and value ``(M, d_v)``; ``None`` to draw them at random.
        shape: ``(N, M, d)`` of the random ones: one row per position.
        seed: Where the random numbers begin.
        mask: ``(N, M)``; 1 hides a key from a query.
        kind: How a query and a key are compared.
        against: Another kind to work out beside it, or none.
        scale: Whether scores are divided by √d_k, or what they are multiplied by; ``None`` for what is usual of a kind.
        heads: Parts into which the columns are split, attended to one by one.
        positions: What tells the rows their places.
        block: Whether residuals, layer norms and a feed-forward network follow. Key and value are the query then.
        encodings: Whether the encodings of many positions are to be shown instead.
        learned: Typed ones of the matrices that a model would learn (see `wanted`); else random or identities.
        names: Of the queries and of the keys; none for q₁, q₂ and k₁, k₂.
        options: The same as it is typed; `parse_exercise` makes it of them.
    """

    matrices: tuple[Matrix, Matrix, Matrix] | None = None
    shape: tuple[int, int, int] = (3, 3, 4)
    seed: int = SEED
    mask: Matrix | None = None
    kind: Kind = "scaled"
    against: Kind | None = None
    scale: Scale = None
    heads: int = 1
    positions: Positions = "none"
    block: bool = False
    encodings: bool = False
    learned: tuple[Matrix, ...] = ()
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    options: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])

    @property
    def sizes(self) -> tuple[Shape, Shape, Shape]:
        """Rows and columns of query, key and value."""
        if self.matrices:
            query, key, value = (matrix.shape for matrix in self.matrices)
            return query, key, value
        queries, keys, depth = self.shape
        return (queries, depth), (keys, depth), (keys, depth)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Those that are worked out."""
        return (self.kind, self.against) if self.against else (self.kind,)

    @property
    def wanted(self) -> dict[str, Shape]:
        """The matrices that a model would learn, in the order in which they are typed, as large as they are drawn."""
        (_, depth), (_, width), _ = self.sizes
        found: dict[str, Shape] = {}
        for kind in self.kinds:
            if kind == "general":
                found["W"] = (depth, width)
            if kind == "additive":
                found |= {"W₁": (depth, depth), "W₂": (depth, width), "v": (1, depth)}
        if self.block:
            inner = depth if self.matrices else min(2 * depth, LARGEST)
            found |= {"F₁": (depth, inner), "F₂": (inner, depth)}
        return found
