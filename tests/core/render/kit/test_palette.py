"""The colours: even, safe for colour-blind viewers, readable."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.render import AttributionBars, SentimentBars, SentimentStrips
from core.render.kit.drawing.palette import (
    LEVELS,
    SIDE,
    colour_map,
    colours,
    contrast,
    label_colours,
    luminance,
    readable_on,
)
from core.results import Choice, Explanation, Score, Sentiment, SentimentBatch
from tests.core.render.golden import samples

THEMES = ("dark", "light")

# Machado, Oliveira & Fernandes 2009, full severity, on linear RGB.
VISION = {
    "usual": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
}


def linear(steps) -> np.ndarray:
    srgb = np.array(steps) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lightness(rgb: np.ndarray) -> np.ndarray:
    """CIE L* (0 to 100) of linear RGB."""
    y = np.clip(rgb @ [0.2126, 0.7152, 0.0722], 0, 1)
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27)


def oklab(rgb: np.ndarray) -> np.ndarray:
    lms = rgb @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return np.cbrt(lms) @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )


@pytest.mark.parametrize("theme", THEMES)
def test_no_weight_is_the_background(theme):
    assert len(colour_map(theme)) == LEVELS
    assert colour_map(theme)[0] == colours(theme).ground


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_lightness_runs_one_way_for_every_eye(theme, vision):
    seen = np.clip(linear(colour_map(theme)) @ np.array(VISION[vision]).T, 0, 1)
    steps = np.diff(lightness(seen)) * (1 if theme == "dark" else -1)
    assert steps.min() > -0.1
    assert np.diff(lightness(seen)[::4]).min() * np.diff(lightness(seen)[::4]).max() > 0


@pytest.mark.parametrize("theme", THEMES)
def test_the_steps_are_even(theme):
    steps = np.linalg.norm(np.diff(oklab(linear(colour_map(theme))), axis=0), axis=1)
    assert steps.max() < 2 * steps.min()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_more_and_less_can_be_told_apart_and_grow_lighter_or_darker(theme, vision):
    zero, *steps = colour_map(theme, signed=True)
    assert zero == colours(theme).ground and len(steps) == 2 * SIDE
    seen = np.clip(linear([zero, *steps]) @ np.array(VISION[vision]).T, 0, 1)
    more, less = seen[[0, *range(1, SIDE + 1)]], seen[[0, *range(SIDE + 1, 2 * SIDE + 1)]]
    for arm in (more, less):
        assert (np.diff(lightness(arm)[::3]) * (1 if theme == "dark" else -1)).min() > 0
    if vision != "grey":  # there only the printed signs tell
        apart = np.linalg.norm(oklab(more) - oklab(less), axis=1)
        assert apart[SIDE // 3 :].min() > 0.08


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable(theme):
    palette = colours(theme)
    for ink in (palette.text, palette.dim, palette.unknown):
        assert contrast(ink, palette.ground) >= 4.5
    for pill in palette.pills:
        assert contrast(palette.text, pill) >= 4.5
    for mark in (palette.mark, palette.bar, palette.second, *palette.others):
        assert contrast(mark, palette.ground) >= 3
    for cell in (*colour_map(theme), *colour_map(theme, signed=True)):
        assert contrast(readable_on(cell), cell) >= 4.5


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)
    assert luminance((255, 0, 0)) == pytest.approx(0.2126)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", [name for name in VISION if name != "grey"])  # there only their order tells
def test_colours_of_labels_can_be_told_apart(theme, vision):
    palette = colours(theme)
    for family, least in (((palette.bar, palette.second, palette.dim), 0.08), (palette.others, 0.15)):
        seen = oklab(np.clip(linear(family) @ np.array(VISION[vision]).T, 0, 1))
        apart = [np.linalg.norm(one - other) for place, one in enumerate(seen) for other in seen[:place]]
        assert min(apart) > least


@pytest.mark.parametrize("theme", THEMES)
def test_a_label_has_one_colour_whatever_stands_beside_it(theme):
    palette = colours(theme)
    known = label_colours(["NEUTRAL", "negative", "Positive"], palette)
    assert known == {"NEUTRAL": palette.dim, "negative": palette.second, "Positive": palette.bar}
    feelings = ["joy", "anger", "fear", "neutral", "sadness"]
    assert label_colours(feelings, palette) == label_colours(feelings[::-1], palette)
    assert len(set(label_colours(feelings, palette).values())) == len(feelings)
    assert {palette.bar, palette.second}.isdisjoint(label_colours(feelings, palette).values())


def test_why_has_the_colour_of_the_label_that_sentiment_gives_it():
    scored = Sentiment(samples.CAT, tuple(Score(label, 1 / 3) for label in ("anger", "fear", "joy")))
    reasons = samples.reasons(samples.CAT)
    why = Explanation(samples.CAT, Choice(0, "joy"), reasons, 1.5, 0.0, "[MASK]", 16, labels=("anger", "fear", "joy"))
    joy = label_colours(["anger", "fear", "joy"], colours("dark"))["joy"]
    for view in (SentimentBars(scored), AttributionBars(why), SentimentStrips(SentimentBatch((scored, scored)))):
        picture = np.asarray(Image.open(io.BytesIO(view.draw().png)).convert("RGB"))
        assert (picture == joy).all(axis=-1).sum() > 500
