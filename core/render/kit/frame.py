"""What every picture has around its drawing: a title, lines below it, and notes at the foot."""

from __future__ import annotations

from dataclasses import dataclass

from core.render.kit.canvas import Canvas
from core.render.kit.palette import Theme
from core.render.kit.text import line, wrap

WIDTH = 800  # pixels: twice the width of a picture on a phone
TALLEST = 3000  # pixels of a drawing: with head and foot a picture then has at most 4,096
MARGIN = 28
TITLE, SUBTITLE, NOTE = 30, 22, 20  # pixels per em, for pictures shown at half their size
_BREATH = 24  # pixels between the head and the drawing


@dataclass(frozen=True, slots=True)
class Frame:
    """The outer part of a picture.

    Attributes:
        title: The first line, or two.
        lines: Smaller lines below it, wrapped.
        notes: Sentences at the foot, wrapped.
        width: Of the whole picture, in pixels.
        height: Of the drawing between head and foot.
        theme: Dark or light.
        signed: Whether the drawing shows differences.
    """

    title: str
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    width: int
    height: int
    theme: Theme
    signed: bool = False


def draw_frame(frame: Frame) -> tuple[Canvas, int]:
    """Draw head and foot; return the picture and the row at which the drawing between them begins."""
    room = frame.width - 2 * MARGIN
    title, subtitle, note = (enlarged(size, frame.width) for size in (TITLE, SUBTITLE, NOTE))
    titles = wrap(frame.title, room, title, limit=2)
    lines = [part for text in frame.lines for part in wrap(text, room, subtitle, limit=3)]
    notes = [part for text in frame.notes for part in wrap(text, room, note, limit=4)]
    top = MARGIN + title + (len(titles) - 1) * _step(title) + _BREATH + len(lines) * _step(subtitle)
    height = top + frame.height + len(notes) * _step(note) + MARGIN
    canvas = Canvas(frame.width, height, frame.theme, frame.signed)
    for number, text in enumerate(titles):
        canvas.write(MARGIN, MARGIN + title - 6 + number * _step(title), line(text, title))
    for number, text in enumerate(lines):
        y = top - _BREATH - (len(lines) - 1 - number) * _step(subtitle)
        canvas.write(MARGIN, y, line(text, subtitle), canvas.colours.dim)
    for number, text in enumerate(notes, 1):
        canvas.write(MARGIN, top + frame.height + number * _step(note), line(text, note), canvas.colours.dim)
    return canvas, top


def enlarged(size: int, width: int) -> int:
    """Return the size of letters beside a drawing of that width: a wide picture is shown smaller."""
    return size if width < 1.6 * WIDTH else round(1.4 * size)


def _step(size: int) -> int:
    """The distance of two lines."""
    return round(size * 1.35)
