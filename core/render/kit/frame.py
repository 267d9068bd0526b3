"""What every picture has around its drawing: a title, lines and warnings below it, and notes at the foot."""

from __future__ import annotations

from dataclasses import dataclass

from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import line, wrap

WIDTH = 800  # pixels: twice the width of a picture on a phone
TALLEST = 3000  # pixels of a drawing: with head and foot a picture then has at most 4,096
MARGIN = 28
TITLE, SUBTITLE = 30, 22  # pixels per em, for pictures shown at half their size
NOTE = 20
"""The smallest letters in a picture as wide as `WIDTH`: ten pixels on a phone. In a wider one, see `enlarged`."""

_BREATH = 24  # pixels between the head and the drawing


@dataclass(frozen=True, slots=True)
class Frame:
    """The outer part of a picture.

    Attributes:
        title: What there is to see, wrapped.
        lines: Smaller lines below it, wrapped.
        notes: Sentences at the foot, wrapped.
        width: Of the whole picture, in pixels.
        height: Of the drawing between head and foot.
        theme: Dark or light.
        signed: Whether the drawing shows differences.
        warnings: Sentences about what changes the meaning of the whole picture, wrapped below the lines.
    """

    title: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    width: int
    height: int
    theme: Theme
    signed: bool = False
    warnings: tuple[str, ...] = ()


def draw_frame(frame: Frame) -> tuple[Canvas, int]:
    """Draw head and foot; return the picture and the row at which the drawing between them begins."""
    room = frame.width - 2 * MARGIN
    title, subtitle, note = (enlarged(size, frame.width) for size in (TITLE, SUBTITLE, NOTE))
    titles = wrap(frame.title, room, title, limit=4)
    lines = [part for text in frame.lines for part in wrap(text, room, subtitle, limit=3)]
    warnings = [part for text in frame.warnings for part in wrap(f"⚠ {text}", room, subtitle, limit=3)]
    notes = [part for text in frame.notes for part in wrap(text, room, note, limit=4)]
    below = MARGIN + title + max(0, len(titles) - 1) * _step(title)
    top = below + _BREATH + (len(lines) + len(warnings)) * _step(subtitle)
    height = top + frame.height + len(notes) * _step(note) + MARGIN
    canvas = Canvas(frame.width, height, frame.theme, frame.signed)
    for number, text in enumerate(titles):
        canvas.write(MARGIN, MARGIN + title - 6 + number * _step(title), line(text, title))
    for number, text in enumerate([*lines, *warnings], 1):
        colour = canvas.colours.dim if number <= len(lines) else canvas.colours.unknown
        canvas.write(MARGIN, below + number * _step(subtitle), line(text, subtitle), colour)
    for number, text in enumerate(notes, 1):
        canvas.write(MARGIN, top + frame.height + number * _step(note), line(text, note), canvas.colours.dim)
    return canvas, top


def enlarged(size: int, width: int) -> int:
    """Return what letters, or the room for them, must measure in a picture of that width: a phone shows it smaller."""
    return max(size, -(-size * width // WIDTH))


def _step(size: int) -> int:
    """The distance of two lines."""
    return round(size * 1.35)
