"""Horizontal bars on a scale from 0 to 1, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.render.canvas import Align, Canvas, rounded
from core.render.frame import MARGIN, NOTE
from core.render.palette import Colour
from core.render.text import fit, line, measure
from core.render.words import percent

_ROW, _THICK = 46, 26  # pixels from one bar to the next, and of one bar
_LETTERS = 26
_SCALE = 36  # pixels below the bars, for the numbers of their scale
_NUMBER, _LONGEST_NAME = 118, 280  # pixels for the percentage, and at most for a name


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length (0 to 1) and its colour."""

    name: str
    share: float
    colour: Colour


def bars_height(bars: Sequence[Bar]) -> int:
    """Return the pixels that some bars take, with their scale."""
    return len(bars) * _ROW + _SCALE


def draw_bars(canvas: Canvas, top: int, bars: Sequence[Bar], names: int) -> None:
    """Draw bars below `top`: a name in `names` pixels, a track from 0 to 1 with the share filled in, the percentage."""
    left, right = MARGIN + names + 18, canvas.width - MARGIN - _NUMBER
    track = rounded(right - left, _THICK, 6, "lr", 0)
    for number, bar in enumerate(bars):
        y = top + number * _ROW + (_ROW - _THICK) // 2
        baseline = y + _THICK - 4
        canvas.write(MARGIN + names, baseline, line(fit(bar.name, names, _LETTERS), _LETTERS), align="right")
        canvas.paint(left, y, track, canvas.colours.track)
        canvas.paint(left, y, track[:, : round((right - left) * bar.share)], bar.colour)
        canvas.write(canvas.width - MARGIN, baseline, line(percent(bar.share), _LETTERS - 2), align="right")
    ticks: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for share, align in ticks:
        tick = line(f"{share:.0%}", NOTE - 2)
        x, y = left + round((right - left) * share), top + len(bars) * _ROW + 16
        canvas.write(x, y, tick, canvas.colours.dim, align=align)


def names_width(bars: Sequence[Bar]) -> int:
    """Return the pixels that the longest name needs, within reason."""
    return min(_LONGEST_NAME, max((measure(bar.name, _LETTERS) for bar in bars), default=0))
