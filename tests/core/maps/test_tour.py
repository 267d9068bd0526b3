"""Which heads are worth seeing."""

from __future__ import annotations

import numpy as np
import pytest

from core.maps import measures
from core.maps.tour import RESTING, choose_heads
from core.results import AttentionMap, ModelInfo, Token, Tokenization

PIECES = ("[CLS]", "a", "b", ",", "a", "c", "[SEP]")
EVEN = np.full((7, 7), 1 / 7)


def attention(weights: np.ndarray, pieces=PIECES, causal: bool = False) -> AttentionMap:
    ids = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokens = tuple(Token(ids[piece], piece, 0, 0, special=piece.startswith("[")) for piece in pieces)
    return AttentionMap(Tokenization("", ModelInfo("m"), tokens), weights.astype(np.float16), causal)


def perfect(name: str) -> np.ndarray:
    flag = measures.patterns(attention(EVEN[None, None]).source.tokens)[name]
    return np.where(flag.any(axis=1, keepdims=True), flag / np.maximum(flag.sum(axis=1, keepdims=True), 1), EVEN)


def test_it_shows_different_patterns_in_different_heads():
    weights = np.array([[perfect("next"), EVEN], [perfect("self"), perfect("self")], [EVEN, perfect("first")]])
    stops = choose_heads(attention(weights))
    assert [(stop.layer, stop.head, stop.name) for stop in stops] == [
        (0, 0, "next"),
        (0, 1, "broad"),
        (1, 0, "self"),
        (2, 1, "first"),
    ]
    assert stops[1].why() == (
        "Layer 1, head 2 spreads its attention widely: 100%, where 100% is everywhere alike (entropy)."
    )
    assert len(choose_heads(attention(weights), length=2)) == 2
    first = stops[3]
    assert first.why() == (
        "Layer 3, head 2 looks at the first token: 100% of its attention, where an even spread would give 14%."
    )


@pytest.mark.parametrize("resting", RESTING)
def test_heads_that_rest_come_last_however_clear_they_are(resting):
    blurred = perfect("previous") * 0.5 + EVEN * 0.5
    stops = choose_heads(attention(np.array([[perfect(resting), blurred]])))
    assert [stop.head for stop in stops] == [1, 0]


def test_a_head_that_picks_out_one_word_comes_first():
    pieces = tuple("abcdefg")
    far = EVEN.copy()
    far[:, 2] = [1, 1 / 7, 1 / 7, 1 / 7, 1, 1, 1]
    far /= far.sum(axis=1, keepdims=True)
    stop = choose_heads(attention(np.array([[EVEN, perfect("next") * 0.4 + EVEN * 0.6, far]]), pieces))[0]
    assert (stop.layer, stop.head) == (0, 2)
    assert "picks out one word" in stop.why()


def test_a_head_that_looks_more_at_neighbours_picks_out_nothing():
    pieces = tuple("abcdefg")
    weights = perfect("previous") * 0.6 + np.where(np.arange(7) == 3, 0.4, 0)
    assert {stop.name for stop in choose_heads(attention(weights[None, None], pieces))} == {"previous"}


def test_even_attention_and_texts_without_words_have_nothing_to_see():
    assert choose_heads(attention(np.tile(EVEN, (2, 2, 1, 1)))) == []
    causal = np.tri(7) / np.arange(1, 8)[:, None]
    assert choose_heads(attention(causal[None, None], causal=True)) == []
    assert choose_heads(attention(np.ones((1, 1, 1, 1)), ("[CLS]",))) == []
    assert choose_heads(attention(np.full((1, 1, 2, 2), 0.5), ("[CLS]", "[SEP]"))) == []
