"""Rows of coloured marks with what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from core.render.kit.canvas import Canvas
from core.render.kit.frame import MARGIN, NOTE
from core.render.kit.palette import Colour
from core.render.kit.text import line, measure

LEGEND = 34
"""Pixels for a row."""

_MARK, _BETWEEN = 30, 22  # pixels for a mark, and between two of its texts

Rows = list[list[tuple[str, Colour | None]]]


def plan_legend(marks: Iterable[tuple[str, Colour | None]], width: int) -> Rows:
    """What colours mean, in rows for a picture of so many pixels; without a colour, a text has no mark."""
    rows, right = Rows(), width
    for text, colour in marks:
        wide = measure(text, NOTE) + (_MARK if colour else 0)
        if right + wide > width - MARGIN:
            rows.append([])
            right = MARGIN
        rows[-1].append((text, colour))
        right += wide + _BETWEEN
    return rows


def draw_legend(canvas: Canvas, top: int, rows: Rows, height: int = 6) -> None:
    """Draw the rows, with marks of so many pixels."""
    for number, row in enumerate(rows):
        x, y = MARGIN, top + number * LEGEND
        for text, colour in row:
            if colour:
                canvas.fill((x, y + 11 - height // 2, x + 22, y + 11 + height - height // 2), colour)
                x += _MARK
            canvas.write(x, y + 18, line(text, NOTE), canvas.colours.dim)
            x += measure(text, NOTE) + _BETWEEN
