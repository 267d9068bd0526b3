"""Small matrices with every number in them, laid out one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.lab import MASKED_BELOW
from core.language import Language
from core.render.kit.canvas import Canvas
from core.render.kit.cells import levels
from core.render.kit.frame import SUBTITLE
from core.render.kit.palette import readable_on
from core.render.kit.text import line, measure
from core.render.kit.words import Floats

_LETTERS, _CELL = 22, 40  # pixels per em of a number, and of a cell from top to bottom
_PADDING, _NARROWEST, _BETWEEN = 12, 44, 28  # pixels beside a number, of a cell, and from one matrix to the next
_HEADING, _COLUMNS, _BELOW = 42, 24, 40  # pixels above a matrix for its heading and column names, and below it
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """One matrix: its language, heading, numbers, the letters of its rows and columns, and how to show it."""

    say: Language
    heading: str
    values: Floats
    rows: str
    columns: str = ""
    decimals: int = 2
    coloured: bool = False

    @property
    def texts(self) -> list[list[str]]:
        """Its numbers as they are written."""
        return [[written(self.say, value, self.decimals) for value in row] for row in self.values.tolist()]

    @property
    def cell(self) -> int:
        """Pixels from one column to the next."""
        return max(_NARROWEST, *(measure(text, _LETTERS) + _PADDING for row in self.texts for text in row))

    @property
    def names(self) -> int:
        """Pixels for the names of the rows."""
        return measure(named(self.rows, 0), _LETTERS) + 12

    @property
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
        canvas.write(x0 - 12, y + _CELL - 13, line(named(matrix.rows, row), _LETTERS), dim, align="right")
        for column, text in enumerate(cells):
            x = x0 + column * cell
            ground = canvas.colour_of(int(shades[row, column])) if matrix.coloured else canvas.colours.track
            canvas.fill((x, y, x + cell - 2, y + _CELL - 2), ground)
            hidden = matrix.values[row, column] < MASKED_BELOW
            colour = dim if hidden else readable_on(ground) if matrix.coloured else canvas.colours.text
            canvas.write(x + cell // 2 - 1, y + _CELL - 13, line(text, _LETTERS), colour, ground, "middle", steps=3)
    for column in range(matrix.values.shape[1] if matrix.columns else 0):
        letter = line(named(matrix.columns, column), _LETTERS)
        canvas.write(x0 + column * cell + cell // 2 - 1, y0 - 10, letter, dim, align="middle")


def named(letter: str, index: int) -> str:
    """``q₁``."""
    return letter + str(index + 1).translate(_SUBSCRIPT)


def written(say: Language, value: float, decimals: int) -> str:
    """A number for a cell: whole ones without decimals, and −10⁹ for what was hidden."""
    if value < MASKED_BELOW:
        return "−10⁹"
    text = f"{value:z.0f}" if value == round(value) else f"{value:z.{decimals}f}"
    return say.number(text).replace("-", "−")
