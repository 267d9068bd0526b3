"""Positions: what the papers say of them holds for the numbers."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.attention import dot_product_scores
from core.positions import rotary_angles, rotate, sinusoidal_positions


def test_sinusoidal_positions_by_hand() -> None:
    encodings = sinusoidal_positions(3, 4)
    for place in range(3):
        expected = [math.sin(place), math.cos(place), math.sin(place / 100), math.cos(place / 100)]
        assert encodings[place].tolist() == pytest.approx(expected, abs=1e-6)


@given(st.integers(1, 40), st.integers(1, 17))
def test_sinusoidal_positions_have_any_size_and_lie_on_circles(count: int, width: int) -> None:
    encodings = sinusoidal_positions(count, width)
    assert encodings.shape == (count, width) and encodings.dtype == torch.float32
    pairs = encodings[:, : width // 2 * 2].unflatten(-1, (-1, 2))
    assert torch.allclose(pairs.square().sum(-1), torch.ones(count, width // 2), atol=1e-5)


def test_the_product_of_two_encodings_depends_on_their_distance_alone() -> None:
    alike = sinusoidal_positions(20, 16) @ sinusoidal_positions(20, 16).mT
    for distance in range(20):
        assert torch.allclose(alike.diagonal(distance), alike[0, distance].expand(20 - distance), atol=1e-4)


@given(st.integers(0, 1000), st.sampled_from([2, 4, 8]), st.integers(0, 9))
def test_rotary_scores_depend_on_distance_alone(seed: int, width: int, moved: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    query, key = (torch.randn(1, width, generator=generator).expand(10, width) for _ in range(2))
    scores = dot_product_scores(rotate(query), rotate(key))
    for distance in range(-9, 10):
        diagonal = scores.diagonal(distance)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4)
    assert torch.allclose(rotate(query)[moved].norm(), query[moved].norm(), atol=1e-5)


def test_rotary_positions_by_hand() -> None:
    turned = rotate(torch.tensor([[1.0, 0, 1, 0]] * 3))
    assert turned[0].tolist() == [1, 0, 1, 0]
    expected = [math.cos(2), math.sin(2), math.cos(0.02), math.sin(0.02)]
    assert turned[2].tolist() == pytest.approx(expected, abs=1e-6)
    assert rotary_angles(3, 4)[2].tolist() == pytest.approx([2, 0.02])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_turned_rows_keep_their_precision(dtype: torch.dtype) -> None:
    assert rotate(torch.ones(2, 3, 4, dtype=dtype)).dtype == dtype
