"""Parts of a picture: special tokens hidden, pieces merged to words, a corner of a pair."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import BadInput
from core.maps.selection import MERGED, ORDINARY, PARTS, select_tokens
from core.render import HeadView, NormView, RolloutView
from core.render.kit.drawing.palette import colours
from core.results import AttentionMap
from tests.core.render.golden import samples

HOWS = ("all", *dict.fromkeys((*MERGED, *ORDINARY)), *PARTS)
PIECES = samples.tokenization("cat sat unbelievably", ["cat", "sat", "un", "##believ", "##ably"])
PAIR = replace(PIECES, second=4)  # the second text begins with "##believ": as good as any


def even(count: int) -> np.ndarray:
    weights = np.arange(1, 1 + count * count, dtype=np.float32).reshape(count, count)
    return weights / weights.sum(axis=1, keepdims=True)


def names(shown) -> list[str]:
    return [token.piece for token in shown.columns.tokens]


def test_everything_is_shown_as_it_is():
    part = select_tokens(PIECES, even(7))
    assert part.rows == part.columns == PIECES
    np.testing.assert_allclose(part.weights, even(7), rtol=1e-6)
    assert part.kept == pytest.approx(1)


def test_hidden_tokens_are_missing_and_nothing_is_normalised_anew():
    part = select_tokens(PIECES, even(7), "plain")
    np.testing.assert_allclose(part.weights, even(7)[1:6, 1:6], rtol=1e-6)
    assert names(part) == ["cat", "sat", "un", "##believ", "##ably"]
    assert part.kept == pytest.approx(float(even(7)[1:6, 1:6].sum(axis=1).mean()))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("position", range(7))
def test_a_token_has_the_row_that_it_is_part_of(how: str, position: int):
    part = select_tokens(PAIR, even(7), how)
    row, token = part.row(position), PAIR.tokens[position]
    hidden = (how in ORDINARY and token.special) or (how in PARTS and (position >= PAIR.second) != (how[0] == "b"))
    assert (row is None) == hidden and part.row(None) is None
    if row is not None:
        shown = part.rows.tokens[row]
        assert (shown.special, shown.start <= token.start, token.end <= shown.end) == (token.special, True, True)


def test_weights_to_the_pieces_of_a_word_are_summed_and_those_from_them_averaged():
    part, weights = select_tokens(PIECES, even(7), "words"), even(7)
    assert names(part) == ["[CLS]", "cat", "sat", "unbelievably", "[SEP]"]
    assert part.weights[1, 3] == pytest.approx(weights[1, 3:6].sum())
    assert part.weights[3, 1] == pytest.approx(weights[3:6, 1].mean())
    np.testing.assert_allclose(part.weights.sum(axis=1), 1, rtol=1e-5)
    assert names(select_tokens(PIECES, weights, "bare")) == ["cat", "sat", "unbelievably"]


def test_the_corners_of_a_pair_make_up_the_whole():
    aa, ab, ba, bb = (select_tokens(PAIR, even(7), how) for how in PARTS)
    whole = np.block([[aa.weights, ab.weights], [ba.weights, bb.weights]])
    np.testing.assert_allclose(whole, even(7), rtol=1e-6)
    assert (aa.rows, ba.columns) == (ab.rows, bb.columns) or ba.rows == bb.rows
    assert ab.kept + aa.kept == pytest.approx(1)


@settings(deadline=None)
@given(st.lists(st.sampled_from([None, 0, 1, 2, 3]), min_size=2, max_size=9), st.integers(1, 8), st.sampled_from(HOWS))
def test_any_part_keeps_between_nothing_and_all(words, second, how):
    tokens = tuple(replace(PIECES.tokens[1], id=n, word=word, special=word is None) for n, word in enumerate(words))
    source = replace(PIECES, tokens=tokens, second=min(second, len(tokens) - 1))
    part = select_tokens(source, even(len(tokens)), how)
    assert part.weights.shape == (len(part.rows.tokens), len(part.columns.tokens))
    assert -1e-6 <= part.kept <= 1 + 1e-5
    if how in ("all", "words"):
        np.testing.assert_allclose(part.weights.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("view", [HeadView, NormView, RolloutView])
def test_every_part_is_drawn_and_listed(view, how):
    attention = samples.with_norms(samples.attention(PAIR))
    made = view(attention, shown=how) if view is RolloutView else view(attention, 1, 2, shown=how)
    drawing = made.draw()
    assert drawing.png.startswith(b"\x89PNG")
    assert ("Shown: " in drawing.alt) == (how not in ("all", "words"))
    header, rows = made.table().header, made.table().rows
    assert header[0] == "from" and len(rows) == len(select_tokens(PAIR, even(7), how).rows.tokens)


def test_a_pair_is_divided_by_lines_and_its_corner_is_not():
    attention = AttentionMap(PAIR, np.zeros((1, 1, 7, 7), np.float16))
    alone = AttentionMap(PIECES, np.zeros((1, 1, 7, 7), np.float16))

    def long_lines(view: HeadView) -> int:
        picture = np.asarray(Image.open(io.BytesIO(view.draw().png)).convert("RGB"))
        bright = (picture == colours("dark").text).all(axis=-1)
        return int((bright.sum(axis=0) > 300).sum() > 0) + int((bright.sum(axis=1) > 300).sum() > 0)

    assert long_lines(HeadView(attention, 1, 1)) == 2
    assert long_lines(HeadView(alone, 1, 1)) == 0
    assert long_lines(HeadView(attention, 1, 1, shown="ab")) == 0


@pytest.mark.parametrize("how", PARTS)
def test_one_text_has_no_corners(how):
    with pytest.raises(BadInput, match="only one text"):
        select_tokens(PIECES, even(7), how)
