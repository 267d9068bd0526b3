"""How many bits a model computes with: float32, or fewer where that was asked for or proved harmless."""

from __future__ import annotations

import copy
import logging
import random
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch

from core.errors import BadInput
from core.tasks.engine.int8.layers import count_weights, quantise
from core.tasks.engine.int8.support import best_weights
from core.tasks.engine.int8.weights import OneDnnWeights
from core.tasks.engine.packed_linear import Replaced, is_supported, pack_linear

logger = logging.getLogger(__name__)

AGREEMENT, INT8_AGREEMENT = 0.999, 0.99
"""The least share of golden texts on which a model with fewer bits must decide as it does in float32; the second where
int8 was asked for."""

LARGE = 16_000_000
"""Weights from which on a CPU looks for something faster of itself: smaller models answer in a few milliseconds."""

WORK = 20_000_000_000
"""Weights times golden texts, at most, on a CPU: some four seconds of two cores in float32. Large models get fewer."""

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


class Plan(NamedTuple):
    """What is to become of a model.

    Attributes:
        tried: Precisions, the fastest first.
        least: The share of golden texts on which it must decide as in float32; 0 if nothing is compared.
    """

    tried: tuple[str, ...] = ()
    least: float = 0.0


def lower_precision(task: Any, precision: str) -> str:
    """Let a loaded task compute with fewer bits, if the setting and the device allow it.

    On a CPU bfloat16 is for products and what goes from one to the next, float16 for weights alone, int8 for products
    and embeddings; on a GPU half precision is for everything. ``auto`` means the fastest with which the task decides as
    before: of `faster_than_float32` for a large model on a CPU, float16 on a GPU; ``int8`` on a CPU the same for any
    model, but less strictly. Attention maps stay in float32.

    Returns:
        What it computes in from then on.
    """
    if not isinstance(task, Deciding):
        return "float32"
    plan = _planned(precision, task.model)
    texts = _golden(task.model) if plan.least and plan.tried else ()
    try:
        before = _decided(task, texts)
        return next((name for name in plan.tried if _is_kept(task, name, plan.least, texts, before)), "float32")
    except BadInput:  # it is made for shorter texts
        logger.info("%s cannot read the golden texts and stays in float32.", type(task.model).__name__)
        return "float32"


def _is_kept(task: Deciding, name: str, least: float, texts: Sequence[str], before: Sequence[Any]) -> bool:
    """Change a task's precision; for good, if at least this share of its decisions stays."""
    exact, replaced = task.model, list[Replaced]()
    _change(task, name, replaced if least else None)
    if not least:
        return True
    pairs = zip(before, _decided(task, texts), strict=True)
    same = sum(one == other for one, other in pairs) / len(texts)
    message = "%s in %s decides as in float32 on %.1f %% of %d texts and is %s in it."
    logger.info(message, type(exact).__name__, name, 100 * same, len(texts), "used" if same >= least else "not used")
    if same < least:
        task.model = exact
        for module, place, layer in replaced:
            setattr(module, place, layer)
    return same >= least


def _change(task: Deciding, name: str, replaced: list[Replaced] | None) -> None:
    """Change a task's precision: on a CPU layer by layer, noting those that are replaced, elsewhere in a copy."""
    if task.model.device.type != "cpu":
        convert(task, DTYPES[name])
    elif name == "int8":
        quantise(task.model, replaced)
    else:
        pack_linear(task.model, DTYPES[name], replaced)


def convert(task: Deciding, dtype: torch.dtype) -> None:
    """Let a copy of a task's model, all of it in another dtype, take its place."""
    task.model = copy.deepcopy(task.model).to(dtype)


def _decided(task: Deciding, texts: Sequence[str]) -> list[Any]:
    """What a task decides, on some texts at a time: the probabilities of a large vocabulary need memory."""
    parts = (texts[start : start + 50] for start in range(0, len(texts), 50))
    return [decision for part in parts for decision in task.decisions(part)]


def _golden(model: Any) -> Sequence[str]:
    """The golden texts for a model: on a CPU no more than it reads in some seconds."""
    if model.device.type != "cpu":
        return GOLDEN
    return random.Random(0).sample(GOLDEN, min(len(GOLDEN), max(1, WORK // count_weights(model))))


def _planned(precision: str, model: Any) -> Plan:
    """What a setting means on a device; float32, with a warning, where the device is no good at what was asked for."""
    device = model.device.type
    if precision == "float32" or (precision == "auto" and device == "cpu" and count_weights(model) < LARGE):
        return Plan()
    able = faster_than_float32(device)
    if precision == "auto":
        return Plan(able if device == "cpu" else able[:1], AGREEMENT)
    if precision not in able:
        fast = ", ".join(able) or "nothing else"
        logger.warning(
            "This %s is not made for %s: models compute in float32. It is fast in %s.", device, precision, fast
        )
        return Plan()
    return Plan(able, INT8_AGREEMENT) if precision == "int8" else Plan((precision,))


def faster_than_float32(device: str) -> tuple[str, ...]:
    """What a device computes in faster than in float32, the fastest first."""
    if device != "cpu":
        return ("float16", "bfloat16") if device == "cuda" else ()
    weights, half = best_weights(), ("bfloat16",) if has_bfloat16() else ()
    if not half and weights is not OneDnnWeights:  # beside whose float16 was never timed
        half = ("float16",) if is_supported(torch.float16) else ()
    return ("int8", *half) if weights else half


def has_bfloat16() -> bool:
    """Whether this CPU multiplies in bfloat16 itself, rather than by way of float32."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and is_supported(torch.bfloat16)
    except (AttributeError, RuntimeError):
        return False
