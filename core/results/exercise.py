"""Attention worked out on small matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.results.shown import Columns, Shown, counted, short

Array = npt.NDArray[np.float32]

GIVEN = ("query", "key", "value")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One matrix on the way.

    Attributes:
        name: What it is: see `WorkedExercise`.
        values: Its numbers ``(rows, columns)``, float32; those of ``hidden`` are ``(N, M, m)``.
        head: Which head it belongs to, from 1; 0 if it is of all.
    """

    name: str
    values: Array
    head: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExercise(Shown):
    """Every step of attention over small matrices, in the order in which they are worked out.

    Steps: ``query`` Q ``(N, d_k)``, ``key`` K ``(M, d_k)``, ``value`` V ``(M, d_v)`` and what is learned, such as
    ``W``; ``positions``, ``placed_query`` and ``placed_key`` with positions; ``head_query``, ``head_key``,
    ``head_value`` and ``head_output`` with heads; ``mapped_query``, ``mapped_key`` and ``hidden`` of a score that is
    learned; ``scores`` and what becomes of them, ``scaled``, ``masked`` (−1e9 added where a key is hidden) and
    ``weights`` (their softmax; rows sum to 1), each ``(N, M)``; ``output`` ``(N, d_v)``; ``residual_1``, ``normed_1``,
    ``inner``, ``fed``, ``residual_2`` and ``normed_2`` of a block.

    Attributes:
        steps: All of them.
        kind: How query and key were compared: ``scaled``, ``dot``, ``additive`` or ``general``.
        scale: Whether scores were divided by √d_k, or what they were multiplied by.
        heads: How many.
        positions: ``none``, ``sinusoidal`` or ``rotary``.
        names: Of the queries and of the keys, or none.
        against: The same matrices, compared in another way.
        options: How to ask for it: the options of `core.lab.parse_exercise`.
    """

    steps: tuple[Step, ...]
    kind: str = "scaled"
    scale: bool | float = True
    heads: int = 1
    positions: str = "none"
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    against: WorkedExercise | None = None
    options: Mapping[str, str | int] | None = None

    def step(self, name: str, head: int = 0) -> Array | None:
        """The numbers of a step, if there is one; a head from 1 is asked for by its number, or else by 0."""
        found = (step.values for step in self.steps if step.name == name and step.head == (head or step.head))
        return next(found, None)

    @property
    def query(self) -> Array:
        """Q ``(N, d_k)``, what each of N positions looks for."""
        return self._whole("query")

    @property
    def key(self) -> Array:
        """K ``(M, d_k)``, what each of M positions offers."""
        return self._whole("key")

    @property
    def value(self) -> Array:
        """V ``(M, d_v)``, what each of them passes on."""
        return self._whole("value")

    @property
    def scores(self) -> Array:
        """How well each query fits each key ``(N, M)``; of several heads ``(heads, N, M)``."""
        return self._whole("scores")

    @property
    def scaled(self) -> Array | None:
        """The scores divided by √d_k, or multiplied by a number; ``None`` if they stay as they are."""
        return self._whole("scaled") if self.step("scaled") is not None else None

    @property
    def masked(self) -> Array | None:
        """These plus -1e9 where a key is hidden; ``None`` without a mask."""
        return self._whole("masked") if self.step("masked") is not None else None

    @property
    def weights(self) -> Array:
        """The softmax of each row ``(N, M)``; of several heads ``(heads, N, M)``."""
        return self._whole("weights")

    @property
    def output(self) -> Array:
        """The weights times V ``(N, d_v)``, heads side by side."""
        return self._whole("output")

    @property
    def block(self) -> bool:
        """Whether residuals, layer norms and a feed-forward network follow."""
        return self.step("fed") is not None

    @property
    def seed(self) -> int | None:
        """That of random matrices, or ``None`` for typed ones."""
        seed = (self.options or {}).get("seed")
        return None if seed is None else int(seed)

    def arrays(self) -> dict[str, Array]:
        """All steps by name, heads stacked; those of another kind begin with its name."""
        found = {name.translate(_PLAIN): self._whole(name) for name in dict.fromkeys(step.name for step in self.steps)}
        if self.against:
            others = {name: values for name, values in self.against.arrays().items() if name not in GIVEN}
            found |= {f"{self.against.kind}_{name}": values for name, values in others.items()}
        return found

    def columns(self) -> Columns:
        """A row for each number that was worked out: kind, head (0: all), step, row and column from 1, its value."""
        listed = list(self._cells()) + (list(self.against._cells()) if self.against else [])
        names = ("kind", "head", "step", "row", "column", "value")
        return {name: [row[number] for row in listed] for number, name in enumerate(names)}

    def glance(self) -> Columns:
        """The weights and the output, row by row."""
        weights = np.concatenate([step.values for step in self.steps if step.name == "weights"], axis=1)
        named = {"weight": weights, "output": self.output}
        return {f"{name} {n}": column.tolist() for name, step in named.items() for n, column in enumerate(step.T, 1)}

    def __repr__(self) -> str:
        (looks, depth), looked = self.query.shape, len(self.key)
        kind = "" if self.kind == "scaled" else self.kind
        heads = f"{self.heads} heads" if self.heads > 1 else ""
        masked = "" if self.masked is None else "masked"
        return short(
            self, f"{counted(looks, 'query', 'queries')}, {counted(looked, 'key')}", f"d = {depth}", kind, heads, masked
        )

    def _whole(self, name: str) -> Array:
        """A step of all heads; the heads are stacked."""
        found = [step.values for step in self.steps if step.name == name]
        return found[0] if len(found) == 1 else np.stack(found)

    def _cells(self) -> Iterator[tuple[str, int, str, int, int, float]]:
        for step in self.steps:
            if step.name not in GIVEN and step.values.ndim == 2:
                for (row, column), value in np.ndenumerate(step.values):
                    yield self.kind, step.head, step.name, row + 1, column + 1, float(value)


_PLAIN = str.maketrans("₁₂", "12")
