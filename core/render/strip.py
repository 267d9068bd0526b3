"""A text cut into its tokens, in the shape of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from core.render import words
from core.render.canvas import Canvas
from core.render.frame import MARGIN, WIDTH, Frame, framed
from core.render.labels import Label, labels, visible
from core.render.palette import Theme
from core.render.text import line, measure
from core.results import Drawing, Table, Token, Tokenization

_LETTERS, _ID = 26, 17  # pixels per em
_PILL, _ROW = 44, 84  # pixels: the height of a pill, and from one row of them to the next
_PAD, _JOIN = 9, 2  # pixels: beside the letters, and between the pieces of a word
_LEFT, _RIGHT, _BASELINE = MARGIN, WIDTH - MARGIN, 31
_MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a token stands: its number in the text, its row, its left and right edge."""

    index: int
    row: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class TokenStrip:
    """The tokens of a text with their ids.

    Attributes:
        result: The text and its tokens.
        theme: Dark or light.
    """

    result: Tokenization
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw the tokens as pills, joined where they make up a word; of a long text, the first rows."""
        source, names = self.result, labels(self.result)
        places = _places(source, names)
        rows = 1 + max((place.row for place in places), default=-1)
        title = f"{words.count_tokens(len(names))} · {len(source.text):,} characters"
        shown = f"showing 1–{len(places)} of {len(names):,}" if len(places) < len(names) else ""
        lines = (" · ".join(part for part in (source.model.name, shown) if part),)
        notes = (*_legend(names[: len(places)]), *words.bundled_note(source.model))
        canvas, top = framed(Frame(title, lines, notes, WIDTH, rows * _ROW, self.theme))
        _draw_gaps(canvas, top, source, names, places)
        for place in places:
            _draw_pill(canvas, top, names, source.tokens[place.index], place)
        return Drawing(canvas.png(), self._alt(names, shown), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every token with its id and the characters that it stands for."""
        rows: list[tuple[str, ...]] = []
        for number, token in enumerate(self.result.tokens, 1):
            note = "special" if token.special else "unknown" if token.unknown else ""
            span = f"{token.start}–{token.end}" if token.end > token.start else ""
            rows.append((str(number), token.piece, str(token.id), span, note))
        return words.table(("#", "token", "id", "characters", "note"), rows)

    def _alt(self, names: Sequence[Label], shown: str) -> str:
        unknown = list(dict.fromkeys(label.text for label in names if label.unknown))
        pairs = zip(names, self.result.tokens, strict=True)
        listed = " | ".join(f"{label.text} {token.id}" for label, token in pairs)
        return words.alt(
            f"{words.count_tokens(len(names))} by the tokenizer of {self.result.model.name}"
            + (f", {shown}." if shown else "."),
            f"Unknown to its vocabulary: {', '.join(unknown)}." if unknown else "",
            f"Tokens with their ids: {listed}.",
        )


def _gap(source: Tokenization, index: int, label: Label) -> str:
    """The white space before a token as visible signs, unless it is part of the token."""
    if index == 0 or label.special:
        return ""
    token, before = source.tokens[index], source.tokens[index - 1]
    blank = not source.text[token.start : token.end].strip()  # then the white space is the token itself
    written = source.text[before.end : token.start if blank else token.end]
    space = written[: len(written) - len(written.lstrip())]
    return "" if label.spaced and "\n" not in space else visible(space)[:8]


def _places(source: Tokenization, names: Sequence[Label]) -> list[_Place]:
    """Lay the tokens out in rows, breaking between words and where the text breaks its lines."""
    places: list[_Place] = []
    row, x = 0, _LEFT
    for word in _words(names):
        gap = _gap(source, word[0], names[word[0]])
        space = _space(gap, names, word[0])
        widths = [_width(names[index], source.tokens[index]) for index in word]
        breaks = gap.count("↵") + (names[word[0] - 1].text.count("↵") if word[0] else 0)
        if breaks:
            row, x = row + min(2, breaks), _LEFT
        elif x > _LEFT and x + space + sum(widths) > _RIGHT:
            row, x = row + 1, _LEFT
        elif x > _LEFT:
            x += space
        for index, width in zip(word, widths, strict=True):
            if x > _LEFT and x + width > _RIGHT:
                row, x = row + 1, _LEFT
            places.append(_Place(index, row, x, x + width))
            x += width + _JOIN
        if row >= _MOST_ROWS:
            break
    return [place for place in places if place.row < _MOST_ROWS]


