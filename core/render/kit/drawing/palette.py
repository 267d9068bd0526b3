"""Colours: the two themes, their colour map for weights, and the colours of labels.

One rule for all pictures of a classifier: a colour means a label and nothing else, the same one everywhere. Good is
blue, bad is orange, neither is grey, any other label has a hue of its own. What is for and what is against is never
said by colour, but by the sign of its number, the side of zero and `Canvas.hatch`: plain is for, hatched is against.
Where there are no labels, bars are blue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.render.kit.drawing.marks import Colour

Theme = Literal["dark", "light"]
Floats = npt.NDArray[np.float64]

LEVELS = 64  # steps of the colour map; each is about one just noticeable difference of lightness
SIDE = 31  # steps of the map for differences to either side of zero

# The colour map as points (lightness, chroma, hue in degrees) in OKLCh; the first is the panel's background.
_DARK_POINTS = (
    (0.239, 0.008, 285),
    (0.34, 0.13, 285),
    (0.47, 0.19, 312),
    (0.62, 0.20, 8),
    (0.76, 0.15, 48),
    (0.88, 0.12, 85),
    (0.975, 0.06, 105),
)
_LIGHT_POINTS = (
    (1.0, 0.0, 90),
    (0.93, 0.06, 90),
    (0.82, 0.12, 62),
    (0.67, 0.17, 28),
    (0.52, 0.18, 350),
    (0.37, 0.14, 310),
    (0.22, 0.06, 285),
)

# The same for differences: more is orange, less is blue, a pair that most eyes can tell apart.
_DARK_MORE = ((0.239, 0.008, 45), (0.42, 0.10, 45), (0.62, 0.16, 50), (0.80, 0.14, 70), (0.93, 0.07, 90))
_DARK_LESS = ((0.239, 0.008, 262), (0.42, 0.11, 262), (0.60, 0.15, 250), (0.78, 0.11, 230), (0.92, 0.05, 210))
_LIGHT_MORE = ((1.0, 0.0, 75), (0.90, 0.06, 75), (0.76, 0.13, 62), (0.60, 0.15, 48), (0.42, 0.11, 40))
_LIGHT_LESS = ((1.0, 0.0, 230), (0.90, 0.05, 230), (0.74, 0.12, 242), (0.58, 0.16, 255), (0.40, 0.14, 265))


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme; every text colour has a contrast of at least 4.5 : 1 on `ground`."""

    ground: Colour
    text: Colour
    dim: Colour
    lattice: Colour
    mark: Colour
    unknown: Colour
    track: Colour
    bar: Colour
    second: Colour
    others: tuple[Colour, ...]
    pills: tuple[Colour, ...]


DARK = Colours(
    ground=(30, 31, 34),
    text=(242, 243, 245),
    dim=(160, 164, 173),
    lattice=(45, 47, 52),
    mark=(110, 115, 126),
    unknown=(255, 128, 112),
    track=(49, 51, 56),
    bar=(88, 166, 245),
    second=(240, 158, 74),
    others=((0, 132, 93), (226, 165, 193), (170, 94, 219), (214, 255, 132)),
    pills=((38, 71, 112), (94, 58, 30), (30, 84, 76), (92, 46, 82), (70, 70, 36)),
)
LIGHT = Colours(
    ground=(255, 255, 255),
    text=(30, 31, 34),
    dim=(90, 94, 104),
    lattice=(232, 233, 237),
    mark=(136, 141, 152),
    unknown=(190, 40, 24),
    track=(232, 233, 237),
    bar=(27, 98, 178),
    second=(178, 92, 8),
    others=((31, 76, 0), (161, 32, 130), (132, 140, 82), (33, 0, 66)),
    pills=((203, 224, 250), (252, 221, 188), (196, 236, 226), (245, 208, 236), (232, 232, 178)),
)


def colours(theme: Theme) -> Colours:
    """Return the colours of a theme."""
    return LIGHT if theme == "light" else DARK


def label_colours(labels: Iterable[str], palette: Colours) -> dict[str, Colour]:
    """The colour of each label of a classifier, by their names alone: the order in which they come does not matter."""
    known = {"pos": palette.bar, "neg": palette.second, "neu": palette.dim}
    found = {label: known.get(label.casefold()[:3]) for label in sorted(labels)}
    others = [label for label, colour in found.items() if colour is None]
    hues = {label: palette.others[place % len(palette.others)] for place, label in enumerate(others)}
    return {label: colour or hues[label] for label, colour in found.items()}


@lru_cache(maxsize=4)
def colour_map(theme: Theme, signed: bool = False) -> tuple[Colour, ...]:
    """Return the colours of a weight, from none (the background, exactly) to the largest.

    Lightness runs one way only, so the map survives greyscale and every kind of colour blindness, and the steps are
    equally far apart in OKLab (Ottosson 2020, https://bottosson.github.io/posts/oklab/).

    Args:
        theme: Dark or light.
        signed: Whether the weights are differences: then none, `SIDE` steps of more, and `SIDE` of less.
    """
    dark = theme == "dark"
    if not signed:
        return (colours(theme).ground, *_steps(_DARK_POINTS if dark else _LIGHT_POINTS, LEVELS)[1:])
    arms = (_DARK_MORE, _DARK_LESS) if dark else (_LIGHT_MORE, _LIGHT_LESS)
    more, less = (_steps(arm, SIDE + 1)[1:] for arm in arms)
    return (colours(theme).ground, *more, *less)


def _steps(points: Sequence[tuple[float, float, float]], count: int) -> list[Colour]:
    """Colours on the way through some points in OKLCh, equally far apart."""
    path_points: Floats = np.array(points)
    path_points[:, 2] = np.unwrap(path_points[:, 2], period=360)
    where = np.linspace(0, len(points) - 1, 4096)
    lightness, chroma, degrees = (_between(where, path_points[:, axis]) for axis in range(3))
    path = np.stack([lightness, chroma * np.cos(np.radians(degrees)), chroma * np.sin(np.radians(degrees))], axis=1)
    travelled = np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))
    stops: Floats = np.linspace(0, float(travelled[-1]), count)
    even = path[np.searchsorted(travelled, stops)]
    return [(int(red), int(green), int(blue)) for red, green, blue in _oklab_to_srgb(even)]


def _between(where: Floats, values: Floats) -> Floats:
    """Straight lines between `values`, at fractional indices."""
    return np.interp(where, np.arange(len(values)), values)


def _oklab_to_srgb(lab: Floats) -> npt.NDArray[np.uint8]:
    """OKLab ``(…, 3)`` to 8-bit sRGB, clipped to what a screen shows."""
    to_lms = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.291485548]]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.707614701],
        ]
    )
    linear = np.clip((lab @ to_lms.T) ** 3 @ to_rgb.T, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(srgb * 255).astype(np.uint8)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    channels = np.array(colour) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=512)
def readable_on(ground: Colour) -> Colour:
    """Black or white, whichever reads better on `ground` (always at least 4.5 : 1)."""
    black, white = (0, 0, 0), (255, 255, 255)
    return white if contrast(white, ground) >= contrast(black, ground) else black
