"""Results are kept within bounds, whatever they are made of."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Expired
from core.results import AttentionMap, Candidate, ModelInfo, Result, Score, Sentiment, Token, Tokenization, Unmasked
from core.serving.result_cache import ResultCache

MODEL = ModelInfo("m")
MIB = 1 << 20


def tokenization(number: int, size: int) -> Tokenization:
    text = f"{number}" * size
    tokens = (Token(300 + n, f"p{number}-{n}", 300 + n, 301 + n, word=300 + n) for n in range(size))
    return Tokenization(text, MODEL, tuple(tokens))


def sentiment(number: int, size: int) -> Sentiment:
    return Sentiment(tokenization(number, size), (Score("A", 0.6), Score("B", 0.4)))


def unmasked(number: int, size: int) -> Unmasked:
    mask = tuple(Candidate(300 + n, f"w{n}", 1 / (n + 2), f"{number} {n} " + "s" * 2000) for n in range(size))
    return Unmasked(tokenization(number, 10), (mask, mask))


def attention(number: int, size: int) -> AttentionMap:
    return AttentionMap(tokenization(number, size), np.zeros((3, 4, size, size), np.float16))


def test_a_result_is_recalled_by_its_key() -> None:
    cache = ResultCache(MIB)
    results = [sentiment(1, 3), unmasked(2, 3), tokenization(3, 3), attention(4, 3)]
    keys = [cache.keep(result) for result in results]
    assert all(re.fullmatch("[0-9a-f]{10}", key) for key in keys)
    assert len(set(keys)) == len(keys)
    assert all(cache.get(key) is result for key, result in zip(keys, results, strict=True))


def test_an_unknown_key() -> None:
    with pytest.raises(Expired, match="no longer kept: run the command again"):
        ResultCache(MIB).get("0123456789")


def test_what_nobody_looks_at_goes_first() -> None:
    size = 200
    cache = ResultCache(int(3.5 * attention(0, size).weights.nbytes))  # three fit
    first, second, third = (cache.keep(attention(number, size)) for number in range(3))
    cache.get(first)
    fourth, fifth = cache.keep(attention(3, size)), cache.keep(attention(4, size))
    for key in (second, third):
        with pytest.raises(Expired):
            cache.get(key)
    assert [cache.get(key) is not None for key in (first, fourth, fifth)] == [True] * 3


def test_one_result_is_kept_however_large() -> None:
    """Otherwise no control of its card would ever work."""
    cache = ResultCache(1000)
    key = cache.keep(attention(0, 50))
    assert cache.get(key)
    cache.keep(sentiment(0, 1))
    with pytest.raises(Expired):
        cache.get(key)


@pytest.mark.parametrize("make", [tokenization, sentiment, unmasked, attention])
def test_the_bound_holds_in_real_memory(make: Callable[[int, int], Result]) -> None:
    cache = ResultCache(2 * MIB)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        keys = [cache.keep(make(number, 80)) for number in range(200)]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert MIB / 3 < taken < 4 * MIB
    with pytest.raises(Expired):
        cache.get(keys[0])
    assert cache.get(keys[-1])


@given(st.lists(st.integers(0, 6), max_size=30))
def test_a_result_kept_again_under_its_key_takes_the_place_of_the_old(numbers: list[int]) -> None:
    cache = ResultCache(MIB)
    keys = {number: cache.keep(sentiment(number, 1)) for number in range(7)}
    newest = {number: cache.get(key) for number, key in keys.items()}
    for number in numbers:
        newest[number] = sentiment(number, number + 1)
        assert cache.keep(newest[number], keys[number]) == keys[number]
    assert all(cache.get(key) is newest[number] for number, key in keys.items())
