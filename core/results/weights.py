"""Attention weights as libraries give them: read, checked, and brought into one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput

Weights = npt.NDArray[np.float32]

TOLERANCE = 0.01
"""How far the sum of a row may be from 1, in half precision."""

HOW = "load the model with attn_implementation=“eager” and call it with output_attentions=True"


def read_weights(attentions: Any) -> Weights:
    """Weights as float32 ``(layers, heads, M, N)``.

    Args:
        attentions: An array or tensor ``(M, N)``, ``(heads, M, N)`` or ``(layers, heads, M, N)``; the tuple of
            ``(1, heads, M, N)``, one for each layer, that a transformers model returns; or its whole output.

    Raises:
        BadInput: They have another shape, are of several texts, or are no attention weights.
    """
    attentions = getattr(attentions, "attentions", attentions)
    layers: Sequence[Any] = attentions if isinstance(attentions, tuple | list) else ()
    if attentions is None or (isinstance(attentions, tuple | list) and (not layers or layers[0] is None)):
        raise BadInput("There are no attention weights: {how}.", how=HOW)
    found = _stacked([_array(layer) for layer in layers]) if _are_arrays(layers) else _array(attentions)
    if found.ndim == 5:
        if found.shape[1] != 1:
            raise BadInput(
                "These are the weights of {count} texts: give those of one, such as [a[:1] for a in attentions].",
                count=found.shape[1],
            )
        found = found[:, 0]
    if not 2 <= found.ndim <= 4 or not found.size:
        raise BadInput(
            "Weights of the shape {shape} cannot be read: give (N, N), (heads, N, N) or (layers, heads, N, N).",
            shape=" × ".join(map(str, found.shape)) or "()",
        )
    found = found[(None,) * (4 - found.ndim)]
    _check(found)
    return found


def is_causal(weights: Weights) -> bool:
    """Whether no position looks at what comes after it."""
    rows, columns = weights.shape[-2:]
    return rows == columns > 1 and not np.triu(weights, k=1).any()


def _are_arrays(layers: Sequence[Any]) -> bool:
    return bool(layers) and all(getattr(layer, "ndim", 0) >= 2 for layer in layers)


def _stacked(layers: Sequence[Weights]) -> Weights:
    if len({layer.shape for layer in layers}) > 1:
        raise BadInput("The layers have weights of different shapes: give them one layer at a time.")
    return np.stack(layers)


def _array(values: Any) -> Weights:
    """Numbers of numpy, torch, or anything that numpy reads; torch itself is not needed here."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().float().numpy()
    try:
        return np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, RuntimeError):
        raise BadInput(
            "Those are no weights: give an array (N, N) or (layers, heads, N, N), or the “attentions” of a model."
        ) from None


def _check(weights: Weights) -> None:
    """Refuse what is no softmax over the keys."""
    if not np.isfinite(weights).all():
        raise BadInput("Some weights are infinite or no numbers: look at what the model computed.")
    if weights.min() < -TOLERANCE:
        raise BadInput("Some weights are negative: give those after the softmax, not the scores before it.")
    off = np.abs(weights.sum(axis=-1) - 1)
    if off.max() > TOLERANCE:
        layer, head, row = (int(place) + 1 for place in np.unravel_index(int(off.argmax()), off.shape))
        raise BadInput(
            "Row {row} of layer {layer}, head {head} sums to {total:.2f}, and not to 1: give the weights after the "
            "softmax over the keys, with dropout off (model.eval()), rows from and columns to.",
            row=row,
            layer=layer,
            head=head,
            total=float(weights[layer - 1, head - 1, row - 1].sum()),
        )
