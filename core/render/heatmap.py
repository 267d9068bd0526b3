"""A square of weights between tokens: rows look, columns are looked at."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from core.render.canvas import Align, Canvas, Pixels
from core.render.frame import MARGIN, NOTE, WIDTH, Frame, enlarged, framed
from core.render.labels import Label
from core.render.palette import LEVELS, Colour, Theme, readable_on
from core.render.runs import clusters
from core.render.text import line, measure, turned
from core.render.words import Floats

MOST_TOKENS = 128  # more would be too small to see
_BRACKET = 18  # between the labels and the cells: room for the bracket over the pieces of a word
_SCALE = 64  # the height of the colour bar with its numbers


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """What to draw.

    Attributes:
        title: The first line.
        subtitle: The second line.
        weights: float32 ``(N, N)``, row = from, column = to; at most `MOST_TOKENS` tokens.
        labels: The N tokens.
        footer: Sentences below the picture.
        theme: Dark or light.
        causal: Whether to leave what lies above the diagonal blank.
    """

    title: str
    subtitle: str
    weights: Floats
    labels: Sequence[Label]
    footer: Sequence[str]
    theme: Theme
    causal: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pixels, twice those of a phone: a cell with the gap in it, letters; which labels to write, and how."""

    cell: int
    gap: int
    font: int
    every: int = 1
    degrees: int = 90
    numbers: bool = False


def draw_heatmap(plot: Plot) -> Canvas:
    """Draw a plot."""
    count, size = len(plot.labels), _sizes(plot)
    weights = np.tril(plot.weights) if plot.causal else plot.weights
    widths = [_label_width(label, size) for label in plot.labels]
    left = MARGIN + max(widths) + _BRACKET
    rise = math.radians(size.degrees)
    above = math.ceil(max(widths) * math.sin(rise) + size.font * (1 if size.degrees < 90 else 0.2))
    lean = (
        max((i + 0.5 - count) * size.cell + w * math.cos(rise) for i, w in enumerate(widths))
        if size.degrees < 90
        else 0
    )
    side = count * size.cell
    frame = Frame(
        plot.title,
        (plot.subtitle, f"rows = from (query) · columns = to (key) · {_sums(weights)}"),
        tuple(plot.footer),
        max(WIDTH, left + side + max(0, math.ceil(lean)) + MARGIN),
        above + _BRACKET + side + _SCALE,
        plot.theme,
    )
    canvas, top = framed(frame)
    top += above + _BRACKET
    _cells(canvas, weights, plot.causal, size, left, top)
    _labels(canvas, plot.labels, size, left, top)
    _scale(canvas, float(weights.max(initial=0)), MARGIN, top + side + 16, size.numbers)
    return canvas


