"""Attention worked out on small matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.results.shown import Columns, Shown, short


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExercise(Shown):
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

    def columns(self) -> Columns:
        """A row for each number: its step, its row and column from 1, its value."""
        steps = {"scores": self.scores, "scaled": self.scaled, "weights": self.weights, "output": self.output}
        listed = [(name, *place, value) for name, values in steps.items() for place, value in np.ndenumerate(values)]
        return {
            "step": [name for name, *_ in listed],
            "row": [row + 1 for _, row, _, _ in listed],
            "column": [column + 1 for _, _, column, _ in listed],
            "value": [float(value) for *_, value in listed],
        }

    def glance(self) -> Columns:
        """The weights and the output, row by row."""
        named = {"weight": self.weights, "output": self.output}
        return {f"{name} {n}": column.tolist() for name, step in named.items() for n, column in enumerate(step.T, 1)}

    def __repr__(self) -> str:
        (looks, depth), looked = self.query.shape, len(self.key)
        return short(self, f"{looks} queries, {looked} keys", f"d = {depth}", "" if self.masked is None else "masked")
