"""A square of weights between tokens: rows look, columns are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.marks import Box
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import measure
from core.render.kit.frame import MARGIN, NOTE, WIDTH, Frame, draw_frame
from core.render.kit.squares.axes import BRACKET, Sizes, legible, room, width_of, write_columns, write_rows
from core.render.kit.squares.cells import draw_cells, draw_numbers, draw_scale, fits, levels, scale_height
from core.render.kit.wording import words
from core.render.kit.wording.labels import Label
from core.render.kit.wording.words import Floats

MOST_TOKENS = 256  # more would be too small to see
_SMALLEST, _LARGEST = 44, 76  # pixels: a cell with a number


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """What to draw.

    Attributes:
        title: What it is a picture of.
        subtitle: Of which model and how many tokens.
        weights: float32 ``(M, N)``, row = from, column = to; at most `MOST_TOKENS` tokens.
        labels: The N tokens of the columns.
        footer: Sentences below the picture.
        theme: Dark or light.
        reading: What rows and columns are.
        causal: Whether to leave what lies above the diagonal blank.
        rows: The M tokens of the rows, if they are not those of the columns.
        divide: Where the second of two texts begins, in rows and columns; 0 if there is one.
        signed: Whether the weights are differences.
        say: The language.
        hidden: That sentence of `footer` that says how much is hidden, if there is one.
        finding: What is found in it, which then stands first.
        outlined: The row that this is about, from 0.
    """

    title: str
    subtitle: str
    weights: Floats
    labels: Sequence[Label]
    footer: Sequence[str]
    theme: Theme
    reading: str
    causal: bool = False
    rows: Sequence[Label] | None = None
    divide: int = 0
    signed: bool = False
    say: Language = ENGLISH
    hidden: str = ""
    finding: str = ""
    outlined: int | None = None

    @property
    def down(self) -> Sequence[Label]:
        """The tokens of the rows."""
        return self.labels if self.rows is None else self.rows

    @property
    def largest(self) -> float:
        """The weight with the last colour; of differences, the largest either way."""
        return float(np.abs(self.weights).max(initial=0))


def draw_heatmap(plot: Plot) -> Canvas:
    """Draw a plot."""
    say, weights = plot.say, np.tril(plot.weights) if plot.causal else plot.weights
    size, texts = _sizes(plot, weights)
    wide, high = len(plot.labels) * size.cell, len(plot.down) * size.cell
    (before, _, _), (_, above, _) = room(plot.down, size), room(plot.labels, size)
    left, width = MARGIN + before, width_of(size, 2 * MARGIN + wide, plot.down, plot.labels)
    head = (plot.finding, f"{plot.title} · {plot.subtitle}") if plot.finding else (plot.title, plot.subtitle)
    frame = Frame(
        head[0],
        (head[1], f"{plot.reading} · {_sums(plot, weights)}"),
        tuple(plot.footer),
        width,
        above + high + scale_height(width),
        plot.theme,
        plot.signed,
    )
    canvas, top = draw_frame(frame)
    top += above
    level = levels(weights, plot.largest, signed=plot.signed)
    draw_cells(canvas, left, top, level, size.cell, size.gap, plot.causal)
    draw_numbers(canvas, left, top, level, size.cell, texts)
    _draw_lines(canvas, plot, size, (left, top, left + wide, top + high))
    write_columns(canvas, plot.labels, size, left, top)
    write_rows(canvas, plot.down, size, left, top)
    scale = say("scale: −max to +max, square-root") if plot.signed else say("scale: 0–max, square-root")
    notes = (scale, *((say("numbers: % of the row"),) if texts else ()))
    draw_scale(say, canvas, MARGIN, top + high, plot.largest, notes)
    return canvas


def _draw_lines(canvas: Canvas, plot: Plot, size: Sizes, box: Box) -> None:
    """Draw what divides two texts, and the edge of the row that the picture is about."""
    (left, top, right, bottom), colour = box, canvas.colours.text
    if plot.divide:
        cut = plot.divide * size.cell - size.gap
        canvas.fill((left, top + cut - 1, right, top + cut + size.gap + 1), colour)
        canvas.fill((left + cut - 1, top, left + cut + size.gap + 1, bottom), colour)
    if plot.outlined is not None and plot.outlined < len(plot.down):
        end = left + (plot.outlined + 1) * size.cell if plot.causal else right
        y = top + plot.outlined * size.cell
        canvas.frame((left - 3, y - 3, end + 3 - size.gap, y + size.cell + 3 - size.gap), colour, 3)


def _sizes(plot: Plot, weights: Floats) -> tuple[Sizes, list[list[str]]]:
    """Choose sizes, and what is written into the cells: of up to 16 tokens the numbers, if they have room."""
    count = max(len(plot.labels), len(plot.down))
    if count > 16:
        cell, gap = (30, 1) if count <= 40 else (22, 1) if count <= 80 else (14, 0) if count <= 128 else (7, 0)
        return _legible(plot, Sizes(cell, gap, NOTE)), []
    widest = max(measure(label.numbered, 24) for label in (*plot.labels, *plot.down))
    least = min(_LARGEST, max(_SMALLEST, (WIDTH - 2 * MARGIN - widest - BRACKET) // count))
    texts = [[_percent(plot.say, weight, plot.signed) for weight in row] for row in weights.tolist()]
    sizes = [
        _legible(plot, Sizes(cell, 2, 24, degrees=0 if widest + 10 <= cell else 45))
        for cell in range(least, _LARGEST + 1, 4)
    ]
    for size in sizes:
        drawn = 2 * MARGIN + len(plot.labels) * size.cell
        if fits(texts, size.cell, width_of(size, drawn, plot.down, plot.labels)):
            return size, texts
    return sizes[0], []


def _legible(plot: Plot, size: Sizes) -> Sizes:
    return legible(size, 2 * MARGIN + len(plot.labels) * size.cell, plot.down, plot.labels)


def _percent(say: Language, weight: float, signed: bool) -> str:
    """A weight for a cell; nothing for one that rounds to 0."""
    if abs(weight) < 0.005:
        return ""
    return words.signed(say, 100 * weight, 0) if signed else f"{100 * weight:.0f}"


def _sums(plot: Plot, weights: Floats) -> str:
    """Say what the rows add up to: 1 (differences 0), or less where something is left out."""
    say, sums = plot.say, weights.sum(axis=1)
    if plot.signed:
        return say("each row sums to 0") if np.abs(sums).max(initial=0) < 0.02 else say("the rest is not shown")
    if sums.min(initial=1) > 0.98:
        return say("each row sums to 1")
    least, most = float(sums.min()), float(sums.max())
    return say("rows sum to {least:.2f}–{most:.2f}, the rest is not shown", least=least, most=most)
