"""Scaled dot-product attention against the figures that the documentation promises, and against torch's own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from core.attention import scaled_dot_product_attention


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
