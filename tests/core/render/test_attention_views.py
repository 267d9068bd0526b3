"""The other ways to look at attention: overview, token, rollout, head map, film."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import BadInput
from core.maps import measures
from core.render import ArcsView, HeadMap, HeadView, LayerFilm, OverviewGrid, RolloutView, TokenView
from core.render.kit.drawing.palette import colour_map, colours
from core.results import AttentionMap
from tests.core.render.golden import samples

FIVE = samples.tokenization("ab cd ef", ["ab", "cd", "ef"])


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def middle(picture: np.ndarray, colour: tuple[int, int, int]) -> tuple[float, float]:
    y, x = np.nonzero((picture == colour).all(axis=-1))
    return float(np.median(x)), float(np.median(y))


def one_hot(layer: int, head: int, row: int = 1, column: int = 3) -> AttentionMap:
    weights = np.zeros((3, 4, 5, 5), np.float16)
    weights[layer, head, row, column] = 1
    return AttentionMap(FIVE, weights)


def test_the_overview_has_layers_below_each_other_and_heads_side_by_side():
    brightest = colour_map("dark")[-1]
    found = {
        (layer, head): middle(pixels(OverviewGrid(one_hot(layer, head), 1, 1).draw().png), brightest)
        for layer in range(3)
        for head in range(4)
    }
    step = found[0, 1][0] - found[0, 0][0]
    for (layer, head), (x, y) in found.items():
        assert x == pytest.approx(found[0, 0][0] + step * head, abs=5)
        assert y == pytest.approx(found[0, 0][1] + step * layer, abs=5)
    for (row, column), side in {(0, 4): (1, -1), (4, 0): (-1, 1)}.items():
        x, y = middle(pixels(OverviewGrid(one_hot(1, 1, row, column), 1, 1).draw().png), brightest)
        centre = middle(pixels(OverviewGrid(one_hot(1, 1, 2, 2), 1, 1).draw().png), brightest)
        assert np.sign([x - centre[0], y - centre[1]]).tolist() == list(side)


def test_the_overview_outlines_the_chosen_head_or_layer():
    def outline(layer: int, head: int | None) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of what has the colour of text below the title."""
        picture = pixels(OverviewGrid(one_hot(2, 1, 2, 2), layer, head).draw().png)[110:]
        y, x = np.nonzero((picture == colours("dark").text).all(axis=-1))
        return x.min(), y.min() + 110, x.max(), y.max() + 110

    x, y = middle(pixels(OverviewGrid(one_hot(2, 1, 2, 2), 1, 1).draw().png), colour_map("dark")[-1])
    left, top, right, bottom = outline(3, 2)
    assert (left + right) / 2 == pytest.approx(x, abs=4)
    assert (top + bottom) / 2 == pytest.approx(y, abs=4)
    whole = outline(3, None)
    assert whole[2] - whole[0] == pytest.approx(4 * (right - left), rel=0.05)
    assert whole[3] - whole[1] == bottom - top
    assert outline(1, 2)[3] < top


def test_an_overview_of_a_long_text_keeps_every_bright_spot():
    weights = np.zeros((12, 12, 128, 128), np.float16)
    weights[5, 7, 101, 33] = 1
    drawing = OverviewGrid(AttentionMap(samples.first(samples.LONG, 128), weights), 1, 1).draw()
    assert (pixels(drawing.png) == colour_map("dark")[-1]).all(axis=-1)[:-250].any()


def test_an_overview_of_twelve_by_twelve_is_small():
    drawing = OverviewGrid(samples.attention(samples.first(samples.LONG, 32), 12, 12), 1, 1).draw()
    assert len(drawing.png) < 300_000
    assert drawing.width < 1100


def test_the_overview_names_what_heads_do():
    attention = AttentionMap(FIVE, np.stack([[np.eye(5, k=-1), np.eye(5)]]).astype(np.float16))
    view = OverviewGrid(attention, 1, 1)
    assert view.table().rows == (("1", "previous 1.00", "self 1.00"),)
    assert "1 previous, 1 self" in view.draw().alt


def test_a_token_shows_its_row_and_its_column():
    weights = np.zeros((1, 1, 5, 5), np.float16)
    weights[0, 0, 2, 1], weights[0, 0, 2, 4], weights[0, 0, 3, 2] = 0.75, 0.25, 0.5
    view = TokenView(AttentionMap(FIVE, weights), 1, 1, 2)
    alt = view.draw().alt
    assert "Attention of cd, token 3 of 5" in alt
    assert "It looks at ab 75.0%, [SEP] 25.0%." in alt
    assert "It is looked at by ef 50.0%." in alt
    assert view.table().rows[1] == ("ab", "0.7500", "0.0000")
    assert view.table().rows[3] == ("ef", "0.0000", "0.5000")


