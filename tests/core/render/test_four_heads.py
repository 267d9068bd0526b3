"""Several heads as a question, and as its answer."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.maps import measures
from core.render import FourHeads
from tests.core.render.golden.samples import CAT, FOUR, attention

MAP = attention(CAT)


def test_a_question_does_not_say_which_heads_they_are_and_tells_what_is_seen() -> None:
    drawn = FourHeads(MAP, FOUR, "previous").draw()
    assert drawn.alt.startswith("Which of these heads looks at the token before? Picture 1: ")
    assert "ayer" not in drawn.alt and "%" not in drawn.alt and drawn.alt.count(" → ") == 16


def test_its_answer_names_the_head_that_fits_best() -> None:
    view, scores = FourHeads(MAP, FOUR, "previous", answered=True), measures.fits(MAP)["previous"]
    shares = [float(scores[layer - 1, head - 1]) for layer, head in FOUR]
    best = shares.index(max(shares))
    layer, head = FOUR[best]
    assert view.finding().startswith(f"Picture {best + 1}: Layer {layer}, head {head} looks at the token before: ")
    assert [row[1] for row in view.table().rows] == [f"{layer}.{head}" for layer, head in FOUR]
    assert [float(row[3]) for row in view.table().rows] == [round(share, 2) for share in shares]
    assert all(
        f"Picture {n}: layer {place[0]}, head {place[1]}, " in view.draw().alt for n, place in enumerate(FOUR, 1)
    )


@pytest.mark.parametrize("heads", [((0, 1),), ((5, 1),), ((1, 0),), ((1, 5),)])
def test_heads_that_are_not_there_are_refused(heads: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(BadInput, match="choose one from 1 to 4"):
        FourHeads(MAP, heads, "previous")


@pytest.mark.parametrize("pattern", ["mixed", "x", ""])
def test_descriptions_that_say_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match="no such description"):
        FourHeads(MAP, FOUR, pattern)
