"""How often a text goes through a model for a question about its insides, and how long it may be for that."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many parts of a model have been seen, and of how many."""

EXPLAINED_TOKENS = 128
"""The most tokens of a text whose label is explained: the model runs forwards and backwards dozens of times."""

LENS_TOKENS = 256
"""The most tokens of a text that is read layer by layer: at every one of them, a model's head runs for each layer."""

ABLATED_TOKENS = 1 << 15
"""The most tokens that go through a model for one answer about its parts, all passes together."""

TURN_TOKENS = 1 << 12
"""Of these, those that do so at once: in between, others get their turn."""

OFF_TOGETHER = 24
"""How often several heads are off together: of as many or fewer heads, each time one more."""

BESIDE_ABLATION, BESIDE_PATCHING = 3, 5
"""Passes for each question beside those with a part off or replaced: with the whole model, and to find its parts."""

UNKNOWN_PARTS = 256
"""Parts of a model whose number is not known: those of two stacks of six layers."""

UNKNOWN_LAYERS = 24
"""Layers of a model of which that is not known."""


def longest_ablated(layers: int, heads: int) -> int:
    """The most tokens of a text that goes through a model without each of its parts; 0 is for what is not known."""
    parts = layers * (heads + 2) or UNKNOWN_PARTS
    return min(EXPLAINED_TOKENS, ABLATED_TOKENS // (parts + OFF_TOGETHER + BESIDE_ABLATION))


def longest_patched(layers: int, heads: int) -> int:
    """The most tokens n of a text that goes through a model once for each head, and for each token of every layer.

    So that n · (heads + (layers + 1) · n) are no more than `ABLATED_TOKENS`.
    """
    streams = (layers or UNKNOWN_LAYERS) + 1
    passes = (layers * heads or UNKNOWN_PARTS) + BESIDE_PATCHING
    return min(EXPLAINED_TOKENS, int((math.sqrt(passes**2 + 4 * streams * ABLATED_TOKENS) - passes) / (2 * streams)))


def lens_passes(layers: int) -> int:
    """As how many passes the head of a model counts that runs at every token after each layer."""
    return 2 + (layers or UNKNOWN_LAYERS)


async def in_turns(
    parts: Sequence[T],
    tokens: int,
    ask: Callable[[Sequence[T]], Awaitable[Sequence[Any]]],
    tell: Callable[[int], None],
) -> list[Any]:
    """Ask about many parts of a model, for a text of so many tokens, some at a time.

    Args:
        parts: What the text goes through the model for.
        tokens: Of the text.
        ask: Asks about some of the parts; there is an answer for each.
        tell: Is told how many are done.
    """
    found, step = list[Any](), max(1, TURN_TOKENS // tokens)
    for start in range(0, len(parts), step):
        found += await ask(parts[start : start + step])
        tell(len(found))
    return found
