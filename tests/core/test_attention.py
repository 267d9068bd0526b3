"""Scaled dot-product attention against the figures that the documentation promises, and against torch's own."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from core.attention import (
    additive_attention,
    additive_scores,
    dot_product_attention,
    dot_product_scores,
    general_attention,
    multi_head_attention,
    scaled_dot_product_attention,
)


@pytest.fixture
def example() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(42)
    return torch.randn(1, 3, 4), torch.randn(1, 3, 4), torch.randn(1, 3, 4)


Example = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def test_the_weights_of_the_documented_example(example: Example) -> None:
    _, weights = scaled_dot_product_attention(*example)
    documented = [
        [0.3017341, 0.30983964, 0.3884262],
        [0.2450955, 0.3801395, 0.37476498],
        [0.29378855, 0.2293217, 0.4768897],
    ]
    assert torch.equal(weights, torch.tensor([documented]))


def test_the_output_mixes_the_values(example: Example) -> None:
    output, weights = scaled_dot_product_attention(*example)
    for row, mixed in zip(weights[0], output[0], strict=True):
        by_hand = sum(float(share) * value for share, value in zip(row, example[2][0], strict=True))
        assert torch.allclose(mixed, torch.as_tensor(by_hand), atol=1e-6)


def test_a_case_done_by_hand() -> None:
    # The scores are [ln 9, 0] · √1 / √1, so the weights are 9/10 and 1/10.
    query, key = torch.tensor([[1.0]]), torch.log(torch.tensor([[9.0], [1.0]]))
    output, weights = scaled_dot_product_attention(query, key, torch.tensor([[10.0], [20.0]]))
    assert weights.tolist() == [pytest.approx([0.9, 0.1])]
    assert output.tolist() == [pytest.approx([11.0])]


def test_scores_are_divided_by_the_root_of_the_width() -> None:
    # Four equal products of 1 make a score of 4, and 4 / √4 = 2.
    key = torch.tensor([[1.0, 1, 1, 1], [0, 0, 0, 0]])
    _, weights = scaled_dot_product_attention(torch.ones(1, 4), key, torch.zeros(2, 1))
    assert weights[0, 0] / weights[0, 1] == pytest.approx(torch.e**2, rel=1e-5)


SHAPES = st.tuples(
    st.lists(st.integers(1, 3), max_size=3),  # whatever comes before
    st.integers(1, 5),  # queries
    st.integers(1, 5),  # keys
    st.integers(1, 6),  # their width
    st.integers(1, 4),  # the width of a value
)


@given(SHAPES, st.integers(0, 1000), st.sampled_from(["none", "some", "causal"]))
def test_it_agrees_with_torch_for_any_leading_shape(
    shape: tuple[list[int], int, int, int, int], seed: int, masked: str
) -> None:
    leading, queries, keys, width, value_width = shape
    generator = torch.Generator().manual_seed(seed)
    query = torch.randn(*leading, queries, width, generator=generator)
    key = torch.randn(*leading, keys, width, generator=generator)
    value = torch.randn(*leading, keys, value_width, generator=generator)
    hidden = torch.zeros(queries, keys, dtype=torch.bool)
    if masked == "some":
        hidden = torch.rand(queries, keys, generator=generator) < 0.4
        hidden[:, 0] = False  # torch gives NaN to a query that sees nothing
    elif masked == "causal":
        hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1)
    output, weights = scaled_dot_product_attention(query, key, value, None if masked == "none" else hidden)
    expected = functional.scaled_dot_product_attention(query, key, value, attn_mask=~hidden)
    assert output.shape == (*leading, queries, value_width)
    assert weights.shape == (*leading, queries, keys)
    assert torch.allclose(output, expected, atol=1e-5)
    assert torch.allclose(weights.sum(-1), torch.ones(*leading, queries), atol=1e-5)
    assert not weights[hidden.expand_as(weights)].any()


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1, 1, 3), (2, 4, 3, 3), (4, 1, 3)])
def test_a_mask_is_broadcast(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    query, key, value = (torch.randn(2, 4, 3, 5) for _ in range(3))
    mask = torch.zeros(shape)
    mask[..., 0] = 1
    _, weights = scaled_dot_product_attention(query, key, value, mask)
    assert not weights[..., 0].any()
    assert torch.allclose(weights[..., 1:].sum(-1), torch.ones(2, 4, 3))
    assert torch.equal(weights, scaled_dot_product_attention(query, key, value, mask.bool())[1])
    assert torch.equal(weights, scaled_dot_product_attention(query, key, value, mask.int())[1])


def test_a_query_that_sees_nothing_looks_everywhere_alike(example: Example) -> None:
    output, weights = scaled_dot_product_attention(*example, torch.ones(3, 3))
    assert torch.allclose(weights, torch.full((1, 3, 3), 1 / 3))
    assert torch.allclose(output, example[2].mean(dim=1, keepdim=True).expand(1, 3, 4), atol=1e-6)


PRECISIONS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("scale", [1.0, 100.0, 60_000.0])  # 65,504 is the largest number of float16
def test_large_numbers_stay_finite_in_every_precision(dtype: torch.dtype, scale: float) -> None:
    torch.manual_seed(3)
    query, key, value = ((torch.rand(2, 4, 64, dtype=torch.float64) * scale).to(dtype) for _ in range(3))
    output, weights = scaled_dot_product_attention(query, key, value)
    assert output.dtype == weights.dtype == dtype
    assert output.isfinite().all() and weights.isfinite().all()
    assert torch.allclose(weights.double().sum(-1), torch.ones(2, 4, dtype=torch.float64), atol=0.01)


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_a_mask_hides_in_every_precision(dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    query, key, value = ((torch.randn(2, 4, 64, dtype=torch.float64) * 100).to(dtype) for _ in range(3))
    _, weights = scaled_dot_product_attention(query, key, value, torch.ones(4, 4, dtype=dtype).triu(1))
    assert weights.isfinite().all()
    assert not weights.triu(1).any()


def test_double_precision_is_kept() -> None:
    torch.manual_seed(4)
    query, key, value = (torch.randn(2, 3, 4, dtype=torch.float64) for _ in range(3))
    output, weights = scaled_dot_product_attention(query, key, value)
    expected = functional.scaled_dot_product_attention(query, key, value)
    assert torch.allclose(output, expected, rtol=0, atol=1e-14)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 3, dtype=torch.float64), rtol=0, atol=1e-14)


def test_gradients_flow(example: Example) -> None:
    query = example[0].requires_grad_()
    scaled_dot_product_attention(query, *example[1:])[0].sum().backward()
    assert query.grad is not None and query.grad.abs().sum() > 0


# The other kinds


def test_a_dot_product_is_a_scaled_one_of_a_larger_query(example: Example) -> None:
    query, key, value = example
    output, weights = dot_product_attention(query, key, value)
    scaled, same = scaled_dot_product_attention(query * 2, key, value)  # √4
    assert torch.allclose(weights, same, atol=1e-6) and torch.allclose(output, scaled, atol=1e-6)


def test_general_attention_with_an_identity_is_a_dot_product(example: Example) -> None:
    for one, other in zip(general_attention(*example, torch.eye(4)), dot_product_attention(*example), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_general_attention_by_hand() -> None:
    # [1 2] W = [1 0 2], so the scores are 0 and ln 3.
    query, weight = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0, 0], [0, 0, 1]])
    key = torch.tensor([[0.0, 5, 0], [0, 0, math.log(3) / 2]])
    output, weights = general_attention(query, key, torch.tensor([[4.0], [8.0]]), weight)
    assert weights.tolist() == [pytest.approx([0.25, 0.75])]
    assert output.tolist() == [pytest.approx([7.0])]


def test_additive_attention_by_hand() -> None:
    query, key = torch.tensor([[1.0], [0.0]]), torch.tensor([[2.0, 0.0], [0.0, -1.0]])
    query_weight, key_weight = torch.tensor([[1.0], [-1.0]]), torch.tensor([[0.5, 0.0], [0.0, 3.0]])
    vector = torch.tensor([2.0, 1.0])
    by_hand = [
        [2 * math.tanh(1 + 1) + math.tanh(-1 + 0), 2 * math.tanh(1 + 0) + math.tanh(-1 - 3)],
        [2 * math.tanh(0 + 1) + math.tanh(0 + 0), 2 * math.tanh(0 + 0) + math.tanh(0 - 3)],
    ]
    scores = additive_scores(query, key, query_weight, key_weight, vector)
    assert torch.allclose(scores, torch.tensor(by_hand), atol=1e-6)
    _, weights = additive_attention(query, key, torch.eye(2), query_weight, key_weight, vector)
    for row, (first, second) in zip(weights.tolist(), by_hand, strict=True):
        assert row[0] == pytest.approx(1 / (1 + math.exp(second - first)), abs=1e-6)


@given(st.integers(0, 1000), st.sampled_from([1, 2, 4, 8]), st.booleans())
def test_heads_are_the_parts_of_one_big_head(seed: int, heads: int, masked: bool) -> None:
    generator = torch.Generator().manual_seed(seed)
    query, key, value = (torch.randn(2, count, 8, generator=generator) for count in (3, 5, 5))
    mask = (torch.rand(3, 5, generator=generator) < 0.4).float() if masked else None
    output, weights = multi_head_attention(query, key, value, heads, mask)
    assert output.shape == (2, 3, 8) and weights.shape == (2, heads, 3, 5)
    wide = 8 // heads
    for head in range(heads):
        part = slice(head * wide, (head + 1) * wide)
        one = scaled_dot_product_attention(query[..., part], key[..., part], value[..., part], mask)
        assert torch.allclose(output[..., part], one[0], atol=1e-6)
        assert torch.allclose(weights[:, head], one[1], atol=1e-6)
    sum_of_heads = sum(
        dot_product_scores(query[..., n * wide : (n + 1) * wide], key[..., n * wide : (n + 1) * wide])
        for n in range(heads)
    )
    assert torch.allclose(torch.as_tensor(sum_of_heads), dot_product_scores(query, key), atol=1e-5)


def test_one_head_is_no_heads(example: Example) -> None:
    output, weights = multi_head_attention(*example, 1)
    expected = scaled_dot_product_attention(*example)
    assert torch.equal(output, expected[0]) and torch.equal(weights[:, 0], expected[1])


@given(st.integers(0, 1000))
def test_without_a_scale_wider_rows_saturate_the_softmax(seed: int) -> None:
    """Entropy falls with every column that repeats; divided by the root of the width, it falls more slowly."""
    generator = torch.Generator().manual_seed(seed)
    query, key = (torch.randn(3, 2, generator=generator) for _ in range(2))

    def entropy(weights: torch.Tensor) -> torch.Tensor:
        return -(weights.double() * weights.double().clamp_min(1e-300).log()).sum(-1)

    plain, scaled = [], []
    for times in (1, 2, 4, 8, 16):
        wide = query.repeat(1, times), key.repeat(1, times), torch.eye(3)
        plain.append(entropy(dot_product_attention(*wide)[1]))
        scaled.append(entropy(scaled_dot_product_attention(*wide)[1]))
    for before, after in pairwise(plain):
        assert (after <= before + 1e-5).all()
    assert all((one <= other + 1e-5).all() for one, other in zip(plain, scaled, strict=True))


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_every_kind_keeps_its_precision_and_hides_what_is_masked(dtype: torch.dtype) -> None:
    torch.manual_seed(5)
    query, key, value = (torch.randn(2, 4, 8, dtype=torch.float64).mul(30).to(dtype) for _ in range(3))
    square, mask = torch.randn(8, 8, dtype=torch.float64).to(dtype), torch.ones(4, 4).triu(1)
    for output, weights in (
        dot_product_attention(query, key, value, mask),
        general_attention(query, key, value, square, mask),
        additive_attention(query, key, value, square, square, square[0], mask),
        multi_head_attention(query, key, value, 2, mask),
    ):
        assert output.dtype == weights.dtype == dtype and output.isfinite().all()
        assert not weights.triu(1).any()