def test_rollout_is_drawn_as_it_is_measured():
    attention = samples.attention(samples.CAT)
    shares = measures.rollout(attention.weights)
    table = RolloutView(attention).table()
    for row, cells in zip(shares, table.rows, strict=True):
        assert cells[1].endswith(f" {row.max():.2f}")
    assert "Rollout through 4 layers" in RolloutView(attention).draw().alt


def test_the_head_map_lists_every_head():
    attention = samples.attention(samples.CAT, 2, 3)
    rows = HeadMap(attention).table().rows
    assert [row[0] for row in rows] == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"]
    assert [float(row[2]) for row in rows] == pytest.approx(
        measures.distance(attention.weights).mean(axis=-1).ravel(), abs=0.06
    )


def test_the_film_follows_one_word_through_the_layers_on_one_scale():
    weights = np.zeros((3, 2, 5, 5), np.float16)
    weights[:, 0, 1, 3] = 1, 0.5, 0  # of two heads; the other looks at the word itself
    weights[:, 1, 1, 1] = 1
    view = LayerFilm(AttentionMap(FIVE, weights), 1)
    drawing = view.draw()
    film = Image.open(io.BytesIO(drawing.png))
    assert film.format == "GIF"
    assert (film.n_frames, film.size) == (3, (drawing.width, drawing.height))
    assert film.info["loop"] == 0
    seen = []
    for frame in range(3):
        film.seek(frame)
        seen.append(int((np.asarray(film.convert("RGB")) == colours("dark").bar).all(axis=-1).sum()))
    whole = seen[2]  # the word itself: half of the mean in every layer
    assert seen == pytest.approx([2 * whole, 1.5 * whole, whole], rel=0.05)
    assert [row[:3] for row in view.table().rows] == [
        ("1", "ab 0.50", "ef 0.50"),
        ("2", "ab 0.50", "ef 0.25"),
        ("3", "ab 0.50", ""),
    ]
    assert "What “ab” looks at, layer by layer. Film of 3 layers of google-bert" in drawing.alt
    assert "layer 2: ab 0.50, ef 0.25;" in drawing.alt


def test_the_pieces_of_a_word_are_one_word_in_the_film():
    attention = samples.attention(samples.PIECES)
    pieces = [n for n, token in enumerate(samples.PIECES.tokens) if token.word == 2]
    films = [LayerFilm(attention, piece) for piece in pieces]
    assert len(pieces) == 3 and len({film.draw().png for film in films}) == 1
    assert films[0].draw().alt.startswith("Of the other words, “unbelievably” looks most at “powerful”")


def test_a_film_of_a_deep_model_and_a_long_text_stays_small():
    noise = np.random.default_rng(0).dirichlet(np.full(128, 0.05), size=(26, 1, 128))
    attention = AttentionMap(samples.first(samples.LONG, 128), noise.astype(np.float16))
    drawing = LayerFilm(attention, 100).draw()
    film = Image.open(io.BytesIO(drawing.png))
    assert len(drawing.png) <= 1_000_000
    assert film.n_frames == 12


@pytest.mark.parametrize(
    "view",
    [
        lambda map: OverviewGrid(map, 5, 1),
        lambda map: OverviewGrid(map, 1, 5),
        lambda map: TokenView(map, 1, 10, 0),
        lambda map: TokenView(map, 1, 1, 5),
        lambda map: LayerFilm(map, 5),
        lambda map: ArcsView(map, 5, 1),
        lambda map: ArcsView(map, 1, 1, 5),
    ],
)
def test_what_is_not_there_is_refused(view):
    with pytest.raises(BadInput, match=r"from [01] to"):
        view(samples.attention(FIVE))


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 40), st.integers(1, 13), st.integers(1, 13), st.booleans(), st.sampled_from(["dark", "light"]))
def test_every_shape_of_model_is_drawn(tokens, layers, heads, causal, theme):
    attention = samples.attention(samples.first(samples.LONG, tokens), layers, heads, causal)
    for view in (
        OverviewGrid(attention, layers, heads, theme),
        TokenView(attention, 1, None, tokens - 1, theme),
        RolloutView(attention, theme),
        HeadMap(attention, theme),
        HeadView(attention, 1, None, theme),
    ):
        drawing, table = view.draw(), view.table()
        assert Image.open(io.BytesIO(drawing.png)).size == (drawing.width, drawing.height)
        assert 0 < len(drawing.alt) <= 1024
        assert all(len(row) == len(table.header) for row in table.rows)
