"""How a token is drawn, as people type it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.reading.sampling import BOUNDS, check_sampling, parse_sampling, read_sampling, spell_sampling
from core.results import Sampling


@given(st.floats(0, 5), st.integers(0, 1000), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_what_is_spelt_is_read_as_it_was(temperature: float, top_k: int, top_p: float, seed: int) -> None:
    sampling = check_sampling(temperature, top_k, top_p, seed)
    assert parse_sampling(spell_sampling(sampling)) == sampling
    assert len(spell_sampling(sampling)) < 80
    assert abs(sampling.temperature - temperature) <= 5e-4 and (sampling.top_k, sampling.seed) == (top_k, seed)


def test_what_is_left_empty_stays_as_it_was() -> None:
    before = Sampling(0.5, 7, 0.9, 3)
    assert read_sampling({"temperature": " 1,25 ", "top_k": "", "seed": "4"}, before) == Sampling(1.25, 7, 0.9, 4)
    assert read_sampling({}) == Sampling()


@pytest.mark.parametrize("option", BOUNDS)
@pytest.mark.parametrize("typed", ["x", "-1", "1e1", "9" * 10, "½", "٣٣٣٣٣٣٣٣٣٣", "nan", "inf", "0x1", "1 2"])
def test_what_is_no_such_number(option: str, typed: str) -> None:
    with pytest.raises(BadInput, match=f"`{option}` is a"):
        read_sampling({option: typed})


@pytest.mark.parametrize("value", [-0.1, 5.1, math.nan, math.inf])
def test_numbers_from_a_program(value: float) -> None:
    with pytest.raises(BadInput, match="`temperature` is a number from 0 to 5"):
        check_sampling(temperature=value)
