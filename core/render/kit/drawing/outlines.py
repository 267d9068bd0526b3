"""The outlines of letters, shaped by HarfBuzz: a vector picture needs no font where it is read.

Emoji are bitmaps in their font, and stay that.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.render.kit.drawing import runs, text
from core.render.kit.drawing.marks import Script

_STRIKE = 47  # pixels per em at which emoji are as large as their bitmaps


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph of a line: its number in a font, where it begins in pixels, and pixels for a unit of its outline."""

    face: str
    number: int
    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class Emoji:
    """A picture in a line: a PNG, its left edge and top in pixels from the baseline, and its size there."""

    png: bytes
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle with round corners around letters."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    thickness: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A line of letters from its origin on: what it is made of, and where the next letter would stand."""

    parts: tuple[Glyph | Emoji | Frame, ...]
    width: float


@lru_cache(maxsize=512)
def outline(script: Script) -> Outline:
    """Shape a line, not turned: its first letter's baseline begins at (0, 0), y runs down."""
    x, size, parts = 0.0, script.size, list[Glyph | Emoji | Frame]()
    for run in runs.runs(script.text):
        if run.face == runs.EMOJI:
            found, wide = _emoji(run.text, size, x)
            parts.append(found)
        elif run.face == runs.BOX:
            *boxes, wide = _boxes(run.text, size, x)
            parts += boxes
        else:
            face = runs.ITALIC if script.italic and run.face == runs.TEXT else run.face
            glyphs, wide = _shaped(face, run.text, run.direction, size, x)
            parts += glyphs
        x += wide
    if script.framed:
        margin, above, below = size // 3, round(size * 1.15), round(size * 0.45)
        left = margin // 3 - margin
        parts.append(Frame(left, 1 - above, x - 2 * left, above + below - 3, size // 5, max(2, size // 12)))
    return Outline(tuple(parts), x)


@lru_cache(maxsize=4096)
def path(face: str, number: int) -> str:
    """The outline of a glyph in the units of its font, y up, as SVG writes paths."""
    pen = _Pen()
    _font(face).draw_glyph_with_pen(number, pen)
    return "".join(pen.steps)


class _Pen:
    """Writes down what HarfBuzz draws."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - HarfBuzz calls it so
        self._step("M", point)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._step("L", point)

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._step("Q", *points)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._step("C", *points)

    def closePath(self) -> None:  # noqa: N802
        self.steps.append("Z")

    def endPath(self) -> None:  # noqa: N802
        pass

    def _step(self, letter: str, *points: tuple[float, float]) -> None:
        self.steps.append(letter + " ".join(f"{x:g} {y:g}" for x, y in points))


@lru_cache(maxsize=1)
def _harfbuzz() -> Any:
    """The library, which says little of its types; only a vector picture needs it."""
    return importlib.import_module("uharfbuzz")


@lru_cache(maxsize=64)
def _font(face: str) -> Any:
    harfbuzz = _harfbuzz()
    return harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(str(runs.FOLDER / face))))


def _shaped(face: str, letters: str, direction: str, size: float, x: float) -> tuple[list[Glyph], float]:
    harfbuzz, font = _harfbuzz(), _font(face)
    buffer = harfbuzz.Buffer()
    buffer.add_str(letters)
    buffer.guess_segment_properties()
    buffer.direction = direction
    harfbuzz.shape(font, buffer)
    scale, at, found = size / font.face.upem, 0, list[Glyph]()
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        found.append(Glyph(face, info.codepoint, x + (at + place.x_offset) * scale, -place.y_offset * scale, scale))
        at += place.x_advance
    return found, at * scale


def _emoji(letters: str, size: int, x: float) -> tuple[Emoji, float]:
    bitmap, scale = text.emoji_bitmap(letters, _STRIKE), size / _STRIKE
    stored = io.BytesIO()
    bitmap.save(stored, "PNG")
    wide, high = bitmap.width * scale, bitmap.height * scale
    return Emoji(stored.getvalue(), x, size * text.EMOJI_DROP - high, wide, high), text.measure(letters, size)


def _boxes(letters: str, size: int, x: float) -> Iterator[Any]:
    """Code points in frames, and at last their width."""
    start, small = x, text.box_size(size)
    for char in letters:
        wide, high = text.box_width(char, size), size * 0.92
        yield Frame(x + size * 0.08, -size * 0.8, wide - size * 0.16, high, size * 0.12, 1)
        name = f"U+{ord(char):04X}"
        _, inner = _shaped(runs.TEXT, name, "ltr", small, 0)
        glyphs, _ = _shaped(runs.TEXT, name, "ltr", small, x + (wide - inner) / 2)
        for glyph in glyphs:
            yield Glyph(glyph.face, glyph.number, glyph.x, -size * 0.12, glyph.scale)
        x += wide
    yield x - start
