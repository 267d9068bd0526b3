"""Rows of coloured marks with what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour
from core.render.kit.drawing.text import fit, line, measure
from core.render.kit.frame import MARGIN, NOTE, enlarged

LEGEND = 34
"""Pixels for a row, in a picture of the usual width."""

_MARK, _BETWEEN = 30, 22  # pixels for a mark, and between two of its texts

Rows = list[list[tuple[str, Colour | None]]]


def plan_legend(marks: Iterable[tuple[str, Colour | None]], width: int) -> Rows:
    """What colours mean, in rows for a picture of so many pixels; without a colour, a text has no mark.

    Of a text that is longer than a row, its beginning.
    """
    rows, right, note = Rows(), width, enlarged(NOTE, width)
    for said, colour in marks:
        mark = enlarged(_MARK, width) if colour else 0
        text = fit(said, width - 2 * MARGIN - mark, note)
        wide = measure(text, note) + mark
        if right + wide > width - MARGIN:
            rows.append([])
            right = MARGIN
        rows[-1].append((text, colour))
        right += wide + _BETWEEN
    return rows


def draw_legend(canvas: Canvas, top: int, rows: Rows, height: int = 6) -> None:
    """Draw the rows, with marks of so many pixels."""
    note, mark, step = (enlarged(size, canvas.width) for size in (NOTE, _MARK, LEGEND))
    for number, row in enumerate(rows):
        x, middle = MARGIN, top + number * step + step // 3
        for text, colour in row:
            if colour:
                canvas.fill((x, middle - height // 2, x + mark - 8, middle + height - height // 2), colour)
                x += mark
            canvas.write(x, middle + note // 3, line(text, note), canvas.colours.dim)
            x += measure(text, note) + _BETWEEN
