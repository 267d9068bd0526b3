"""Where somebody is in the lesson, and what each stop says of itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.languages import TABLES
from cogs.lessons.place import OPEN, Place
from cogs.lessons.unit import STOPS
from core.errors import Expired
from core.language import Language


@given(key=st.sampled_from([*STOPS]), answer=st.integers(OPEN, 4), theme=st.sampled_from(["dark", "light"]))
def test_a_place_is_read_as_it_was_written(key: str, answer: int, theme: Any) -> None:
    place = Place(key, answer, theme)
    assert Place.parse(str(place)) == place and len(f"closestop:{'0' * 10}:{place}.en") <= 100
    assert place.in_other_theme.in_other_theme == place


@pytest.mark.parametrize("text", ["", "x", "self.9.dark", "self.-2.dark", "self.1", "nowhere.0.dark", "self.½.dark"])
def test_a_place_of_another_version(text: str) -> None:
    with pytest.raises(Expired, match="/learn"):
        Place.parse(text)


def test_each_stop_says_two_to_four_sentences_and_where_it_is_from() -> None:
    for stop in STOPS.values():
        assert 2 <= sum(map(stop.tells.count, (". ", "? "))) + 1 <= 4, stop.key
        assert (
            "arXiv:" in stop.paper
            and stop.section
            and stop.go_on.split()[0] in ("lab", "attention", "tokens", "unmask", "sentiment")
        )
    languages = [Language.load(file) for file in TABLES.glob("*.toml")]
    assert all(language(stop.title) for language in languages for stop in STOPS.values())
