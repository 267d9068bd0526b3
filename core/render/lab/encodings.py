"""The encodings of positions themselves, and how alike two positions are."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import EDGE, draw_counted
from core.render.kit.view import Picture
from core.render.kit.wording import words
from core.render.lab.sentences import positions_note
from core.results import Drawing, Table, WorkedExercise

_SIDE, _EVERY = 22, 4  # pixels of a cell, and cells from one number at the edge to the next
_HEADING, _BELOW = 34, 30  # pixels of a heading, and below a square


@dataclass(frozen=True, slots=True, eq=False)
class EncodingsView(Picture):
    """A row for each position, a column for each number, orange above 0 and blue below; and their products.

    Attributes:
        worked: An exercise that shows them.
        theme: Dark or light.
        say: The language.
    """

    worked: WorkedExercise
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """How alike neighbours are, and positions that are far apart."""
        say, alike = self.say, self._likeness
        far = len(alike) // 2
        return say(
            "How alike positions are: {near} for neighbours, {far} for those {distance} apart",
            near=words.decimal(say, float(alike[0, 1])),
            distance=far,
            far=words.decimal(say, float(alike[0, far])),
        )

    def draw(self) -> Drawing:
        """Draw both squares, one below the other."""
        say, squares = self.say, (self._encodings, self._likeness)
        tall = sum(_HEADING + EDGE + len(square) * _SIDE + _BELOW for square in squares)
        note = positions_note(say, self.worked)
        canvas, top = draw_frame(Frame(self.finding(), self._lines(), (note,), WIDTH, tall, self.theme, signed=True))
        for heading, square in zip(self._headings(), squares, strict=True):
            top = _draw_square(canvas, top, heading, square)
        return canvas.drawing(words.alt(words.told(self.finding()), *map(words.told, self._lines()), note))

    def table(self) -> Table:
        """The encodings, position by position."""
        say, values = self.say, self._encodings
        rows = [
            (str(place), *(say.number(f"{value:.4f}") for value in row)) for place, row in enumerate(values.tolist())
        ]
        return words.table((say("position"), *map(str, range(values.shape[1]))), rows)

    @property
    def _encodings(self) -> words.Floats:
        return self.worked.arrays()["encodings"]

    @property
    def _likeness(self) -> words.Floats:
        return self.worked.arrays()["likeness"]

    def _lines(self) -> tuple[str, ...]:
        say, (count, width) = self.say, self._encodings.shape
        return (
            say("Encodings of positions: {count} positions, {width} numbers each", count=count, width=width),
            "sin(p · θᵢ), cos(p · θᵢ), θᵢ = 10000^(−2i/d)",
            say("orange: above 0, blue: below"),
        )

    def _headings(self) -> tuple[str, str]:
        say, half = self.say, self._encodings.shape[1] // 2
        alike = say("Both ways: position · product of their rows, ÷ {half}", half=half)
        return say("Rows: position p · columns: number"), alike


def _draw_square(canvas: Canvas, top: int, heading: str, values: words.Floats) -> int:
    """Draw a heading and a square below it; return where the next one begins."""
    canvas.write(MARGIN, top + SUBTITLE, line(heading, SUBTITLE))
    return draw_counted(canvas, MARGIN + 40, top + _HEADING, values, _SIDE, _EVERY) + _BELOW
