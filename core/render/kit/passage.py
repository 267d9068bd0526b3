"""A text as running words, each with a mark below it: how much it counts, or that it was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour
from core.render.kit.drawing.runs import directions, from_left
from core.render.kit.drawing.text import fit, line, measure
from core.render.kit.frame import MARGIN, WIDTH
from core.render.kit.wording.labels import visible

LINE = 64
"""Pixels from one line of words to the next."""

_ROOM = WIDTH - 2 * MARGIN
_LETTERS, _SPACE, _BAND, _BASELINE = 26, 9, 18, 30  # pixels: letters, a space, the thickest mark, down to the baseline


@dataclass(frozen=True, slots=True)
class Stretch:
    """A word of a text.

    Attributes:
        text: How it is written.
        spaced: Whether white space stands before it.
        mark: How thick its mark is, from -1 to 1; a mark below zero is hatched.
    """

    text: str
    spaced: bool
    mark: float = 0.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a word stands: its number, its line, its left and right edge."""

    index: int
    row: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """A word on its line: its number, the pixels before it and those that it takes."""

    index: int
    space: int
    width: int


def stretches(text: str, words: Sequence[str], marks: Sequence[float]) -> list[Stretch]:
    """The words of a text, in reading order, with their marks."""
    found, at = list[Stretch](), 0
    for word, mark in zip(words, marks, strict=True):
        start = text.find(word, at)
        spaced = start < 0 or any(map(str.isspace, text[at:start]))
        at = at if start < 0 else start + len(word)
        found.append(Stretch(visible(word), spaced and bool(found), mark))
    return found


def spots(words: Sequence[Stretch], limit: int) -> list[Spot]:
    """Lay words out in at most `limit` lines, those of a right-to-left script from the right."""
    lines, used = [list[Fitted]()], 0
    for unit in _units(words):
        fitted = [_fitted(words, index) for index in unit]
        together = sum(one.space + one.width for one in fitted)
        for one in fitted:
            if lines[-1] and used + max(together, one.space + one.width) > _ROOM:
                lines.append([])
            first = not lines[-1]
            lines[-1].append(replace(one, space=0) if first else one)
            used = one.width if first else used + one.space + one.width
            together = 0
    levels, base = directions([word.text for word in words])
    return [spot for row, found in enumerate(lines[:limit]) for spot in _placed(row, found, levels, base)]


def draw_passage(canvas: Canvas, top: int, words: Sequence[Stretch], laid: Sequence[Spot], colour: Colour) -> None:
    """Write the words that have a place, each over its mark."""
    for spot in laid:
        word = words[spot.index]
        y = top + spot.row * LINE
        canvas.write(spot.left, y + _BASELINE, line(fit(word.text, spot.right - spot.left, _LETTERS), _LETTERS))
        if not (thick := round(_BAND * min(1.0, abs(word.mark)))):
            continue
        box = (spot.left, y + _BASELINE + 8, spot.right, y + _BASELINE + 8 + max(2, thick))
        if word.mark > 0:
            canvas.fill(box, colour)
        else:
            canvas.hatch(box, colour)


def _fitted(words: Sequence[Stretch], index: int) -> Fitted:
    word = words[index]
    return Fitted(index, _SPACE if word.spaced else 0, min(_ROOM, measure(word.text, _LETTERS)))


def _units(words: Sequence[Stretch]) -> Iterator[list[int]]:
    """The numbers of words that stay on one line: each with the signs that follow it."""
    unit: list[int] = []
    for index, word in enumerate(words):
        if unit and (word.spaced or any(map(str.isalnum, word.text))):
            yield unit
            unit = []
        unit.append(index)
    if unit:
        yield unit


def _placed(row: int, found: Sequence[Fitted], levels: Sequence[str], base: str) -> Iterator[Spot]:
    """The words of one line, from left to right as they are seen."""
    order = from_left([levels[one.index] for one in found], base)
    gaps = [0, *(found[max(pair)].space if abs(pair[0] - pair[1]) == 1 else _SPACE for pair in pairwise(order))]
    x = WIDTH - MARGIN - sum(gaps) - sum(one.width for one in found) if base == "R" else MARGIN
    for place, gap in zip(order, gaps, strict=True):
        x += gap
        yield Spot(found[place].index, row, x, x + found[place].width)
        x += found[place].width