def _words(names: Sequence[Label]) -> Iterator[list[int]]:
    """The tokens of each word; a token outside words stands alone."""
    keys = [(label.word, index if label.word is None else -1) for index, label in enumerate(names)]
    for _, group in groupby(range(len(names)), key=lambda index: keys[index]):
        yield list(group)


def _space(gap: str, names: Sequence[Label], index: int) -> int:
    if gap:
        return measure(gap, _LETTERS) + 10
    return 14 if names[index].special or names[index - 1].special else 4


def _width(label: Label, token: Token) -> int:
    text = line(("·" if label.spaced else "") + label.text, _LETTERS, label.special).width
    return max(text, measure(str(token.id), _ID)) + 2 * _PAD


def _draw_gaps(
    canvas: Canvas, top: int, source: Tokenization, names: Sequence[Label], places: Sequence[_Place]
) -> None:
    """Write the white space between the pills."""
    for before, place in pairwise(places):
        gap = _gap(source, place.index, names[place.index])
        baseline = top + before.row * _ROW + _BASELINE
        if "↵" in gap:
            canvas.write(before.right + 4, baseline, line("↵", _LETTERS - 4), canvas.colours.dim)
        elif gap and before.row == place.row:
            canvas.write(
                (before.right + place.left) // 2, baseline, line(gap, _LETTERS), canvas.colours.dim, align="middle"
            )


def _draw_pill(canvas: Canvas, top: int, names: Sequence[Label], token: Token, place: _Place) -> None:
    """Draw one token: coloured, or only outlined if it is special or unknown; its id below."""
    label, colours = names[place.index], canvas.colours
    y = top + place.row * _ROW
    box = (place.left, y, place.right, y + _PILL)
    middle, baseline = (place.left + place.right) // 2, y + _BASELINE
    if label.special or label.unknown:
        ink = colours.unknown if label.unknown else colours.dim
        canvas.rounded(box, ink, 8, outline=2)
        canvas.write(middle, baseline, line(label.text, _LETTERS, label.special), ink, align="middle")
    else:
        ground = colours.pills[place.index % len(colours.pills)]
        canvas.rounded(box, ground, 8, _corners(names, place.index))
        text = line(label.text, _LETTERS)
        x = middle - text.width // 2
        if label.spaced:
            x += measure("·", _LETTERS) // 2
            canvas.write(x, baseline, line("·", _LETTERS), colours.dim, ground, "right")
        canvas.write(x, baseline, text, colours.text, ground)
    canvas.write(middle, y + _PILL + _ID + 1, line(str(token.id), _ID), colours.dim, align="middle")


def _corners(names: Sequence[Label], index: int) -> str:
    """Which sides of a pill are round: those at which its word ends."""
    word = names[index].word
    joined_left = word is not None and index > 0 and names[index - 1].word == word
    joined_right = word is not None and index + 1 < len(names) and names[index + 1].word == word
    return ("" if joined_left else "l") + ("" if joined_right else "r")


def _legend(names: Sequence[Label]) -> tuple[str, ...]:
    """Say what the styles on this picture mean."""
    ordinary = [label.word for label in names if label.word is not None]
    parts = (
        "joined pieces make up one word" if len(set(ordinary)) < len(ordinary) else "",
        "grey outline: added by the tokenizer" if any(label.special for label in names) else "",
        "red outline: unknown, the model cannot see what is written there"
        if any(label.unknown for label in names)
        else "",
    )
    text = " · ".join(part for part in parts if part)
    return (text[0].upper() + text[1:],) if text else ()
