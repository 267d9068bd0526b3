"""A text as a strip of pills, one for each token or character, in the shape of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from core.reading.tokenizers.byte_level import group_characters
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour, readable_on
from core.render.kit.drawing.text import line, measure, shorten
from core.render.kit.frame import MARGIN, WIDTH
from core.render.kit.wording.labels import Label, labels, visible
from core.results import Tokenization

_LETTERS, _ID = 26, 20  # pixels per em
_PILL, ROW, BARE = 44, 84, 56  # pixels: the height of a pill, and from one row of them to the next, with ids or bare
_PAD, _JOIN = 9, 2  # pixels: beside the letters, and between the pieces of a word
_LEFT, _RIGHT, _BASELINE = MARGIN, WIDTH - MARGIN, 31
_MOST_IDS = 6  # under one pill; the longest emoji have dozens


@dataclass(frozen=True, slots=True)
class Pill:
    """A token, or several that only together are a character.

    Attributes:
        label: What to call it.
        ids: The ids of its tokens.
        start: Where it begins in the text.
        end: Where it ends.
        below: What stands below it, if not its ids.
        ground: Its colour, if not one of those that only tell neighbours apart.
    """

    label: Label
    ids: tuple[int, ...]
    start: int
    end: int
    below: str | None = None
    ground: Colour | None = None

    @property
    def numbers(self) -> str:
        """What stands below it: the ids as text, of very many the first."""
        if self.below is not None:
            return self.below
        listed = " ".join(map(str, self.ids[:_MOST_IDS]))
        return f"{listed} …" if len(self.ids) > _MOST_IDS else listed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pill stands: its number, its row, its left and right edge."""

    index: int
    row: int
    left: int
    right: int


def pills(source: Tokenization) -> list[Pill]:
    """The pills of a text."""
    names, tokens = labels(source), source.tokens
    found: list[Pill] = []
    for group in group_characters(source):
        first, last = tokens[group[0]], tokens[group[-1]]
        label = names[group[0]]
        if len(group) > 1:
            written = source.text[first.start : last.end]
            label = replace(label, text=shorten(visible(written.strip() or written), 14), count=0)
        found.append(Pill(label, tuple(tokens[place].id for place in group), first.start, last.end))
    return found


def places(source: Tokenization, found: Sequence[Pill], limit: int) -> list[Place]:
    """Lay pills out in at most `limit` rows, breaking between words and where the text breaks its lines."""
    laid: list[Place] = []
    row, x = 0, _LEFT
    for word in _words(found):
        gap = _gap(source, found, word[0])
        space = _space(gap, found, word[0])
        widths = [_width(found[index]) for index in word]
        breaks = gap.count("↵") + (found[word[0] - 1].label.text.count("↵") if word[0] else 0)
        if breaks:
            row, x = row + min(2, breaks), _LEFT
        elif x > _LEFT and x + space + sum(widths) > _RIGHT:
            row, x = row + 1, _LEFT
        elif x > _LEFT:
            x += space
        for index, width in zip(word, widths, strict=True):
            if x > _LEFT and x + width > _RIGHT:
                row, x = row + 1, _LEFT
            laid.append(Place(index, row, x, x + width))
            x += width + _JOIN
        if row >= limit:
            break
    return [place for place in laid if place.row < limit]


def bare_pills(source: Tokenization) -> list[Pill]:
    """The same without ids."""
    return [replace(pill, ids=()) for pill in pills(source)]


def draw_strip(
    canvas: Canvas, top: int, source: Tokenization, found: Sequence[Pill], laid: Sequence[Place], pitch: int = ROW
) -> None:
    """Draw the pills that have a place, and the white space between them, in rows of `pitch` pixels."""
    _draw_gaps(canvas, top, source, found, laid, pitch)
    for place in laid:
        _draw_pill(canvas, top + place.row * pitch, found, place)


def _gap(source: Tokenization, found: Sequence[Pill], index: int) -> str:
    """The white space before a pill as visible signs, unless it is part of the token."""
    pill, before = found[index], found[index - 1]
    if index == 0 or pill.label.special:
        return ""
    blank = not source.text[pill.start : pill.end].strip()  # then the white space is the token itself
    written = source.text[before.end : pill.start if blank else pill.end]
    space = written[: len(written) - len(written.lstrip())]
    return "" if pill.label.spaced and "\n" not in space else visible(space)[:8]


def _words(found: Sequence[Pill]) -> Iterator[list[int]]:
    """The pills of each word; one outside words stands alone."""
    keys = [(pill.label.word, index if pill.label.word is None else -1) for index, pill in enumerate(found)]
    for _, group in groupby(range(len(found)), key=lambda index: keys[index]):
        yield list(group)


def _space(gap: str, found: Sequence[Pill], index: int) -> int:
    if gap:
        return measure(gap, _LETTERS) + 10
    return 14 if found[index].label.special or found[index - 1].label.special else 4


def _width(pill: Pill) -> int:
    label = pill.label
    text = line(("·" if label.spaced else "") + label.text, _LETTERS, label.special).width
    return max(text, measure(pill.numbers, _ID)) + 2 * _PAD


def _draw_gaps(
    canvas: Canvas, top: int, source: Tokenization, found: Sequence[Pill], laid: Sequence[Place], pitch: int
) -> None:
    """Write the white space between the pills."""
    for before, place in pairwise(laid):
        gap = _gap(source, found, place.index)
        baseline = top + before.row * pitch + _BASELINE
        if "↵" in gap:
            canvas.write(before.right + 4, baseline, line("↵", _LETTERS - 4), canvas.colours.dim)
        elif gap and before.row == place.row:
            canvas.write(
                (before.right + place.left) // 2, baseline, line(gap, _LETTERS), canvas.colours.dim, align="middle"
            )


def _draw_pill(canvas: Canvas, y: int, found: Sequence[Pill], place: Place) -> None:
    """Draw one pill: coloured, or only outlined if it is special or unknown; its ids below."""
    pill, colours = found[place.index], canvas.colours
    label = pill.label
    box = (place.left, y, place.right, y + _PILL)
    middle, baseline = (place.left + place.right) // 2, y + _BASELINE
    if label.special or label.unknown:
        ink = colours.unknown if label.unknown else colours.dim
        canvas.rounded(box, ink, 8, outline=2)
        canvas.write(middle, baseline, line(label.text, _LETTERS, label.special), ink, align="middle")
    else:
        ground = pill.ground or colours.pills[place.index % len(colours.pills)]
        ink, dim = (readable_on(ground),) * 2 if pill.ground else (colours.text, colours.dim)
        canvas.rounded(box, ground, 8, _corners(found, place.index))
        text = line(label.text, _LETTERS)
        x = middle - text.width // 2
        if label.spaced:
            x += measure("·", _LETTERS) // 2
            canvas.write(x, baseline, line("·", _LETTERS), dim, ground, "right")
        canvas.write(x, baseline, text, ink, ground)
    canvas.write(middle, y + _PILL + _ID + 1, line(pill.numbers, _ID), colours.dim, align="middle")


def _corners(found: Sequence[Pill], index: int) -> str:
    """Which sides of a pill are round: those at which its word ends."""
    word = found[index].label.word
    joined_left = word is not None and index > 0 and found[index - 1].label.word == word
    joined_right = word is not None and index + 1 < len(found) and found[index + 1].label.word == word
    return ("" if joined_left else "l") + ("" if joined_right else "r")
