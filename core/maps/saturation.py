"""Why scores are divided by √d: without that, a softmax saturates as vectors get longer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.results import Saturation

DEPTHS = (4, 64, 512)
QUERIES, KEYS = 4, 8
"""Of eight keys an entropy goes up to exactly three bits."""


def saturate(seed: int, depths: tuple[int, ...] = DEPTHS, queries: int = QUERIES, keys: int = KEYS) -> Saturation:
    """The weights of random queries and keys, whose first d numbers are taken for each d.

    With components of mean 0 and variance 1 a product q·k has variance d (section 3.2.1, footnote 4, of “Attention Is
    All You Need”, arXiv:1706.03762).
    """
    numbers = np.random.default_rng(seed)
    query = numbers.standard_normal((queries, max(depths)))
    key = numbers.standard_normal((keys, max(depths)))
    scores = [query[:, :depth] @ key[:, :depth].T for depth in depths]
    scaled = [score / np.sqrt(depth) for score, depth in zip(scores, depths, strict=True)]
    return Saturation(seed, depths, _softmax(np.stack(scores)), _softmax(np.stack(scaled)))


def _softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)
