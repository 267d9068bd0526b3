"""Which kind of int8 weights this computer multiplies, rightly and with instructions made for it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from core.tasks.engine.int8.weights import MOST, FbgemmWeights, Int8Weights, OneDnnWeights, Weights

SLOW = 5.0
"""So many times the seconds of floats are those of a plain loop, and no chance of a busy computer."""


@lru_cache(maxsize=1)  # of a computer that does not change; a busy one must not be timed twice and differ
def best_weights() -> type[OneDnnWeights | FbgemmWeights] | None:
    """The kind of weights for products alone, if there is one. With oneDNN's, `Int8Weights` are multiplied as well."""
    if _multiplies(OneDnnWeights) and _multiplies(Int8Weights):
        return OneDnnWeights
    return FbgemmWeights if _multiplies(FbgemmWeights) else None


@torch.inference_mode()
def _multiplies(kind: type[Weights]) -> bool:
    """Whether products of the largest numbers are right, and none is computed by a plain loop.

    Without instructions made for it sums are cut off, or it takes a hundred times as long as for floats.
    """
    numbers, input = _numbers(kind.most), _numbers(MOST)[:64]
    try:
        with warnings.catch_warnings(action="ignore"):  # torch says once that it means to remove what FBGEMM takes:
            weights = kind(numbers)  # https://github.com/pytorch/pytorch/issues/184982
        right = functional.linear(input, numbers)
        output, scales = weights.multiply(input)
        if not torch.allclose(output * scales, right):  # whole numbers that float32 can tell apart
            return False
        return _seconds(lambda: weights.multiply(input)) <= SLOW * _seconds(lambda: functional.linear(input, numbers))
    except (AttributeError, RuntimeError):
        return False


def _numbers(most: int) -> Tensor:
    """A square of whole numbers up to this one, which each row and each column has; a row has nothing else."""
    numbers = torch.arange(768 * 768).view(768, 768) * 31 % (2 * most + 1) - most
    numbers[0], numbers[:, 0] = most, most
    return numbers.float()


def _seconds(multiply: Callable[[], object]) -> float:
    """The seconds of one thread that a product takes, at best: several would wait for each other on a busy computer."""

    def once() -> float:
        start = time.thread_time()
        multiply()
        return time.thread_time() - start

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return min(once() for _ in range(9))
    finally:
        torch.set_num_threads(threads)
