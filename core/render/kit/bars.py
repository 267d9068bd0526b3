"""Horizontal bars on a scale from 0 to 1, with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import Language
from core.render.kit.canvas import Align, Canvas, rounded_ink
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.palette import Colour, Theme
from core.render.kit.text import fit, line, measure
from core.render.kit.words import percent

_ROW, _THICK = 46, 26  # pixels from one bar to the next, and of one bar
_LETTERS = 26
_HEADING, _SCALE = 44, 36  # pixels above the bars of a group, and below them for the numbers of their scale
_NUMBER, _LONGEST_NAME = 118, 280  # pixels for the percentage, and at most for a name


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length (0 to 1) and its colour."""

    name: str
    share: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Group:
    """Some bars under a heading, which may be empty."""

    heading: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        """The pixels that it takes."""
        return (_HEADING if self.heading else 0) + len(self.bars) * _ROW + _SCALE


def draw_chart(
    say: Language, title: str, lines: Sequence[str], notes: Sequence[str], groups: Sequence[Group], theme: Theme
) -> Canvas:
    """Draw groups of bars one below the other, all on the same scale and with names of the same width."""
    height = sum(group.height for group in groups)
    canvas, top = draw_frame(Frame(title, tuple(lines), tuple(notes), WIDTH, height, theme))
    longest = max((measure(bar.name, _LETTERS) for group in groups for bar in group.bars), default=0)
    for group in groups:
        if group.heading:
            heading = fit(group.heading, WIDTH - 2 * MARGIN, SUBTITLE)
            canvas.write(MARGIN, top + _HEADING - 12, line(heading, SUBTITLE), canvas.colours.dim)
        _draw_bars(say, canvas, top + (_HEADING if group.heading else 0), group.bars, min(_LONGEST_NAME, longest))
        top += group.height
    return canvas


def _draw_bars(say: Language, canvas: Canvas, top: int, bars: Sequence[Bar], names: int) -> None:
    """Draw a name in `names` pixels, a track from 0 to 1 with the share filled in, and the percentage."""
    left, right = MARGIN + names + 18, canvas.width - MARGIN - _NUMBER
    track = rounded_ink(right - left, _THICK, 6, "lr", 0)
    for number, bar in enumerate(bars):
        y = top + number * _ROW + (_ROW - _THICK) // 2
        baseline = y + _THICK - 4
        canvas.write(MARGIN + names, baseline, line(fit(bar.name, names, _LETTERS), _LETTERS), align="right")
        canvas.paint(left, y, track, canvas.colours.track)
        canvas.paint(left, y, track[:, : round((right - left) * bar.share)], bar.colour)
        canvas.write(canvas.width - MARGIN, baseline, line(percent(say, bar.share), _LETTERS - 2), align="right")
    ticks: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for share, align in ticks:
        tick = line(say.number(f"{share:.0%}"), NOTE - 2)
        x, y = left + round((right - left) * share), top + len(bars) * _ROW + 16
        canvas.write(x, y, tick, canvas.colours.dim, align=align)
