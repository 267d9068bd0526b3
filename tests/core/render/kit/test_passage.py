"""Running text with marks: every word once, in the order of its script, inside the picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import DARK
from core.render.kit.drawing.runs import runs
from core.render.kit.frame import MARGIN, WIDTH
from core.render.kit.passage import LINE, Stretch, draw_passage, spots, stretches

ARABIC = "كان الفيلم amazing movie أيضا"
WORD = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc"]), min_size=1, max_size=70)


def seen(text: str) -> list[str]:
    """The words of a text from left to right, line by line."""
    words = stretches(text, text.split(), [0.0] * len(text.split()))
    return [words[spot.index].text for spot in sorted(spots(words, 99), key=lambda spot: (spot.row, spot.left))]


def test_words_stand_in_the_order_of_their_script() -> None:
    assert seen("the cat sat") == ["the", "cat", "sat"]
    assert seen(ARABIC) == ["أيضا", "amazing", "movie", "الفيلم", "كان"]
    assert seen("the كان الفيلم sat") == ["the", "الفيلم", "كان", "sat"]


def test_a_right_to_left_text_begins_at_the_right() -> None:
    words = stretches(ARABIC, ARABIC.split(), [0.0] * 5)
    assert max(spot.right for spot in spots(words, 9)) == WIDTH - MARGIN
    assert min(spot.left for spot in spots(stretches("a b", ["a", "b"], [0.0, 0.0]), 9)) == MARGIN


def test_what_is_quoted_does_not_turn_a_sentence() -> None:
    assert runs("“كان” counts most")[0].text.startswith("“")
    assert runs("“كان الفيلم”")[-1].text.endswith("“")
    assert "".join(run.text for run in runs("كان counts")).endswith("كان")


def test_signs_stay_with_the_word_before_them() -> None:
    text = ("word " * 9 + "wordy!").strip()
    pieces = [*["word"] * 9, "wordy", "!"]
    laid = spots(stretches(text, pieces, [0.0] * 11), 9)
    assert laid[-1].row == laid[-2].row and laid[-1].left == laid[-2].right


@given(st.lists(WORD, min_size=1, max_size=40))
def test_every_word_has_one_place_in_the_picture(found: list[str]) -> None:
    words = stretches(" ".join(found), found, [0.5] * len(found))
    laid = spots(words, 10**6)
    assert sorted(spot.index for spot in laid) == list(range(len(found)))
    assert all(MARGIN <= spot.left <= spot.right <= WIDTH - MARGIN for spot in laid)
    for row in range(1 + laid[-1].row):
        line = sorted((spot.left, spot.right) for spot in laid if spot.row == row)
        assert all(before[1] <= after[0] for before, after in pairwise(line))
    assert all(spot.row < 2 for spot in spots(words, 2))


@pytest.mark.parametrize(("mark", "least", "most"), [(1.0, 0.95, 1.0), (-1.0, 0.45, 0.8), (0.0, 0.0, 0.0)])
def test_a_mark_is_full_for_and_hatched_against(mark: float, least: float, most: float) -> None:
    canvas = Canvas(WIDTH, LINE, "dark")
    word = Stretch("wonderful", spaced=False, mark=mark)
    (spot,) = laid = spots([word], 1)
    draw_passage(canvas, 0, [word], laid, DARK.others[0])
    below = canvas.pixels[LINE - 24 : LINE - 10, spot.left : spot.right] == canvas.index(DARK.others[0])
    assert least <= np.mean(below) <= most
