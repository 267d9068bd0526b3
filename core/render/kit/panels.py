"""Several squares of weights between the same tokens, side by side on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render.kit.axes import Sizes, room, write_columns, write_rows
from core.render.kit.canvas import Canvas
from core.render.kit.cells import SCALE, draw_cells, draw_scale, levels
from core.render.kit.frame import MARGIN, SUBTITLE, WIDTH, Frame, draw_frame, enlarged
from core.render.kit.labels import Label
from core.render.kit.palette import Theme
from core.render.kit.text import line, measure, wrap
from core.render.kit.words import Floats

_GAP = 24  # pixels between squares
_HEADING = 320  # pixels that a heading may ask for
_NAMED = 40  # tokens, above which their names do not fit


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One square: its heading, wrapped, and its weights, float32 ``(M, N)``, row = from, column = to."""

    heading: str
    weights: Floats


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


def draw_panels(plot: Panels) -> Canvas:
    """Draw the squares; tokens are named at the left of each row of squares, and above each if there is room."""
    longest = max(len(plot.labels), len(plot.down))
    size, named = _sizes(longest, plot.columns), longest <= _NAMED
    before, above = (room(plot.down, size)[0], room(plot.labels, size)[1]) if named else (0, 0)
    side, rows = _side(plot, size), -(-len(plot.panels) // plot.columns)
    step = side + _GAP
    width = max(WIDTH, 2 * MARGIN + before + min(plot.columns, len(plot.panels)) * step - _GAP)
    letters = enlarged(SUBTITLE, width)
    headings = [wrap(panel.heading, side, letters, limit=9) for panel in plot.panels]
    heading = _step(letters) * max(map(len, headings)) + SUBTITLE
    high = heading + above + len(plot.down) * size.cell + _GAP
    frame = Frame(plot.title, tuple(plot.lines), tuple(plot.notes), width, rows * high + SCALE, plot.theme, plot.signed)
    canvas, top = draw_frame(frame)
    largest = max(float(np.abs(panel.weights).max(initial=0)) for panel in plot.panels)
    for number, panel in enumerate(plot.panels):
        left = MARGIN + before + number % plot.columns * step
        y = top + number // plot.columns * high + heading + above
        for up, text in enumerate(reversed(headings[number])):
            canvas.write(left, y - above - SUBTITLE // 2 - up * _step(letters), line(text, letters))
        weights = np.tril(panel.weights) if plot.causal else panel.weights
        draw_cells(canvas, left, y, levels(weights, largest, signed=plot.signed), size.cell, size.gap, plot.causal)
        if named:
            write_columns(canvas, plot.labels, size, left, y)
            if number % plot.columns == 0:
                write_rows(canvas, plot.down, size, left, y)
        else:
            right, below = left + len(plot.labels) * size.cell, y + len(plot.down) * size.cell
            canvas.frame((left - 2, y - 2, right + 2, below + 2), canvas.colours.lattice)
    say = plot.say
    scale = say("scale: −max to +max of all squares" if plot.signed else "scale: 0–max of all squares")
    draw_scale(say, canvas, MARGIN, top + rows * high + 8, largest, (scale, say("square-root")))
    return canvas


def _side(plot: Panels, size: Sizes) -> int:
    """The pixels that each square gets: as many as its cells need, or its heading, which is wrapped if it is long."""
    headings = max(measure(panel.heading, round(1.4 * SUBTITLE)) for panel in plot.panels)
    return max(len(plot.labels) * size.cell, min(headings, _HEADING))


def _step(letters: int) -> int:
    """The distance of two lines of a heading."""
    return round(1.3 * letters)


def _sizes(count: int, columns: int) -> Sizes:
    """Sizes for a number of tokens; letters as large as fit, for a phone shows squares side by side smaller."""
    if count <= 16:
        return Sizes(30, 1, 22 if columns < 2 else 28)
    if count <= _NAMED:
        return Sizes(24, 1, 20 if columns < 3 else 23)
    if count <= 80:
        return Sizes(10, 1, 20)
    return Sizes(6, 0, 20) if count <= 128 else Sizes(3, 0, 20)
