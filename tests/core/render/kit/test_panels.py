"""Several squares side by side: the tour."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from core.errors import BadInput
from core.render import LensesView, NormView, TourView
from core.render.kit.drawing.palette import colour_map
from core.results import AttentionMap
from tests.core.render.golden import samples

FIVE = samples.tokenization("ab cd ef", ["ab", "cd", "ef"])


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def mixed(offset: int, sharp: float) -> np.ndarray:
    """Weights that look `offset` tokens ahead."""
    ahead = np.eye(5, k=offset)
    ahead[~ahead.any(axis=1)] = 0.2
    return (sharp * ahead + (1 - sharp) * 0.2).astype(np.float16)


def test_the_tour_names_its_heads_in_order_and_draws_each():
    view = TourView(AttentionMap(FIVE, np.array([[mixed(1, 0.9), mixed(0, 0.3)], [mixed(-1, 0.6), mixed(-1, 0.4)]])))
    drawing = view.draw()
    assert drawing.alt.startswith("3 heads worth seeing in google-bert/bert-base-uncased. Layer 1, head 1 looks at")
    assert [row[:2] for row in view.table().rows] == [("1.1", "next"), ("2.1", "previous"), ("1.2", "broad")]
    bright = (pixels(drawing.png) == colour_map("dark")[-1]).all(axis=-1)
    rows, columns = np.nonzero(bright[: drawing.height * 2 // 3])
    assert columns.max() < drawing.width / 2  # the brightest cells are in the first square, at the left
    assert rows.max() < drawing.height / 2


@pytest.mark.parametrize("count", [1, 16, 17, 40, 41, 80, 81, 128, 200])
def test_every_length_fits_the_picture(count):
    source = samples.first(samples.LONG, count + 1)
    weights = samples.attention(source).weights.copy()
    weights[0, 0] = np.eye(count + 1)
    view = TourView(AttentionMap(source, weights))
    drawing = view.draw()
    picture = pixels(drawing.png)
    assert drawing.png == view.draw().png
    assert (picture[:, -14:] == picture[0, 0]).all()
    assert len(drawing.png) < 1_000_000


def test_a_text_on_which_no_head_stands_out_is_refused():
    with pytest.raises(BadInput, match="No head stands out"):
        TourView(AttentionMap(FIVE, np.full((2, 2, 5, 5), 0.2, np.float16))).draw()


def test_three_lenses_share_a_scale_and_tell_the_share_of_special_tokens():
    attention = samples.with_norms(samples.attention(samples.CAT))
    view = LensesView(attention, 3, None)
    drawing = view.draw()
    lenses = view._lenses()
    assert list(lenses) == ["weight", "norm-weighted", "rollout to layer 3"]
    for lens in lenses.values():
        np.testing.assert_allclose(lens.sum(axis=1), 1, atol=2e-3)
    shares = [
        float(part.rstrip("%")) for part in re.findall(r"(\d+\.\d%)", drawing.alt.partition("On special tokens: ")[2])
    ]
    assert shares[1] < shares[0]
    assert view.table().header == ("from", "weight", "norm-weighted", "rollout to layer 3")
    assert len(view.table().rows) == len(samples.CAT.tokens)


def test_a_model_whose_norms_are_unknown_has_two_lenses_and_no_norm_weighted_picture():
    attention = samples.attention(samples.CAT)
    assert "Two lenses on one sentence: weight, rollout to layer 1." in LensesView(attention, 1, 2).draw().alt
    with pytest.raises(BadInput, match="cannot be measured"):
        NormView(attention, 1, 1)


def test_only_heads_that_there_are():
    attention = samples.with_norms(samples.attention(samples.CAT))
    for view in (NormView, LensesView):
        with pytest.raises(BadInput, match="4 layers"):
            view(attention, 5, 1)
        with pytest.raises(BadInput, match="4 heads"):
            view(attention, 1, 5)


def test_the_norm_weighted_picture_draws_the_shares():
    attention = samples.with_norms(samples.attention(samples.CAT))
    view = NormView(attention, 2, 3)
    row, column = np.unravel_index(int(view.shares.argmax()), view.shares.shape)
    assert f"{view.shares.max():.2f}" in view.draw().alt
    assert view.table().rows[row][1].endswith(f"{view.shares[row, column]:.2f}")
