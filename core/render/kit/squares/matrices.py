"""Small matrices with every number in them, laid out one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from core.lab import MASKED_BELOW
from core.language import Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import readable_on
from core.render.kit.drawing.text import line, measure
from core.render.kit.frame import SUBTITLE
from core.render.kit.squares.cells import levels
from core.render.kit.wording.words import Floats

_LETTERS, _CELL = 22, 40  # pixels per em of a number, and of a cell from top to bottom
_PADDING, _NARROWEST, _BETWEEN = 9, 44, 20  # pixels beside a number, of a cell, and from one matrix to the next
_HEADING, _COLUMNS, _BELOW = 42, 24, 30  # pixels above a matrix for its heading and column names, and below it
_GAP = 10  # pixels from the name of a row to its first cell
_EDGE = 3  # pixels of the edge of what is worked out

Marked: TypeAlias = tuple[int | None, int | None]

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, eq=False)
class Matrix:
    """One matrix.

    Attributes:
        say: Its language.
        heading: What stands above it.
        values: Its numbers.
        rows: The names of its rows, or none.
        columns: The names of its columns, or none.
        decimals: Of its numbers.
        coloured: Whether its cells have the colours of a heatmap from 0 to 1.
        marked: Row and column of what is worked out in a sentence, ``None`` for all of them; or nothing.
        rank: How much it is needed where there is no room for all; 0 for what always is.
    """

    say: Language
    heading: str
    values: Floats
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    decimals: int = 2
    coloured: bool = False
    marked: Marked | None = None
    rank: int = 0

    @cached_property
    def texts(self) -> list[list[str]]:
        """Its numbers as they are written."""
        return [[written(self.say, value, self.decimals) for value in row] for row in self.values.tolist()]

    @cached_property
    def cell(self) -> int:
        """Pixels from one column to the next."""
        texts = [*self.columns, *(text for row in self.texts for text in row)]
        return max(_NARROWEST, *(measure(text, _LETTERS) + _PADDING for text in texts))

    @cached_property
    def names(self) -> int:
        """Pixels for the names of the rows."""
        return max((measure(name, _LETTERS) + _GAP for name in self.rows), default=0)

    @cached_property
    def width(self) -> int:
        """Pixels for all of it."""
        matrix = self.names + self.values.shape[1] * self.cell
        return max(matrix, measure(self.heading, SUBTITLE))

    @property
    def above(self) -> int:
        """Pixels for the heading and the names of the columns."""
        return _HEADING + (_COLUMNS if self.columns else 0)

    @property
    def below(self) -> int:
        """Pixels for the cells and the space below them."""
        return self.values.shape[0] * _CELL + _BELOW


def flow(matrices: Sequence[Matrix], room: int) -> list[list[Matrix]]:
    """Fill rows of `room` pixels from left to right."""
    rows: list[list[Matrix]] = []
    for matrix in matrices:
        if not rows or _width([*rows[-1], matrix]) > room:
            rows.append([])
        rows[-1].append(matrix)
    return rows


def fitting(groups: Sequence[Sequence[Matrix]], room: int, tallest: int) -> list[list[Matrix]]:
    """Fill rows with each group, but leave out what is needed least until all are at most `tallest` pixels tall."""
    kept = [list(group) for group in groups]
    while extent(rows := [row for group in kept for row in flow(group, room)])[1] > tallest:
        ranks = [(one.rank, *place) for place, one in _placed(kept)]
        if len(ranks) == 1:
            break
        _, group, place = max(ranks)
        del kept[group][place]
    return rows


def _placed(groups: Sequence[Sequence[Matrix]]) -> Iterator[tuple[tuple[int, int], Matrix]]:
    for number, group in enumerate(groups):
        for place, matrix in enumerate(group):
            yield (number, place), matrix


def extent(rows: Sequence[Sequence[Matrix]]) -> tuple[int, int]:
    """The pixels from left to right and from top to bottom that rows of matrices need."""
    return max(map(_width, rows)), sum(map(_height, rows))


def draw_matrices(canvas: Canvas, left: int, top: int, rows: Sequence[Sequence[Matrix]]) -> None:
    """Draw rows of matrices, the cells of each row beginning at the same height."""
    for row in rows:
        x, above = left, max(matrix.above for matrix in row)
        for matrix in row:
            _draw_matrix(canvas, x, top, top + above, matrix)
            x += matrix.width + _BETWEEN
        top += _height(row)


def _width(row: Sequence[Matrix]) -> int:
    return sum(matrix.width for matrix in row) + _BETWEEN * (len(row) - 1)


def _height(row: Sequence[Matrix]) -> int:
    return max(matrix.above for matrix in row) + max(matrix.below for matrix in row)


def _draw_matrix(canvas: Canvas, left: int, top: int, y0: int, matrix: Matrix) -> None:
    """Draw a heading at `top`, and from `y0` the cells with their numbers, hidden ones in grey."""
    cell, dim, texts, x0 = matrix.cell, canvas.colours.dim, matrix.texts, left + matrix.names
    canvas.write(left, top + SUBTITLE + 6, line(matrix.heading, SUBTITLE))
    shades = levels(matrix.values, 1, power=1)
    for row, cells in enumerate(texts):
        y = y0 + row * _CELL
        if matrix.rows:
            canvas.write(x0 - _GAP, y + _CELL - 13, line(matrix.rows[row], _LETTERS), dim, align="right")
        for column, text in enumerate(cells):
            x = x0 + column * cell
            ground = canvas.colour_of(int(shades[row, column])) if matrix.coloured else canvas.colours.track
            canvas.fill((x, y, x + cell - 2, y + _CELL - 2), ground)
            hidden = matrix.values[row, column] < MASKED_BELOW
            colour = dim if hidden else readable_on(ground) if matrix.coloured else canvas.colours.text
            canvas.write(x + cell // 2 - 1, y + _CELL - 13, line(text, _LETTERS), colour, ground, "middle", steps=3)
    for column, name in enumerate(matrix.columns):
        canvas.write(x0 + column * cell + cell // 2 - 1, y0 - 10, line(name, _LETTERS), dim, align="middle")
    if matrix.marked:
        (top_row, bottom), (first, last) = map(_span, matrix.marked, matrix.values.shape)
        box = (x0 + first * cell - _EDGE, y0 + top_row * _CELL - _EDGE, x0 + last * cell + 1, y0 + bottom * _CELL + 1)
        canvas.frame(box, canvas.colours.bar, _EDGE)


def _span(index: int | None, count: int) -> tuple[int, int]:
    """From which to which row or column something is marked."""
    return (0, count) if index is None else (index, index + 1)


def named(letter: str, index: int) -> str:
    """``q₁``."""
    return numbered(letter, index + 1)


def numbered(name: str, number: int) -> str:
    """A name with a small number."""
    return name + str(number).translate(_SUBSCRIPT)


def written(say: Language, value: float, decimals: int) -> str:
    """A number for a cell: whole ones without decimals, and −10⁹ for what was hidden."""
    if value < MASKED_BELOW:
        return "−10⁹"
    text = f"{value:z.0f}" if value == round(value) else f"{value:z.{decimals}f}"
    return say.number(text).replace("-", "−")
