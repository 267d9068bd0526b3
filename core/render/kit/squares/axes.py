"""The names of tokens along the sides of a square, with brackets over the pieces of a word."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour
from core.render.kit.drawing.runs import clusters
from core.render.kit.drawing.text import line, measure, turned
from core.render.kit.frame import NOTE, WIDTH, enlarged
from core.render.kit.wording.labels import Label

BRACKET = 18  # pixels between the names and the cells: room for the bracket over the pieces of a word


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pixels, twice those of a phone: a cell with the gap in it, letters; every which label to write, and how steep."""

    cell: int
    gap: int
    font: int
    every: int = 1
    degrees: int = 90


def legible(size: Sizes, drawn: int, down: Sequence[Label], across: Sequence[Label]) -> Sizes:
    """The same with letters that a phone shows large enough, and as many of the names as then have room.

    Args:
        size: As small as the letters may be.
        drawn: The pixels from left to right, without the names.
        down: The names at the left.
        across: Those above.
    """
    while size.font < (least := enlarged(NOTE, width_of(size, drawn, down, across))):
        size = replace(size, font=least)
    return replace(size, every=max(1, math.ceil(0.95 * size.font / size.cell)))


def width_of(size: Sizes, drawn: int, down: Sequence[Label], across: Sequence[Label]) -> int:
    """How wide a picture is with the names beside and beyond what is drawn, in pixels."""
    return max(WIDTH, drawn + room(down, size)[0] + room(across, size)[2])


def room(labels: Sequence[Label], size: Sizes) -> tuple[int, int, int]:
    """Return the pixels that the names need before, above and beyond the square."""
    widths = [measure(label.numbered, size.font) for label in labels]
    rise, longest = math.radians(size.degrees), max(widths, default=0)
    above = math.ceil(longest * math.sin(rise) + size.font * (1 if size.degrees < 90 else 0.2))
    ends = [(index + 0.5) * size.cell + width * math.cos(rise) for index, width in enumerate(widths)]
    beyond = max(ends, default=0) - len(labels) * size.cell if 0 < size.degrees < 90 else 0
    return longest + BRACKET, above + BRACKET, max(0, math.ceil(beyond))


def write_rows(canvas: Canvas, labels: Sequence[Label], size: Sizes, left: int, top: int) -> None:
    """Write the tokens along the left side."""
    for index, label in list(enumerate(labels))[:: size.every]:
        centre, lift = index * size.cell + (size.cell - size.gap) // 2, round(size.font * 0.36)
        row = line(label.numbered, size.font, label.special, label.unknown)
        canvas.write(left - BRACKET, top + centre + lift, row, _colour(canvas, label), align="right")
    for first, last in _words(labels):
        start, end = first * size.cell + 4, (last + 1) * size.cell - size.gap - 4
        _bracket(canvas, left - 10, top + start, left - 4, top + end)


def write_columns(canvas: Canvas, labels: Sequence[Label], size: Sizes, left: int, top: int) -> None:
    """Write the tokens along the upper side."""
    for index, label in list(enumerate(labels))[:: size.every]:
        centre, lift = index * size.cell + (size.cell - size.gap) // 2, round(size.font * 0.36)
        colour, row = _colour(canvas, label), line(label.numbered, size.font, label.special, label.unknown)
        if size.degrees == 0 or _upright(label):
            canvas.write(left + centre, top - BRACKET - 4, row, colour, align="middle")
        else:
            column = turned(label.numbered, size.font, label.special, label.unknown, size.degrees)
            rise = math.radians(size.degrees)
            x = left + centre + round(lift * math.sin(rise))
            canvas.write(x, top - BRACKET - round(4 * math.cos(rise)), column, colour)
    for first, last in _words(labels):
        start, end = first * size.cell + 4, (last + 1) * size.cell - size.gap - 4
        _bracket(canvas, left + start, top - 10, left + end, top - 4)


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
