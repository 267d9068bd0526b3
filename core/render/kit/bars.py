"""Horizontal bars on one scale, with their numbers; of many, as many as a picture has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.language import Language
from core.render.kit.drawing.canvas import Align, Canvas
from core.render.kit.drawing.palette import Colour, Theme
from core.render.kit.drawing.text import fit, line, measure
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.wording.scores import Scale, amount

_ROW, _THICK = 46, 26  # pixels from one bar to the next, and of one bar
_LETTERS = 26
_HEADING, _SCALE = 44, 36  # pixels above the bars of a group, and below them for the numbers of their scale
_MORE = 30  # pixels for the line that says how many bars are left out
_NUMBER, _LONGEST_NAME = 118, 280  # pixels for the percentage, and at most for a name


FEWEST = 2
"""Bars of a group: before there are fewer, groups are left out."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its value (mostly 0 to 1) and its colour."""

    name: str
    value: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Group:
    """Some bars under a heading, which may be empty, and how many are left out below them."""

    heading: str
    bars: Sequence[Bar]
    more: int = 0

    @property
    def height(self) -> int:
        """The pixels that it takes."""
        return (_HEADING if self.heading else 0) + len(self.bars) * _ROW + (_MORE if self.more else 0) + _SCALE

    def cut(self, count: int) -> Group:
        """Its first bars."""
        return replace(self, bars=self.bars[:count], more=max(0, len(self.bars) - count))


def draw_chart(
    say: Language,
    title: str,
    lines: Sequence[str],
    notes: Sequence[str],
    groups: Sequence[Group],
    theme: Theme,
    scale: Scale | None = None,
    warnings: Sequence[str] = (),
) -> Canvas:
    """Draw groups of bars one below the other, all on the same scale and with names of the same width."""
    chart = Chart.of(groups, scale)
    frame = Frame(title, tuple(lines), tuple(notes), WIDTH, chart.height, theme, warnings=tuple(warnings))
    canvas, top = draw_frame(frame)
    chart.draw(say, canvas, top)
    return canvas


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups that fit into a picture, how many do not, and the scale of all."""

    groups: Sequence[Group]
    left_out: int
    scale: Scale

    @classmethod
    def of(cls, groups: Sequence[Group], scale: Scale | None = None, room: int = TALLEST) -> Chart:
        """As much of the groups as fits into so many pixels."""
        return cls(*_fitting(groups, room), scale or Scale())

    @property
    def height(self) -> int:
        """The pixels that it takes."""
        return _height(self.groups) + (_MORE if self.left_out else 0)

    def draw(self, say: Language, canvas: Canvas, top: int) -> None:
        """Draw the groups from `top` on."""
        longest = max((measure(bar.name, _LETTERS) for group in self.groups for bar in group.bars), default=0)
        for group in self.groups:
            if group.heading:
                heading = fit(group.heading, WIDTH - 2 * MARGIN, SUBTITLE)
                canvas.write(MARGIN, top + _HEADING - 12, line(heading, SUBTITLE), canvas.colours.dim)
            start = top + (_HEADING if group.heading else 0)
            _draw_bars(say, canvas, start, group, min(_LONGEST_NAME, longest), self.scale)
            top += group.height
        if self.left_out:
            _write_more(say, canvas, MARGIN, top, self.left_out)


def _fitting(groups: Sequence[Group], room: int) -> tuple[Sequence[Group], int]:
    """As many bars of each group as fit, and how many groups are left out, for which `FEWEST` are still too many."""
    for count in range(max((len(group.bars) for group in groups), default=0), FEWEST, -1):
        cut = [group.cut(count) for group in groups]
        if _height(cut) <= room:
            return cut, 0
    fewest = [group.cut(FEWEST) for group in groups]
    shown = next(count for count in range(len(groups), -1, -1) if _height(fewest[:count]) <= room)
    return fewest[:shown], len(groups) - shown


def _height(groups: Sequence[Group]) -> int:
    return sum(group.height for group in groups)


def _write_more(say: Language, canvas: Canvas, x: int, top: int, count: int) -> None:
    """Say how many are left out."""
    canvas.write(x, top + 20, line(say("and {count:,} more", count=count), NOTE), canvas.colours.dim)


def _draw_bars(say: Language, canvas: Canvas, top: int, group: Group, names: int, scale: Scale) -> None:
    """Draw a name in `names` pixels, a track with the value filled in from zero, and its number."""
    left, right = MARGIN + names + 18, canvas.width - MARGIN - _NUMBER
    for number, bar in enumerate(group.bars):
        y = top + number * _ROW + (_ROW - _THICK) // 2
        baseline = y + _THICK - 4
        canvas.write(MARGIN + names, baseline, line(fit(bar.name, names, _LETTERS), _LETTERS), align="right")
        track = (left, y, right, y + _THICK)
        canvas.bar(track, canvas.colours.track, 6)
        canvas.bar(track, bar.colour, 6, *scale.span(bar.value, right - left))
        written = line(amount(say, bar.value, scale.problem), _LETTERS - 2)
        canvas.write(canvas.width - MARGIN, baseline, written, align="right")
    top += len(group.bars) * _ROW
    places: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for (share, align), tick in zip(places, scale.ticks(say), strict=True):
        x = left + round((right - left) * share)
        canvas.write(x, top + 16, line(tick, NOTE), canvas.colours.dim, align=align)
    if group.more:
        _write_more(say, canvas, left, top + 20, group.more)
