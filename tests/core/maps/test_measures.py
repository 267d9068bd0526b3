"""Measures of attention against values known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.maps import measures
from core.results import AttentionMap, ModelInfo, Token, Tokenization


def tokens(*pieces: str) -> tuple[Token, ...]:
    ids = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    return tuple(Token(ids[piece], piece, 0, 0, special=piece.startswith(("[", "<"))) for piece in pieces)


def attention(weights: np.ndarray, *pieces: str, causal: bool = False) -> AttentionMap:
    return AttentionMap(Tokenization("", ModelInfo("m"), tokens(*pieces)), weights.astype(np.float16), causal)


@st.composite
def random_weights(draw: st.DrawFn) -> np.ndarray:
    """Weights ``(layers, heads, N, N)`` with rows that sum to 1."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 9)))
    weights = np.random.default_rng(draw(st.integers(0, 1000))).exponential(size=(*shape, shape[-1])) + 1e-6
    return weights / weights.sum(axis=-1, keepdims=True)


def test_rollout_of_a_case_done_by_hand():
    # Layer 1 swaps two tokens, layer 2 looks at the first: Â1 = [[½ ½] [½ ½]], Â2 = [[1 0] [½ ½]].
    swap, first = [[0, 1], [1, 0]], [[1, 0], [1, 0]]
    assert measures.rollout(np.array([[swap], [first]], float)).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert measures.rollout(np.array([[first], [swap]], float)).tolist() == [[0.75, 0.25], [0.75, 0.25]]


@given(random_weights())
def test_rollout_rows_sum_to_one(weights):
    rolled = measures.rollout(weights.astype(np.float16))
    assert rolled == pytest.approx(np.clip(rolled, 0, 1))
    assert rolled.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_rollout_of_a_causal_model_stays_causal():
    weights = np.tri(5)[None, None] / np.arange(1, 6)[:, None]
    assert np.triu(measures.rollout(np.repeat(weights, 3, axis=0)), k=1).max() == 0


@given(random_weights())
def test_entropy_runs_from_one_token_to_all(weights):
    assert measures.entropy(weights).min() >= 0
    assert measures.entropy(weights).max() <= 1 + 1e-5
    count = weights.shape[-1]
    assert measures.entropy(np.eye(count)) == pytest.approx(0)
    if count > 1:
        assert measures.entropy(np.full((count, count), 1 / count)) == pytest.approx(1)


def test_entropy_of_a_causal_model_counts_what_can_be_seen():
    weights = np.tri(4) / np.arange(1, 5)[:, None]
    assert measures.entropy(weights, causal=True) == pytest.approx([0, 1, 1, 1])
    assert measures.entropy(np.array([[0.25, 0.75, 0, 0]] * 4))[0] == pytest.approx(0.811278 / 2)


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_distance_of_even_attention_is_the_known_reference(count):
    even = np.full((count, count), 1 / count)
    assert measures.distance(even).mean() == pytest.approx((count**2 - 1) / (3 * count), rel=1e-5)
    causal = np.tri(count) / np.arange(1, count + 1)[:, None]
    assert measures.distance(causal).mean() == pytest.approx((count - 1) / 4, rel=1e-5)
    assert measures.distance(np.eye(count)) == pytest.approx(0)


def test_special_share_counts_ordinary_tokens_only():
    weights = np.array([[1, 0, 0], [0.5, 0.25, 0.25], [0, 0, 1.0]])
    special = np.array([True, False, False])
    assert measures.special_share(weights, special) == pytest.approx(0.25)
    assert measures.special_share(weights[None, None], special).shape == (1, 1)
    assert measures.special_share(weights, np.array([True] * 3)) == 0


def test_patterns_are_where_they_should_be():
    flags = measures.patterns(tokens("[CLS]", "a", "b", ",", "a", "c", "[SEP]"))
    assert np.argwhere(flags["previous"]).tolist() == [[row, row - 1] for row in range(1, 7)]
    assert np.argwhere(flags["next"]).tolist() == [[row, row + 1] for row in range(6)]
    assert np.argwhere(flags["first"])[:, 1].tolist() == [0] * 7
    assert np.argwhere(flags["separator"])[:, 1].tolist() == [6] * 7
    assert np.argwhere(flags["punctuation"])[:, 1].tolist() == [3] * 7
    assert np.argwhere(flags["same"]).tolist() == [[1, 4], [4, 1]]
    assert np.argwhere(flags["induction"]).tolist() == [[4, 2]]  # the second "a" looks at what followed the first


def test_what_stands_before_a_text_separates_nothing():
    flags = measures.patterns(tokens("<|endoftext|>", "a", "<|endoftext|>"))
    assert np.argwhere(flags["separator"])[:, 1].tolist() == [2] * 3


@pytest.mark.parametrize("name", ["previous", "next", "self", "first", "separator", "punctuation"])
def test_a_head_that_follows_a_pattern_is_named_after_it(name):
    pieces = ("[CLS]", "a", "b", ",", "d", "e", "f", "[SEP]")
    flag = measures.patterns(tokens(*pieces))[name]
    perfect = np.where(flag.any(axis=1, keepdims=True), flag, 1 / 8)
    (found,) = measures.behaviours(attention(perfect[None, None], *pieces))[0]
    assert found.name == name
    assert found.score > 0.8


def test_a_head_without_a_pattern_is_broad_or_mixed():
    even = np.full((8, 8), 1 / 8)
    pair = np.kron(np.eye(4)[[2, 3, 0, 1]], np.full((2, 2), 0.5))
    weights = np.stack([even, pair])[None]
    broad, mixed = measures.behaviours(attention(weights, *"abcdefgh"))[0]
    assert broad == measures.Behaviour("broad", pytest.approx(1 / 8, abs=0.001))
    assert mixed.name == "mixed"


def test_selective_finds_the_one_word_and_leaves_out_what_does_not_count():
    pieces = ("[CLS]", "a", "b", ",", "a", "c", "[SEP]")
    weights = np.zeros((4, 7, 7))
    weights[0, :, 5] = 1  # "c", which stands beside the second "a"
    weights[1, :, 0] = 1
    weights[2, :, 3] = 1
    weights[3] = np.eye(7, k=1)
    found = measures.selectivity(weights, tokens(*pieces))
    assert found.tolist() == [pytest.approx(2 / 4), 0, 0, 0]
    assert measures.selectivity(np.ones((2, 1, 1)), tokens("[CLS]")).tolist() == [0, 0]
