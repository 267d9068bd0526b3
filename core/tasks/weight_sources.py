"""What one row of attention weights was made of, as `core.tasks.score_trace` has followed it, and proof that it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.maps.selection import check_head
from core.questions import WeightSources
from core.tasks.score_trace import ScoreTrace, TracedRow

Floats = npt.NDArray[np.float32]

HIDDEN = -1e4
"""What is added to the score of a hidden key is less: masks add the least number of their type, or infinity."""

ROUNDING = 4e-6
"""How far a sum in float32 may be off, as a share of the sum without signs: less is not taken for something added."""

TOLERABLE = 1e-4
"""How far a weight that is made again may be off: scores of some hundred, in float32, have no more places."""


class RowSources(NamedTuple):
    """How a row was made: ``softmax(scale · query · keyᵀ + added)`` are its weights.

    Attributes:
        query: ``(d,)``.
        key: ``(N, d)``.
        scale: What each product is multiplied by.
        added: ``(N,)``: -inf where a key is hidden, else a bias, such as one of relative positions, or 0.
        weights: ``(N,)``, in float32, as the model itself has computed them.
        norms: ``(N,)``, how long the values are; ``None`` if the weights are not seen to be multiplied with any.
    """

    query: Floats
    key: Floats
    scale: float
    added: Floats
    weights: Floats
    norms: Floats | None


def row_sources(trace: ScoreTrace, layers: Sequence[Tensor], question: WeightSources) -> RowSources | None:
    """What a row was made of; ``None`` if that cannot be followed, or does not give the model's own weights.

    Args:
        trace: What was followed in the forward pass.
        layers: The weights that the model gave, of each layer ``(1, heads, M, N)``.
        question: Which row.

    Raises:
        BadInput: There is no such layer or head.
    """
    check_head(len(layers), layers[0].shape[1], question.layer + 1, question.head + 1)
    weights = layers[question.layer]
    traced = trace.row_of(weights) if question.row < weights.shape[2] else None
    if traced is None:
        return None
    own = weights[0, question.head, question.row].float().cpu()
    added = _added(traced)
    again = (_scaled(traced) + added).softmax(dim=-1)
    if not (again - own).abs().max() <= TOLERABLE:
        return None
    norms = None if traced.value is None else _numpy(traced.value.float().norm(dim=-1))
    query, key = traced.query.float(), traced.key.float()
    return RowSources(_numpy(query), _numpy(key), traced.scale, _numpy(added), _numpy(own), norms)


def _scaled(traced: TracedRow) -> Tensor:
    """The scaled products, in float64."""
    return traced.scale * (traced.key.double() @ traced.query.double()).cpu()


def _added(traced: TracedRow) -> Tensor:
    """What the model adds to its scaled products, besides rounding."""
    added = traced.scores.double().cpu() - _scaled(traced)
    hidden = ~(added > HIDDEN)
    unsigned = abs(traced.scale) * (traced.key.double().abs() @ traced.query.double().abs()).cpu()
    small = added.abs() <= ROUNDING * unsigned
    return added.masked_fill(small, 0.0).masked_fill(hidden, -torch.inf)


def _numpy(tensor: Tensor) -> Floats:
    return tensor.to("cpu", torch.float32).numpy()
