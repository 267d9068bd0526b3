"""The heatmap of a head: what is lit, what is said, how large it is."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from core.errors import BadInput
from core.render import HeadView
from core.render.kit.drawing.palette import colour_map, colours
from core.render.kit.wording import cautions
from core.results import AttentionMap
from tests.core.render.golden import samples

FIVE = samples.tokenization("ab cd ef", ["ab", "cd", "ef"])


def pixels(view: HeadView) -> np.ndarray:
    drawing = view.draw()
    picture = np.asarray(Image.open(io.BytesIO(drawing.png)).convert("RGB"))
    assert picture.shape == (drawing.height, drawing.width, 3)
    return picture


def one_hot(row: int, column: int, causal: bool = False) -> AttentionMap:
    weights = np.zeros((1, 1, 5, 5), np.float16)
    weights[0, 0, row, column] = 1
    return AttentionMap(FIVE, weights, causal)


def lit(view: HeadView) -> tuple[float, float]:
    """The middle of what has the brightest colour: (x, y), y from the foot, for titles have one line or two.

    The end of the colour bar is too small to matter.
    """
    picture = pixels(view)
    y, x = np.nonzero((picture == colour_map("dark")[-1]).all(axis=-1))
    return float(np.median(x)), float(np.median(y)) - len(picture)


def test_rows_look_and_columns_are_looked_at():
    middle = {(row, column): lit(HeadView(one_hot(row, column), 1, 1)) for row in range(5) for column in range(5)}
    step = middle[0, 1][0] - middle[0, 0][0]
    assert step > 20
    for (row, column), (x, y) in middle.items():
        assert x == pytest.approx(middle[0, 0][0] + step * column, abs=1)
        assert y == pytest.approx(middle[0, 0][1] + step * row, abs=1)


def test_what_a_causal_model_cannot_see_is_blank():
    places = {(row, column): lit(HeadView(one_hot(row, column), 1, 1)) for row in range(5) for column in range(5)}
    weights = np.full((1, 1, 5, 5), 0.5, np.float16)
    picture = pixels(HeadView(AttentionMap(FIVE, weights, causal=True), 1, 1))
    for (row, column), (x, y) in places.items():
        cell = picture[int(y) - 20 : int(y) + 20, int(x) - 20 : int(x) + 20]
        assert (cell == colours("dark").ground).all() == (column > row)


def test_a_cell_has_the_square_root_of_its_share_of_the_largest_weight():
    weights = np.zeros((1, 1, 5, 5), np.float16)
    weights[0, 0, 1, 1], weights[0, 0, 2, 2] = 0.8, 0.2
    picture = pixels(HeadView(AttentionMap(FIVE, weights), 1, 1))
    x, y = lit(HeadView(one_hot(2, 2), 1, 1))
    assert tuple(picture[int(y) + 20, int(x) + 20]) == colour_map("dark")[round(0.5 * 63)]
    x, y = lit(HeadView(one_hot(0, 4), 1, 1))
    assert tuple(picture[int(y), int(x)]) == colours("dark").ground


def test_the_mean_is_the_mean_of_the_heads():
    attention = samples.attention(samples.CAT)
    expected = attention.weights[2].astype(np.float32).mean(axis=0)
    assert np.array_equal(HeadView(attention, 3, None).weights, expected)


def test_the_alternative_text_says_what_matters():
    source = samples.tokenization("the cat the dog", ["the", "cat", "the", "dog"])
    weights = np.zeros((2, 3, 6, 6), np.float16)
    weights[1, 2, :, 5] = 0.5  # everyone to [SEP], which is not a link between ordinary tokens
    weights[1, 2, 2, 2] = 0.5  # to itself: neither
    weights[1, 2, 4, 2], weights[1, 2, 1, 3], weights[1, 2, 3, 4] = 0.5, 0.25, 0.125
    alt = HeadView(AttentionMap(source, weights), 2, 3).draw().alt
    assert "google-bert/bert-base-uncased" in alt
    assert "Layer 2 of 2 · head 3 of 3" in alt
    assert "6 tokens" in alt
    assert "dog → cat 0.50, the (1) → the (2) 0.25, the (2) → dog 0.12." in alt
    assert "50.0% of the ordinary tokens' weight is on special tokens" in alt


def test_the_table_lists_the_strongest_targets_of_every_token():
    table = HeadView(samples.attention(samples.CAT), 3, 2).table()
    assert table.header == ("from", "to (strongest)", "second", "third")
    assert len(table.rows) == len(samples.CAT.tokens)
    assert table.rows[5][0] == "the₂"
    for row in table.rows:
        shown = [float(cell.split()[-1]) for cell in row[1:] if cell]
        assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize(("layer", "head"), [(5, 1), (0, 1), (1, 5), (1, 0)])
def test_a_head_that_is_not_there_is_refused(layer, head):
    with pytest.raises(BadInput, match=r"from 1 to 4"):
        HeadView(samples.attention(samples.CAT), layer, head)


@pytest.mark.parametrize("count", [1, 2, 8, 16, 17, 40, 41, 80, 81, 128, 129, 200, 256])
def test_every_length_fits(count):
    drawing = HeadView(samples.attention(samples.first(samples.LONG, count)), 1, 1).draw()
    assert drawing.width <= (860 if count <= 16 else 2100)
    assert len(drawing.png) < 1_000_000


def test_a_long_text_is_cut_and_says_so():
    drawing = HeadView(samples.attention(samples.LONG, 1, 1), 1, 1).draw()
    assert "tokens 1–256 of 302" in drawing.alt
    assert drawing.height < 2900


def test_threads_draw_the_same_as_one():
    views = [HeadView(samples.attention(samples.SCRIPTS), layer, head) for layer in range(1, 5) for head in range(1, 5)]
    alone = [view.draw().png for view in views]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda view: view.draw().png, views * 2)) == alone * 2


def resting(share: float) -> AttentionMap:
    """A head whose words look at the tokens that the tokenizer added with so much of their attention."""
    added = np.array([token.special for token in samples.CAT.tokens])
    row = np.where(added, share / added.sum(), (1 - share) / (~added).sum())
    return AttentionMap(samples.CAT, np.broadcast_to(row, (4, 4, len(row), len(row))).astype(np.float16))


def test_the_caution_fits_the_view():
    plain, causal = samples.attention(samples.CAT), samples.attention(samples.CAT, causal=True)
    assert cautions.for_head(plain, 0, None) == cautions.SPECIALISTS
    assert cautions.for_head(plain, 0, 1) == cautions.NOT_AN_EXPLANATION
    assert cautions.for_head(plain, 2, 1) == cautions.MIXED
    assert cautions.for_head(resting(0.6), 0, 1) == cautions.for_head(resting(0.6), 3, 1) == cautions.SEPARATORS
    assert cautions.for_head(resting(0.4), 0, 1) == cautions.NOT_AN_EXPLANATION
    assert cautions.for_all(plain) == cautions.PATTERNS
    assert cautions.for_head(samples.difference(), 1, None) == cautions.ONE_PAIR
    assert {cautions.for_head(samples.cross(), 1, head) for head in (None, 1)} == {cautions.NO_ALIGNMENT}
    everything = [cautions.for_all(causal), *(cautions.for_norms(causal, head) for head in (None, 1))]
    everything += [cautions.for_head(causal, layer, head) for layer in range(4) for head in (None, 0, 3)]
    assert all(said.startswith("Reads left to right only") for said in everything)
    assert not any(sign in said for said in everything for sign in ("BERT", "[SEP]", "[CLS]"))


def test_cross_attention_is_always_said_not_to_be_translation():
    cross, plain = samples.cross(), samples.attention(samples.CAT)
    assert {cautions.for_norms(cross, head) for head in (None, 1)} == {cautions.NO_ALIGNMENT}
    assert cautions.for_norms(plain, None) == cautions.RESIDUAL
    assert cautions.for_norms(plain, 1) == cautions.SMALL_VECTORS
