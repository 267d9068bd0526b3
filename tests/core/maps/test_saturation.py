"""The softmax of products that are not divided by √d saturates as d grows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from core.attention import dot_product_attention, scaled_dot_product_attention
from core.lab import SEEDS
from core.maps.saturation import DEPTHS, saturate
from core.results.lessons import entropy

SEED = st.integers(0, SEEDS - 1)


@given(SEED)
@example(261)
def test_the_expected_entropy_falls_as_vectors_get_longer_unless_products_are_divided(seed: int) -> None:
    """The mean of two thousand queries stands for what is expected; of few numbers it hangs on the eight keys, too."""
    plain, scaled = (bits.mean(axis=1) for bits in saturate(seed, (1, 4, 16, 64, 256, 1024), queries=2000, keys=8).bits)
    assert (np.diff(plain) < 0).all()
    assert plain[-1] < 0.5 < 2 < scaled[2:].min()
    assert np.ptp(scaled[2:]) < 0.4


@given(SEED)
def test_weights_are_those_of_both_kinds_of_attention(seed: int) -> None:
    found = saturate(seed)
    numbers = np.random.default_rng(seed)
    query, key = (torch.from_numpy(numbers.standard_normal((rows, max(DEPTHS)))) for rows in found.plain.shape[1:])
    for place, depth in enumerate(DEPTHS):
        looks, offers = query[:, :depth], key[:, :depth]
        assert found.plain[place] == pytest.approx(dot_product_attention(looks, offers, offers)[1], abs=1e-6)
        assert found.scaled[place] == pytest.approx(scaled_dot_product_attention(looks, offers, offers)[1], abs=1e-6)


def test_entropy_counts_bits() -> None:
    rows = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4, [0.5, 0.25, 0.25, 0]], np.float32)
    assert entropy(rows).tolist() == [0, 1, 2, 1.5]
