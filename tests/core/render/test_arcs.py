"""Lines between words: as thick as the weight, and none where there is too little or too much to see."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import BadInput
from core.maps.selection import select_tokens
from core.render import ArcsView
from core.render.attention.arcs import LEAST, MOST_WORDS
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.curves import Curve, curves_ink
from core.render.kit.drawing.palette import colours
from core.results import AttentionMap
from tests.core.render.golden import samples

FIVE = samples.tokenization("ab cd ef", ["ab", "cd", "ef"])


def of(weights: np.ndarray) -> AttentionMap:
    return AttentionMap(FIVE, weights.astype(np.float16)[None, None])


def ink(view: ArcsView, colour: tuple[int, int, int]) -> int:
    """How many pixels of a picture have a colour, exactly."""
    picture = np.asarray(Image.open(io.BytesIO(view.draw().png)).convert("RGB"))
    return int((picture == colour).all(axis=-1).sum())


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_line_is_as_thick_as_its_weight(theme):
    areas = []
    for weight in (1.0, 0.5, 0.25):
        weights = np.zeros((5, 5))
        weights[1, 2] = weight
        areas.append(ink(ArcsView(of(weights), 1, 1, 1, theme), colours(theme).bar))
    assert areas[0] > 5000
    assert areas[1] / areas[0] == pytest.approx(0.5, abs=0.06) and areas[2] / areas[0] == pytest.approx(0.25, abs=0.06)


def test_only_the_lines_of_the_word_stand_out():
    weights = np.zeros((5, 5))
    weights[1, 2], weights[3, 2] = 0.4, 0.9
    own, other = (ink(ArcsView(of(weights), 1, 1, word), colours("dark").bar) for word in (1, 3))
    assert 0 < own < other
    assert ink(ArcsView(of(weights), 1, 1, 2), colours("dark").bar) == 0
    assert ink(ArcsView(of(weights), 1, 1), colours("dark").bar) == pytest.approx(own + other, rel=0.1)


def test_what_has_no_line_is_counted():
    weights = np.zeros((5, 5))
    weights[1] = 0.9, 0.04, 0.03, 0.02, 0.01
    alt = ArcsView(of(weights), 1, 1, 1).draw().alt
    assert "ab → [CLS] 90.0%." in alt
    assert "Of what “ab” looks at, 10.0% is in shares below 5%." in alt
    weights[1] = 0.2
    assert "0.0% is in shares" in ArcsView(of(weights), 1, 1, 1).draw().alt


def test_pieces_of_a_word_have_one_row_whichever_is_asked_about():
    attention = samples.attention(samples.PIECES)
    pieces = [n for n, token in enumerate(samples.PIECES.tokens) if token.word == 2]
    assert len(pieces) == 3 and len({ArcsView(attention, 2, 1, piece).draw().png for piece in pieces}) == 1
    view = ArcsView(attention, 2, 1, pieces[0])
    part = select_tokens(samples.PIECES, attention.weights[1, 0], "words").weights
    assert [row[0] for row in view.table().rows][3] == "unbelievably" and len(view.full().rows) == len(part)
    assert [float(cell) for cell in view.full().rows[3][1:]] == pytest.approx(part[3], abs=1e-5)


def test_colours_of_a_difference_say_more_and_less():
    weights = np.zeros((5, 5))
    weights[1, 1], weights[1, 3] = 0.5, -0.5
    view = ArcsView(AttentionMap(FIVE, weights.astype(np.float16)[None, None], signed=True), 1, 1, 1)
    palette = colours("dark")
    assert ink(view, palette.second) > 1000 and ink(view, palette.bar) > 1000
    assert "ab → ab +50.0%, ef −50.0%." in view.draw().alt


def test_of_a_long_text_it_is_refused_with_a_sentence():
    fits, long = (samples.attention(samples.first(samples.LONG, count), 1, 1) for count in (MOST_WORDS, MOST_WORDS + 1))
    assert ArcsView(fits, 1, 1).draw().height < 2400
    with pytest.raises(BadInput, match="Lines between 41 words cannot be told apart"):
        ArcsView(long, 1, 1)


@given(st.integers(0, 2**16), st.integers(0, 12))
def test_every_share_that_is_written_is_that_of_the_word(seed, position):
    weights = np.random.default_rng(seed).dirichlet(np.full(13, 0.2), (1, 1, 13)).astype(np.float16)
    view = ArcsView(AttentionMap(samples.CAT, weights), 1, 1, position)
    plot = view._plot(view._part())
    row = weights[0, 0, position].astype(float)
    assert set(plot.shares) == set(np.flatnonzero(row >= LEAST).tolist())
    for column, text in plot.shares.items():
        assert float(text.strip("%<>")) == pytest.approx(100 * row[column], abs=0.06)


@given(st.integers(0, 300), st.integers(0, 300), st.floats(0.3, 22))
def test_a_curve_is_as_thick_everywhere_and_ends_where_it_should(start, end, thickness):
    left, top, covered = curves_ink([Curve(10, start, 210, end, thickness)])
    assert (left, covered.shape[1]) == (10, 200)
    down = np.arange(len(covered)) + top + 0.5
    shares = covered / 255
    for column, height in ((0, start), (199, end)):
        assert (shares[:, column] * down).sum() / shares[:, column].sum() == pytest.approx(height, abs=0.6)
    assert shares[:, 0].sum() == pytest.approx(thickness, abs=0.35 + thickness / 20)


def test_a_curve_may_leave_the_canvas():
    canvas = Canvas(40, 40, "dark")
    canvas.curves([Curve(-10, -20, 60, 70, 5)], (1, 2, 3))
    canvas.curves([], (1, 2, 3))
    assert (canvas.pixels[0, 0], canvas.pixels[20, 20]) == (0, canvas.index((1, 2, 3)))
