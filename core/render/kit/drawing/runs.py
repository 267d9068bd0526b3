"""Which bundled font draws which part of a text, and in which order the parts stand.

Pillow draws one run with one font and never falls back, so a text is split here: each grapheme cluster goes to the
first font that has all of it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from pathlib import Path
from typing import Literal, NamedTuple

import regex

FOLDER = Path(__file__).parent / "fonts"
TEXT, ITALIC, EMOJI = "DejaVuSans.ttf", "DejaVuSans-Oblique.ttf", "NotoColorEmoji.ttf"
BOX = ""  # the "font" of what no font has: its code point in a box

_CLUSTER = regex.compile(r"\X")
_AS_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Emoji_Modifier}|\p{Emoji}.*\uFE0F")
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}|[\U000E0020-\U000E007F]")
_APART = regex.compile(r"[\p{C}\p{M}\p{Zl}\p{Zp}]")  # Raqm fails on a paragraph separator, and others show nothing
_STACKED = regex.compile(r"(?<=\p{InCombining_Diacritical_Marks}{2})\p{InCombining_Diacritical_Marks}+")
_QUOTED = regex.compile("“[^”]*”|„[^“]*“|«[^»]*»|「[^」]*」")
CIRCLE = 0x25CC
_LONGEST_CLUSTER = 12  # code points: the longest emoji have ten


class Run(NamedTuple):
    """A part of a text that one font draws.

    Attributes:
        face: The font's file name, `EMOJI`, or `BOX` for what no font has.
        text: The part.
        direction: The direction in which it is shaped.
    """

    face: str
    text: str
    direction: Literal["ltr", "rtl"]


def clusters(text: str) -> list[str]:
    """Split a text into characters as a reader counts them (grapheme clusters), each cut to a sane length."""
    return [_STACKED.sub("", cluster)[:_LONGEST_CLUSTER] for cluster in _CLUSTER.findall(text)]


def runs(text: str) -> list[Run]:
    """Split a text into runs of one font each, in the order in which they stand from left to right.

    A first approximation of the Unicode bidirectional algorithm: parts in right-to-left letters change places with
    each other and, where the text begins with such a letter, so do all parts. Inside a run Raqm does it properly.
    """
    pieces = list(_pieces(text))
    found, base = directions([part for _, part in pieces])
    if "R" not in found:
        return _joined(pieces, "ltr")
    levels = zip(found, pieces, strict=True)
    grouped = [(level, [piece for _, piece in group]) for level, group in groupby(levels, key=lambda pair: pair[0])]
    drawn: list[Run] = []
    for level, group in reversed(grouped) if base == "R" else grouped:
        drawn += _joined(group, "rtl")[::-1] if level == "R" else _joined(group, "ltr")
    return drawn


def directions(parts: Sequence[str]) -> tuple[list[str], str]:
    """The direction of each part of a text, ``L`` or ``R``, and that of the whole: what it quotes does not turn it."""
    found = [_direction(part) for part in parts]
    if "R" not in found:
        return ["L"] * len(found), "L"
    base = _direction(_QUOTED.sub("", "".join(parts))) or next(direction for direction in found if direction)
    return _resolved(found, base), base


def from_left(levels: Sequence[str], base: str) -> list[int]:
    """The numbers of the parts of a line, as they stand from left to right: see `directions`."""
    groups = [list(group) for _, group in groupby(range(len(levels)), key=lambda place: levels[place])]
    ordered = groups[::-1] if base == "R" else groups
    return [place for group in ordered for place in (group[::-1] if levels[group[0]] == "R" else group)]


def _joined(pieces: list[tuple[str, str]], direction: Literal["ltr", "rtl"]) -> list[Run]:
    """Neighbours with the same font as one run."""
    together = groupby(pieces, key=lambda piece: piece[0])
    return [Run(face, "".join(part for _, part in group), direction) for face, group in together]


def _direction(part: str) -> str:
    """The first strong direction, ``L`` or ``R`` (digits count as ``L``), or ``""``."""
    kinds = (unicodedata.bidirectional(char) for char in part)
    return next(("R" if kind in ("R", "AL") else "L" for kind in kinds if kind in ("L", "R", "AL", "EN", "AN")), "")


def _resolved(directions: list[str], base: str) -> list[str]:
    """Neutral parts take the direction of both neighbours if they agree, and else that of the text."""
    before = list(accumulate(directions, lambda held, new: new or held, initial=base))[1:]
    after = list(accumulate(reversed(directions), lambda held, new: new or held, initial=base))[:0:-1]
    return [own or (one if one == other else base) for own, one, other in zip(directions, before, after, strict=True)]


@lru_cache(maxsize=1)
def _faces() -> dict[int, str]:
    """For each code point the text font that draws it."""
    stored: dict[str, list[list[int]]] = json.loads((FOLDER / "coverage.json").read_text())
    del stored[ITALIC]
    faces: dict[int, str] = {}
    for name, ranges in stored.items():
        for first, last in ranges:
            for point in range(first, last + 1):
                faces.setdefault(point, name)
    return faces


@lru_cache(maxsize=1)
def _emoji() -> frozenset[int]:
    ranges: list[list[int]] = json.loads((FOLDER / "coverage.json").read_text())[EMOJI]
    return frozenset(point for first, last in ranges for point in range(first, last + 1))


@lru_cache(maxsize=1)
def _with_circle() -> frozenset[str]:
    """The fonts that have the dotted circle on which a mark without a letter stands."""
    stored: dict[str, list[list[int]]] = json.loads((FOLDER / "coverage.json").read_text())
    return frozenset(name for name, ranges in stored.items() if any(low <= CIRCLE <= high for low, high in ranges))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Each cluster with the name of its font; what no single font has is taken apart."""
    faces, emoji, before = _faces(), _emoji(), BOX
    for cluster in clusters(text):
        seen = [ord(char) for char in cluster if not _IGNORABLE.match(char)]
        used = {faces.get(point, BOX) for point in seen}
        if _AS_EMOJI.search(cluster) and seen and emoji.issuperset(seen):
            found = [(EMOJI, cluster)]
        elif len(used) == 1 and BOX not in used and not _APART.match(cluster):
            found = [(used.pop(), cluster)]
        else:
            visible = [char for char in cluster if len(cluster) == 1 or not _IGNORABLE.match(char)]
            found = [_piece(char, before) for char in visible]
        yield from found
        before = found[-1][0] if found else before


def _piece(char: str, before: str) -> tuple[str, str]:
    """One code point on its own: in a box if it cannot be seen, on a dotted circle if it is a mark without a letter."""
    kind, face = unicodedata.category(char), _faces().get(ord(char), BOX)
    if kind[0] == "C" or kind in ("Zl", "Zp") or _IGNORABLE.match(char) or not face:
        return BOX, char
    return face, f"{chr(CIRCLE)}{char}" if kind[0] == "M" and face != before and face in _with_circle() else char
