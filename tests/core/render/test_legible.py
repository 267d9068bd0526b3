"""On a phone, which shows a picture 400 pixels wide, nothing of an attention map is written smaller than a caption."""

from __future__ import annotations

import numpy as np
import pytest

from core.render import (
    ArcsView,
    HeadMap,
    HeadView,
    LayerFilm,
    LensesView,
    NormView,
    OverviewGrid,
    RolloutView,
    TokenView,
    TourView,
    WordGrid,
)
from core.render.kit.drawing import text as letters
from core.render.kit.squares import heatmap
from core.render.kit.squares.squares import plan_heatmap
from core.results import AttentionMap, Tokenization
from tests.core.render.golden import samples
from tests.core.render.golden.samples import View

PHONE, CAPTION = 400, 10  # pixels
WIDE = samples.tokenization("internationalisation W" * 60, ["internationalisation", "W"] * 60)


def smallest(view: View) -> float:
    """The pixels per em of the smallest letters of a picture, as a phone shows it."""
    sizes: list[int] = []
    draw = letters._drawn

    def noted(text: str, size: int, *rest: bool) -> letters.Line:
        sizes.extend([size] * bool(text.strip()))
        return draw(text, size, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letters, "_drawn", noted)
        letters.line.cache_clear()
        letters.turned.cache_clear()
        drawing = view.draw()
    return min(sizes) * PHONE / drawing.width


def attention(source: Tokenization, layers: int = 4, heads: int = 4, causal: bool = False) -> AttentionMap:
    return samples.with_norms(samples.attention(source, layers, heads, causal))


def views(of: AttentionMap) -> list[View]:
    found: list[View] = [HeadView(of, 1, 2), OverviewGrid(of, 2, 1), LayerFilm(of, 1), TourView(of)]
    if len(of.source.tokens) <= 40:
        found.append(ArcsView(of, 1, 2, 1))
    if not of.signed:
        found += [TokenView(of, 1, 2, 1), WordGrid(of, 1, 2, 1)]
    if of.is_self_attention:
        found += [NormView(of, 1, 2), LensesView(of, 2, 1), RolloutView(of), HeadMap(of)]
    return found


MAPS = {
    "words": attention(samples.CAT),
    "pieces": attention(samples.PIECES),
    "scripts": attention(samples.SCRIPTS, causal=True),
    "a difference": samples.difference(),
    "cross-attention": samples.cross(),
    **{f"{count} tokens": attention(samples.first(samples.LONG, count)) for count in (16, 17, 28, 41, 256)},
    **{f"{count} wide tokens": attention(samples.first(WIDE, count)) for count in (16, 40, 100)},
    **{f"{layers} × {heads}": attention(samples.CAT, layers, heads) for layers, heads in ((12, 12), (24, 16), (2, 96))},
}


@pytest.mark.parametrize("name", MAPS)
def test_nothing_is_smaller_than_a_caption(name: str) -> None:
    for view in views(MAPS[name]):
        assert smallest(view) >= CAPTION, view


@pytest.mark.parametrize("count", [2, 8, 13, 16])
def test_the_numbers_of_a_short_text_have_room_whatever_they_are(count: int) -> None:
    source = samples.first(samples.LONG, count)
    certain = AttentionMap(source, np.eye(count, dtype=np.float16)[None, None])
    plot = plan_heatmap(view := HeadView(certain, 1, 1), view.weights, "")
    assert heatmap._sizes(plot, plot.weights)[1][0][0] == "100"
