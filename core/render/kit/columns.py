"""Words in two columns, and lines from the left one to the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.language import Language
from core.render.kit.drawing.canvas import Align, Canvas
from core.render.kit.drawing.marks import Curve
from core.render.kit.drawing.palette import Colour, Colours
from core.render.kit.drawing.text import fit, line, measure
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE
from core.render.kit.wording.labels import Label
from core.render.kit.wording.words import Floats

_ROW, _BASELINE, _LETTERS = 44, 31, 26  # pixels from one word to the next, to its letters' feet, and of letters
_HEADING, _LEGEND = 44, 52  # pixels above the words, and below them
_THICKEST = 22  # pixels: the line of a whole row's attention
_NAME, _BETWEEN = 232, 14  # pixels: a word at most, and beside it
_ALIGN: tuple[Align, Align] = ("left", "right")
_FAINT = 0.35  # how much of their colour the lines of other words have


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What to draw.

    Attributes:
        headings: What the words at the left are, and those at the right.
        rows: The M words at the left.
        columns: The N words at the right.
        weights: float32 ``(M, N)``: how thick each line is, from none to 1; of differences −1 to 1.
        least: A thinner line is left out.
        chosen: The row whose lines stand out, or ``None`` for all alike.
        shares: What is written beside words at the right, by their number: those that the chosen one looks at.
        signed: Whether the weights are differences.
        say: The language.
    """

    headings: tuple[str, str]
    rows: Sequence[Label]
    columns: Sequence[Label]
    weights: Floats
    least: float
    chosen: int | None
    shares: Mapping[int, str]
    signed: bool
    say: Language

    @property
    def height(self) -> int:
        """The pixels that it takes from top to bottom."""
        return _HEADING + max(len(self.rows), len(self.columns)) * _ROW + _LEGEND


def draw_columns(canvas: Canvas, top: int, plot: Columns) -> None:
    """Draw a heading over each column, the words, the lines between them, and how thick those are."""
    numbers = max((measure(text, NOTE) + _BETWEEN for text in plot.shares.values()), default=0)
    left, far = MARGIN + _width(plot.rows), canvas.width - MARGIN
    right = far - numbers - _width(plot.columns)
    for heading, x, align in zip(plot.headings, (MARGIN, far), _ALIGN, strict=True):
        canvas.write(x, top + SUBTITLE, line(heading, SUBTITLE), canvas.colours.dim, align=align)
    _draw_lines(canvas, plot, left + _BETWEEN, top + _HEADING + _ROW // 2, right - _BETWEEN)
    for number, label in enumerate(plot.rows):
        baseline = top + _HEADING + number * _ROW + _BASELINE
        _write(canvas, left, baseline, label, "right", plot.chosen in (None, number))
    for number, label in enumerate(plot.columns):
        baseline = top + _HEADING + number * _ROW + _BASELINE
        _write(canvas, right, baseline, label, "left", plot.chosen is None or number in plot.shares)
        canvas.write(far, baseline, line(plot.shares.get(number, ""), NOTE), align="right")
    _draw_legend(canvas, top + plot.height - _LEGEND // 2, plot)


def _draw_lines(canvas: Canvas, plot: Columns, left: int, top: int, right: int) -> None:
    """Draw every line that is thick enough, those of the chosen word on top."""
    weights = plot.weights
    own = np.broadcast_to(plot.chosen is None or np.arange(len(weights))[:, None] == plot.chosen, weights.shape)
    for strong, which, colour in _kinds(plot, canvas.colours):
        drawn = np.argwhere(which & (own == strong) & (np.abs(weights) >= plot.least))
        curves = [
            Curve(left, top + row * _ROW, right, top + column * _ROW, _THICKEST * abs(float(weights[row, column])))
            for row, column in drawn.tolist()
        ]
        canvas.curves(curves, colour)


def _kinds(plot: Columns, palette: Colours) -> Iterator[tuple[bool, npt.NDArray[np.bool_], Colour]]:
    """The kinds of lines, the hindmost first: whether they stand out, which they are, and their colour."""
    special = np.broadcast_to([label.special for label in plot.columns], plot.weights.shape)
    kinds = ((special, palette.dim), (~special, palette.bar))
    if plot.signed:
        kinds = ((plot.weights < 0, palette.bar), (plot.weights > 0, palette.second))
    for strong in (False, True):
        for which, colour in kinds:
            yield strong, which, colour if strong else _faint(colour, palette.ground)


def _draw_legend(canvas: Canvas, y: int, plot: Columns) -> None:
    """Show how thick some shares are."""
    say, x, palette = plot.say, MARGIN, canvas.colours
    for share in (1, 0.5, 0.1):
        canvas.curves([Curve(x, y, x + 60, y, _THICKEST * share)], palette.dim)
        text = line(say.number(f"{share:.0%}"), NOTE)
        canvas.write(x + 70, y + NOTE // 3, text, palette.dim)
        x += 94 + text.width
    none = say("no line: below {least}", least=say.number(f"{plot.least:.0%}"))
    canvas.write(x, y + NOTE // 3, line(none, NOTE), palette.dim)


def _width(names: Sequence[Label]) -> int:
    return min(_NAME, max((measure(label.numbered, _LETTERS) for label in names), default=0))


def _write(canvas: Canvas, x: int, baseline: int, label: Label, align: Align, bright: bool) -> None:
    """Write a word, beginning or ending at `x`."""
    palette = canvas.colours
    colour = palette.unknown if label.unknown else palette.text if bright and not label.special else palette.dim
    text = line(fit(label.numbered, _NAME, _LETTERS), _LETTERS, label.special, label.unknown)
    canvas.write(x, baseline, text, colour, align=align)


def _faint(colour: Colour, ground: Colour) -> Colour:
    red, green, blue = (round(one + (other - one) * _FAINT) for one, other in zip(ground, colour, strict=True))
    return red, green, blue
