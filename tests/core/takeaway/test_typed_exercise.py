"""An exercise as people type it in one line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInput
from core.lab import Exercise
from core.takeaway.recipe import read_exercise

WORDS = [
    "query",
    "Key",
    "q",
    "shape",
    "seed",
    "heads",
    "names",
    "mask",
    "scale",
    "foo",
    ":",
    " ",
    "1 0; 0 1",
    "3 4",
    "2",
]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("shape:3 4 seed:x", "What follows `seed:` is no whole number"),
        ("seed:1.5", "What follows `seed:` is no whole number"),
        ("seed:", "What follows `seed:` is no whole number"),
        ("shape:3 4 heads:two", "What follows `heads:` is no whole number"),
        ("seed:-1", "A seed goes from 0"),
        ("1 0; 0 1 mask:causal", "Begin with an option"),
        ("q: 1 0; 0 1", "Begin with an option"),
        ("1 0; 0 1 names:I see", "Begin with an option"),
        ("foo:1", "Begin with an option"),
        ("xquery:1 0; 0 1", "Begin with an option"),
        ("", "Begin with an option"),
        ("names:", "Begin with an option"),
        ("shape:3 4 foo:1", "That shape cannot be read"),
        ("query:1 0; 0 1 Query:1 1; 1 1", "`query:` is there twice"),
    ],
)
def test_what_is_no_exercise_is_told(typed: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_exercise(typed)


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("Query:1 0; 0 1", {"query": "1 0; 0 1"}),
        ("QUERY: 1 0; 0 1 Mask: causal", {"query": "1 0; 0 1", "mask": "causal"}),
        ("query:1 0; 0 1\nmask:causal", {"query": "1 0; 0 1", "mask": "causal"}),
        ("seed:7", {"shape": "3 4", "seed": 7}),
        ("Names:a seed:b", {"shape": "2 4", "seed": 42, "names": "a seed:b"}),
        ("shape:1 4 seed:1 names:names:x", {"shape": "1 4", "seed": 1, "names": "names:x"}),
    ],
)
def test_what_is_one_is_read_whole(typed: str, options: dict[str, str | int]) -> None:
    assert read_exercise(typed).options == options


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.text(max_size=30).map("seed:{}".format))
@example("heads:" + "9" * 5000)
def test_whatever_is_typed_is_an_exercise_or_refused(typed: str) -> None:
    with suppress(BadInput):
        assert isinstance(read_exercise(typed), Exercise)
