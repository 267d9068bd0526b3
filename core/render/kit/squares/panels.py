"""Several squares of weights on one scale: between the same tokens side by side, between others one below another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import line, measure, wrap
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame, enlarged
from core.render.kit.squares.axes import Sizes, legible, room, width_of, write_columns, write_rows
from core.render.kit.squares.cells import draw_cells, draw_scale, levels, scale_height
from core.render.kit.wording.labels import Label
from core.render.kit.wording.words import Floats

_GAP = 24  # pixels between squares
_HEADING = 320  # pixels that a heading may ask for
_LARGEST, _NAMES = 36, 340  # pixels: a cell of squares one above the other; for the heading and the names of each


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One square.

    Attributes:
        heading: What stands above it, wrapped.
        weights: float32 ``(M, N)``, row = from, column = to.
        labels: Its own N tokens, where it has others than the squares beside it.
        rows: Those of its rows, if they are not the same.
        causal: Whether to leave what lies above the diagonal blank.
        outlined: The row that it is about, from 0.
    """

    heading: str
    weights: Floats
    labels: Sequence[Label] = ()
    rows: Sequence[Label] = ()
    causal: bool = False
    outlined: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Panels:
    """What to draw.

    Attributes:
        title: The first line.
        lines: Smaller lines below it.
        panels: The squares, at least one.
        columns: How many of them stand beside each other.
        labels: The N tokens of the columns of each.
        notes: Sentences below.
        theme: Dark or light.
        causal: Whether to leave what lies above the diagonal blank.
        rows: The M tokens of the rows, if they are others.
        signed: Whether the weights are differences.
        say: The language.
    """

    title: str
    lines: Sequence[str]
    panels: Sequence[Panel]
    columns: int
    labels: Sequence[Label]
    notes: Sequence[str]
    theme: Theme
    causal: bool = False
    rows: Sequence[Label] | None = None
    signed: bool = False
    say: Language = ENGLISH

    @property
    def down(self) -> Sequence[Label]:
        """The tokens of the rows."""
        return self.labels if self.rows is None else self.rows

    def sides(self, panel: Panel) -> tuple[Sequence[Label], Sequence[Label]]:
        """The tokens of the rows and of the columns of a square."""
        return (panel.rows or panel.labels, panel.labels) if panel.labels else (self.down, self.labels)

    @property
    def named(self) -> tuple[Sequence[Label], Sequence[Label]]:
        """All tokens that are names of rows, and all of columns."""
        sides = [self.sides(panel) for panel in self.panels]
        return [label for down, _ in sides for label in down], [label for _, across in sides for label in across]


def draw_panels(plot: Panels) -> Canvas:
    """Draw the squares; tokens are named above each, and at the left of each row of squares."""
    size, step, width = _sizes(plot)
    down, across = plot.named
    before, above = room(down, size)[0], room(across, size)[1]
    letters, below = enlarged(SUBTITLE, width), scale_height(width)
    headings = [wrap(panel.heading, step - _GAP, letters, limit=9) for panel in plot.panels]
    heading = _step(letters) * max(map(len, headings)) + letters
    highs = [heading + above + len(plot.sides(panel)[0]) * size.cell + _GAP for panel in plot.panels[:: plot.columns]]
    frame = Frame(plot.title, tuple(plot.lines), tuple(plot.notes), width, sum(highs) + below, plot.theme, plot.signed)
    canvas, top = draw_frame(frame)
    largest = max(float(np.abs(panel.weights).max(initial=0)) for panel in plot.panels)
    for number, panel in enumerate(plot.panels):
        left = MARGIN + before + number % plot.columns * step
        y = top + sum(highs[: number // plot.columns]) + heading + above
        for up, text in enumerate(reversed(headings[number])):
            canvas.write(left, y - above - letters // 2 - up * _step(letters), line(text, letters))
        _draw_square(canvas, plot, panel, size, (left, y), largest, named=number % plot.columns == 0)
    say = plot.say
    scale = say("scale: −max to +max of all squares" if plot.signed else "scale: 0–max of all squares")
    draw_scale(say, canvas, MARGIN, top + sum(highs), largest, (scale, say("square-root")))
    return canvas


def _draw_square(
    canvas: Canvas, plot: Panels, panel: Panel, size: Sizes, at: tuple[int, int], largest: float, *, named: bool
) -> None:
    """Draw the cells, the names above, those at the left if it is `named`, and the edge of the row it is about."""
    (left, y), (down, across), causal = at, plot.sides(panel), plot.causal or panel.causal
    weights = np.tril(panel.weights) if causal else panel.weights
    draw_cells(canvas, left, y, levels(weights, largest, signed=plot.signed), size.cell, size.gap, causal)
    write_columns(canvas, across, size, left, y)
    if named:
        write_rows(canvas, down, size, left, y)
    if panel.outlined is not None and panel.outlined < len(down):
        end = left + (panel.outlined + 1 if causal else len(across)) * size.cell
        row = y + panel.outlined * size.cell
        box = (left - 3, row - 3, end + 3 - size.gap, row + size.cell + 3 - size.gap)
        canvas.frame(box, canvas.colours.text, 3)


def _step(letters: int) -> int:
    """The distance of two lines of a heading."""
    return round(1.3 * letters)


def _sizes(plot: Panels) -> tuple[Sizes, int, int]:
    """Sizes for the tokens, the pixels from one square to the next, and the width of the picture.

    A square gets as many pixels as its cells need, or its heading, which is wrapped if it is long.
    """
    sides, across = [plot.sides(panel) for panel in plot.panels], min(plot.columns, len(plot.panels))
    count, wide = max(len(one) for side in sides for one in side), max(len(columns) for _, columns in sides)
    cell, gap = (30, 1) if count <= 16 else (24, 1) if count <= 40 else (10, 1) if count <= 80 else (6, 0)
    cell = cell if count <= 128 else 3
    if plot.columns == 1:
        cell = min(_LARGEST, max(2, (TALLEST // len(plot.panels) - _NAMES) // count))
    size, step, width, names = Sizes(cell, gap if cell > 6 else 0, NOTE), 0, WIDTH, plot.named
    for _ in range(4):  # the headings grow with the picture
        headings = max(measure(panel.heading, enlarged(SUBTITLE, width)) for panel in plot.panels)
        step = max(wide * cell, min(headings, enlarged(_HEADING, width))) + _GAP
        drawn = 2 * MARGIN + across * step - _GAP
        size = legible(size, drawn, *names)
        width = width_of(size, drawn, *names)
    return size, step, width
