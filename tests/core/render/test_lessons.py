"""Pictures of a course: legible on a phone, no taller than people look at, and true to the numbers in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.render import BottleneckView, FillOrContinueView, MovesView
from core.results import Candidate, Unmasked
from tests.core.render.golden import samples
from tests.core.render.test_legible import CAPTION, smallest
from tests.core.render.test_tall import TALLEST

NAMES = [name for name in samples.PICTURES if name.startswith(("bottle", "fill", "moves", "positions", "saturation"))]


@pytest.mark.parametrize("name", NAMES)
def test_letters_are_no_smaller_than_a_caption_on_a_phone(name: str) -> None:
    assert smallest(samples.PICTURES[name]()) >= CAPTION


def test_no_picture_is_taller_than_people_look_at() -> None:
    many = Unmasked(samples.CAT, (tuple(Candidate(n, f"word{n}", 1 / (n + 20), "") for n in range(20)),))
    filled = replace(samples.both("the cat ", " sat"), filled=many, continued=many)
    views: list[Any] = [
        MovesView(samples.moved(samples.CAT, 200, normed=True), 3),
        BottleneckView(samples.squeezed("W" * 40 + " the cat sat on the mat" * 12, 7)),
        FillOrContinueView(filled),
    ]
    for view in views:
        assert view.draw().height <= TALLEST


def test_layers_that_are_not_drawn_are_counted_and_in_the_table() -> None:
    view = MovesView(samples.moved(samples.CAT, 200, normed=True), 3)
    assert len(view.table().rows) == 400


def test_what_stands_behind_a_gap_is_seen_by_one_model_only() -> None:
    view = FillOrContinueView(samples.both("the cat sat on the ", " because it was tired."))
    filler, writer = ([word.text for word in view._sentence(seen) if word.mark] for seen in (True, False))
    assert filler == [*writer, "because", "it", "was", "tired."] and writer == ["the", "cat", "sat", "on", "the"]
