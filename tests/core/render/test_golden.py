"""The pictures stay as they were: to the pixel with the same libraries, to the eye with others."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.render import HeadView
from core.render.kit.wording import cautions
from tests.core.render.golden import samples

CAUTIONS = [text for name, text in vars(cautions).items() if name.isupper()]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def looks_like(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures differ only in how letters are smoothed and placed by a pixel or so.

    Both are averaged over a coarse grid, in which hinting disappears but a wrong cell, colour or line does not.
    """
    if abs(one.width - other.width) > 8 or abs(one.height - other.height) > 8:
        return False
    grid = one.width // 16, one.height // 16
    coarse = [np.asarray(picture.resize(grid, Image.Resampling.BOX), dtype=float) for picture in (one, other)]
    difference = np.abs(coarse[0] - coarse[1])
    return bool(difference.mean() < 3 and np.quantile(difference, 0.99) < 30)


@pytest.mark.parametrize("name", samples.PICTURES)
def test_a_picture_is_as_it_was(name):
    drawn = opened(samples.PICTURES[name]().draw().png)
    kept = opened((samples.HERE / f"{name}.png").read_bytes())
    if samples.libraries() == (samples.HERE / "drawn-with.txt").read_text().strip():
        assert drawn.tobytes() == kept.tobytes()
    assert looks_like(drawn, kept)


@pytest.mark.parametrize("name", [name for name in samples.PICTURES if not name.startswith(("strip", "comparison"))])
def test_what_a_picture_warns_of_is_told_too(name):
    """But for the views of tokens, which have nothing to warn of; where an alternative text is full, it ends early."""
    alt = samples.PICTURES[name]().draw().alt
    assert any(alt.endswith(caution) for caution in CAUTIONS) or len(alt) == 1024


def test_the_comparison_forgives_a_pixel_but_not_a_changed_fact():
    view = HeadView(samples.attention(samples.CAT), 3, 2)
    drawn = opened(view.draw().png)
    moved = Image.new("RGB", drawn.size, (30, 31, 34))
    moved.paste(drawn, (1, 1))
    assert looks_like(drawn, moved)
    assert not looks_like(drawn, opened(HeadView(view.map, 3, 3).draw().png))
    assert not looks_like(drawn, opened(HeadView(view.map, 3, 2, theme="light").draw().png))
    turned = samples.AttentionMap(samples.CAT, view.map.weights.swapaxes(-1, -2))
    assert not looks_like(drawn, opened(HeadView(turned, 3, 2).draw().png))