def _sizes(plot: Plot) -> Sizes:
    """Choose sizes so that 16 tokens are legible on a phone and 128 fit on a screen."""
    count = len(plot.labels)
    if count <= 16:
        widest = max(measure(label.numbered, 24) for label in plot.labels)
        cell = min(76, max(44, (WIDTH - 2 * MARGIN - widest - _BRACKET) // count))
        return Sizes(cell, 2, 24, degrees=0 if widest + 10 <= cell else 45, numbers=True)
    if count <= 40:
        return Sizes(30, 1, 23)
    if count <= 80:
        return Sizes(24, 1, 20)
    return Sizes(14, 0, 20, every=2)


def _sums(weights: Floats) -> str:
    """Say what the rows add up to: 1, or less where something is left out."""
    sums = weights.sum(axis=1)
    if sums.min(initial=1) > 0.98:
        return "each row sums to 1"
    return f"rows sum to {sums.min():.2f}–{sums.max():.2f}, the rest is not shown"


def _label_width(label: Label, size: Sizes) -> int:
    return line(label.numbered, size.font, label.special, label.unknown).width


def levels(weights: Floats, top: float) -> Pixels:
    """Map weights to the colour map: the square root of their share of `top`."""
    return np.rint(np.sqrt(np.clip(weights / (top or 1.0), 0, 1)) * (LEVELS - 1)).astype(np.uint8)


def _cells(canvas: Canvas, weights: Floats, causal: bool, size: Sizes, left: int, top: int) -> None:
    """Fill the square, or the triangle below its diagonal: the cells, the lattice between them, the numbers."""
    count, cell = len(weights), size.cell
    level = levels(weights, float(weights.max(initial=0)))
    tile = np.full((cell, cell), True)
    tile[cell - size.gap :, :] = tile[:, cell - size.gap :] = False
    large = np.kron(level, np.ones((cell, cell), np.uint8))
    lattice = canvas.index(canvas.colours.lattice)
    large = np.where(np.tile(tile, (count, count)), large, np.uint8(lattice))
    if causal:
        seen = np.kron(np.tri(count, dtype=bool), np.ones((cell, cell), bool))
        large = np.where(seen, large, np.uint8(0))
    canvas.pixels[top : top + count * cell, left : left + count * cell] = large
    if size.numbers:
        _numbers(canvas, weights, level, cell, left, top)


def _numbers(canvas: Canvas, weights: Floats, level: Pixels, cell: int, left: int, top: int) -> None:
    """Write each weight in its cell, in per cent; those that round to nothing stay out."""
    for row, column in np.argwhere(np.rint(100 * weights) > 0).tolist():
        ground = canvas.colour_of(int(level[row, column]))
        text = line(f"{100 * weights[row, column]:.0f}", 20)
        x, y = left + column * cell + cell // 2 - 1, top + row * cell + cell // 2 + 7
        canvas.write(x, y, text, readable_on(ground), ground, "middle", steps=3)


def _labels(canvas: Canvas, labels: Sequence[Label], size: Sizes, left: int, top: int) -> None:
    """Write the tokens along both sides, with a bracket over the pieces of one word."""
    for index, label in enumerate(labels):
        centre = index * size.cell + (size.cell - size.gap) // 2
        if index % size.every:
            continue
        colour, lift = _colour(canvas, label), round(size.font * 0.36)
        row = line(label.numbered, size.font, label.special, label.unknown)
        canvas.write(left - _BRACKET, top + centre + lift, row, colour, align="right")
        if size.degrees == 0 or _upright(label):
            canvas.write(left + centre, top - _BRACKET - 4, row, colour, align="middle")
        else:
            column = turned(label.numbered, size.font, label.special, label.unknown, size.degrees)
            rise = math.radians(size.degrees)
            x = left + centre + round(lift * math.sin(rise))
            canvas.write(x, top - _BRACKET - round(4 * math.cos(rise)), column, colour)
    for first, last in _words(labels):
        start, end = first * size.cell + 4, (last + 1) * size.cell - size.gap - 4
        _bracket(canvas, left + start, top - 10, left + end, top - 4)
        _bracket(canvas, left - 10, top + start, left - 4, top + end)


def _upright(label: Label) -> bool:
    """Whether a column's name is one character of a script that also runs from top to bottom, or an emoji."""
    return len(clusters(label.text)) == 1 and unicodedata.east_asian_width(label.text[0]) in "WF"


def _colour(canvas: Canvas, label: Label) -> Colour:
    colours = canvas.colours
    return colours.unknown if label.unknown else colours.dim if label.special else colours.text


def _words(labels: Sequence[Label]) -> Iterator[tuple[int, int]]:
    """The first and last token of every word with several."""
    for word, group in groupby(enumerate(labels), key=lambda pair: pair[1].word):
        places = [index for index, _ in group]
        if word is not None and len(places) > 1:
            yield places[0], places[-1]


def _bracket(canvas: Canvas, left: int, top: int, right: int, bottom: int) -> None:
    """Draw a bracket open towards the cells: a line along the far side and a tick at each end."""
    mark = canvas.colours.mark
    if right - left > bottom - top:
        canvas.fill((left, top, right, top + 2), mark)
        canvas.fill((left, top, left + 2, bottom), mark)
        canvas.fill((right - 2, top, right, bottom), mark)
    else:
        canvas.fill((left, top, left + 2, bottom), mark)
        canvas.fill((left, top, right, top + 2), mark)
        canvas.fill((left, bottom - 2, right, bottom), mark)


def _scale(canvas: Canvas, top: float, x: int, y: int, numbers: bool) -> None:
    """Draw the colour bar with the weights at its ends and in its middle, and say how to read it."""
    note, dim = enlarged(NOTE, canvas.width), canvas.colours.dim
    step = note // 5
    width = LEVELS * step
    canvas.pixels[y : y + 16, x : x + width] = np.repeat(np.arange(LEVELS, dtype=np.uint8), step)
    canvas.frame((x - 1, y - 1, x + width + 1, y + 17), canvas.colours.lattice, 1)
    ticks: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for share, align in ticks:
        text = line(f"{top * share**2:.2g}", note)
        canvas.write(x + round(width * share), y + 18 + note, text, dim, align=align)
    canvas.write(x + width + note, y + 15, line("scale: 0–max, square-root", note), dim)
    if numbers:
        canvas.write(x + width + note, y + 18 + note, line("numbers: % of the row", note), dim)
