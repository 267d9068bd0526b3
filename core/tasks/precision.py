"""How many bits a model computes with: float32, or half as many where that was asked for or proved harmless."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from itertools import product
from typing import Any, Protocol, runtime_checkable

import torch

from core.tasks.packed_linear import is_supported, pack_linear

logger = logging.getLogger(__name__)

AGREEMENT = 0.999
"""The least share of golden texts on which a model of half precision must decide as it does in float32."""

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

GOLDEN = tuple(
    f"{who} {what} {how}."
    for who, what, how in product(
        (
            *("The film", "This old book", "Her new song", "My phone", "The weather in Paris", "Our teacher"),
            *("A small dog", "The meeting on Monday", "That game", "His answer"),
        ),
        (
            *("was", "was not", "seemed", "is never", "has always been", "turned out to be", "could have been"),
            *("will soon be", "looks", "is, I think,"),
        ),
        (
            *("wonderful", "terrible", "long", "boring and slow", "worth every minute", "a waste of time", "quite new"),
            *("better than I expected", "the best of the year", "hard to understand"),
        ),
    )
)
"""A thousand short sentences."""


@runtime_checkable
class Deciding(Protocol):
    """A task whose answers come down to decisions, so that two precisions can be compared."""

    model: Any

    def decisions(self, texts: Sequence[str]) -> list[Any]:
        """What it decides on each text."""
        ...


def lower_precision(task: Any, precision: str) -> None:
    """Let a loaded task compute with fewer bits, if the setting and the device allow it.

    On a CPU bfloat16 is for products and what goes from one to the next, on a GPU half precision is for everything.
    ``auto`` means float16 on a GPU, if the task then decides as before; attention maps stay in float32.
    """
    if not isinstance(task, Deciding):
        return
    device = task.model.device.type
    dtype = _chosen(precision, device)
    if dtype == torch.float32:
        return
    if device == "cpu":
        pack_linear(task.model, dtype)
    else:
        convert(task, dtype, gated=precision == "auto")


def convert(task: Deciding, dtype: torch.dtype, *, gated: bool) -> None:
    """Turn all of a model into another dtype; where `gated`, only if its decisions on the golden texts stay."""
    exact = task.model
    before = task.decisions(GOLDEN) if gated else []
    task.model = copy.deepcopy(exact).to(dtype)
    if not gated:
        return
    pairs = zip(before, task.decisions(GOLDEN), strict=True)
    same = sum(one == other for one, other in pairs) / len(GOLDEN)
    if same < AGREEMENT:
        task.model = exact
    logger.info(
        "%s in %s decides as in float32 on %.1f %% of %d texts and is used in %s.",
        type(exact).__name__,
        *(str(dtype).removeprefix("torch."), 100 * same, len(GOLDEN)),
        "float32" if same < AGREEMENT else "it",
    )


def _chosen(precision: str, device: str) -> torch.dtype:
    """The dtype of a setting on a device; float32, with a warning, where the device is no good at another."""
    if precision == "auto":
        return torch.float16 if device == "cuda" else torch.float32
    dtype = DTYPES[precision]
    if dtype == torch.float32 or device == "cuda" or (dtype == torch.bfloat16 and device == "cpu" and has_bfloat16()):
        return dtype
    logger.warning("This %s is not made for %s: models compute in float32.", device, precision)
    return torch.float32


def has_bfloat16() -> bool:
    """Whether this CPU multiplies in bfloat16 itself, rather than by way of float32."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and is_supported(torch.bfloat16)
    except (AttributeError, RuntimeError):
        return False
