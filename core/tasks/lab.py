"""The lab: attention over the small matrices of an exercise, every step kept. No model is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from core.attention import HIDDEN, scaled_dot_product_attention
from core.lab import Exercise
from core.results import WorkedExercise


class LabTask:
    """Works exercises out in float32 on the CPU, where a seed gives the same numbers on every computer."""

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        """Need nothing: the arguments are those of every task."""

    def run(self, payloads: Sequence[Exercise]) -> list[WorkedExercise]:
        """Work out each exercise."""
        return [_worked(exercise) for exercise in payloads]


def _worked(exercise: Exercise) -> WorkedExercise:
    query, key, value = _matrices(exercise)
    mask = None if exercise.mask is None else torch.tensor(exercise.mask)[None]
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    scores = query @ key.mT
    scaled = scores / math.sqrt(query.shape[-1])
    return WorkedExercise(
        query=query[0].numpy(),
        key=key[0].numpy(),
        value=value[0].numpy(),
        scores=scores[0].numpy(),
        scaled=scaled[0].numpy(),
        masked=None if mask is None else (scaled + mask * HIDDEN)[0].numpy(),
        weights=weights[0].numpy(),
        output=output[0].numpy(),
        seed=exercise.seed if exercise.matrices is None else None,
    )


def _matrices(exercise: Exercise) -> tuple[torch.Tensor, ...]:
    """``(1, N, d)`` each: the typed ones, or those of ``torch.manual_seed(seed)`` and three ``randn(1, N, d)``."""
    if exercise.matrices is not None:
        return tuple(torch.tensor(matrix)[None] for matrix in exercise.matrices)
    generator = torch.Generator().manual_seed(exercise.seed)
    return tuple(torch.randn(1, *exercise.shape, generator=generator) for _ in range(3))
