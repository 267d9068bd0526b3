"""Attention worked out step by step over small matrices, with every number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render import cautions, words
from core.render.canvas import Canvas
from core.render.cells import levels
from core.render.frame import MARGIN, SUBTITLE, WIDTH, Frame, framed
from core.render.palette import Theme, readable_on
from core.render.text import line, measure
from core.results import Drawing, Table, Worked

_LETTERS, _CELL = 22, 40  # pixels per em of a number, and of a cell from top to bottom
_PADDING, _NARROWEST, _BETWEEN = 12, 44, 28  # pixels beside a number, of a cell, and from one matrix to the next
_HEADING, _COLUMNS, _BELOW = 42, 24, 40  # pixels above a matrix for its heading and column names, and below it
_TERMS = 4  # of a sum that is written out
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_HIDDEN = -1e8  # what is below was hidden by the mask


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """One matrix: its heading, numbers, the letters of its rows and columns, and how to show it."""

    say: Language
    heading: str
    values: words.Floats
    rows: str
    columns: str = ""
    decimals: int = 2
    coloured: bool = False

    @property
    def texts(self) -> list[list[str]]:
        return [[_number(self.say, value, self.decimals) for value in row] for row in self.values.tolist()]

    @property
    def cell(self) -> int:
        return max(_NARROWEST, *(measure(text, _LETTERS) + _PADDING for row in self.texts for text in row))

    @property
    def names(self) -> int:
        """Pixels for the names of the rows."""
        return measure(_name(self.rows, 0), _LETTERS) + 12

    @property
    def width(self) -> int:
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


@dataclass(frozen=True, slots=True, eq=False)
class WorkedView:
    """Q, K and V, then QKᵀ, the scaling, the mask, the softmax and the output.

    Attributes:
        worked: The steps.
        theme: Dark or light.
        say: The language.
    """

    worked: Worked
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw the matrices in reading order; the weights have the colours of a heatmap from 0 to 1."""
        say, rows = self.say, list(_flow(self._blocks(), WIDTH - 2 * MARGIN))
        wide = max(sum(block.width for block in row) + _BETWEEN * (len(row) - 1) for row in rows)
        tall = sum(_height(row) for row in rows)
        notes = (*self._notes(), say(cautions.GIVEN))
        title = say("Attention, step by step")
        frame = Frame(title, self._lines(), notes, max(WIDTH, wide + 2 * MARGIN), tall, self.theme)
        canvas, top = framed(frame)
        for row in rows:
            left, above = MARGIN, max(block.above for block in row)
            for block in row:
                _draw_block(canvas, left, top, top + above, block)
                left += block.width + _BETWEEN
            top += _height(row)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every matrix row by row, the answers first, with all digits that float32 has."""
        say, done = self.say, self.worked
        masked = [] if done.masked is None else [(say("masked"), done.masked)]
        steps = [
            (say("weights"), done.weights),
            (say("output"), done.output),
            ("QKᵀ", done.scores),
            (say("scaled"), done.scaled),
            *masked,
            ("Q", done.query),
            ("K", done.key),
            ("V", done.value),
        ]
        most = max(values.shape[1] for _, values in steps)
        rows = [
            (f"{name} {number}", *(say.number(str(value)) for value in row), *[""] * (most - len(row)))
            for name, values in steps
            for number, row in enumerate(values, 1)
        ]
        return words.table((say("row"), *map(str, range(1, most + 1))), rows)

    def _blocks(self) -> list[_Block]:
        say, done, depth = self.say, self.worked, self.worked.query.shape[1]
        scaled = say("Scaled: ÷ √{depth} = {root:.3g}", depth=depth, root=math.sqrt(depth))
        masked = [] if done.masked is None else [(say("Masked: −10⁹ where hidden"), done.masked)]
        scores = enumerate([(say("Scores: QKᵀ"), done.scores), (scaled, done.scaled), *masked], 1)
        weights, output = say("Weights: softmax of each row"), say("Output: weights × V")
        return [
            _Block(say, say("Query Q"), done.query, "q"),
            _Block(say, say("Key K"), done.key, "k"),
            _Block(say, say("Value V"), done.value, "v"),
            *(_Block(say, f"{number}  {step}", values, "q", "k") for number, (step, values) in scores),
            _Block(say, f"{3 + len(masked)}  {weights}", done.weights, "q", "k", 3, coloured=True),
            _Block(say, f"{4 + len(masked)}  {output}", done.output, "o", decimals=3),
        ]

    def _lines(self) -> tuple[str, ...]:
        say, done = self.say, self.worked
        count, depth = done.query.shape
        mask = "" if done.masked is None else f" + {say('mask')} · (−10⁹)"
        typed = done.seed is None
        origin = say("typed numbers") if typed else say("random numbers, seed {seed}", seed=str(done.seed))
        return (f"softmax(QKᵀ / √{depth}{mask}) V", f"{count} × {depth} · {origin}")

    def _notes(self) -> Iterator[str]:
        """Follow the largest weight (of those that leave something over, if there are any), and say what is odd."""
        say, done = self.say, self.worked
        open_ended = np.where(done.weights < 1, done.weights, 0)
        row, column = map(int, np.unravel_index(int(open_ended.argmax()), done.weights.shape))
        pairs = zip(done.query[row].tolist(), done.key[column].tolist(), strict=True)
        products = [f"{_factor(say, left)}·{_factor(say, right)}" for left, right in pairs]
        several = products if len(products) <= _TERMS else [*products[: _TERMS - 1], "…"]
        yield say(
            "Follow {query}·{key}: {products} = {score}; scaled, {scaled}; softmax makes it {share} of the row of "
            "{query}, so {output} takes {share} of {value}.",
            query=_name("q", row),
            key=_name("k", column),
            products=" + ".join(several),
            score=_number(say, done.scores[row, column], 2),
            scaled=_number(say, done.scaled[row, column], 2),
            share=_number(say, done.weights[row, column], 3),
            output=_name("o", row),
            value=_name("v", column),
        )
        if done.masked is not None and (done.masked < _HIDDEN).all(axis=1).any():
            yield say("Where a row hides every key, −10⁹ stands everywhere and cancels out: the weights are even.")

    def _alt(self) -> str:
        say, done = self.say, self.worked
        return words.alt(
            say("Scaled dot-product attention worked out. {formula}.", formula=" · ".join(self._lines())),
            say("Weights: {listed}.", listed=_listed(say, done.weights, "q")),
            say("Output: {listed}.", listed=_listed(say, done.output, "o")),
        )


def _flow(blocks: Sequence[_Block], room: int) -> Iterator[list[_Block]]:
    """Fill rows of `room` pixels from left to right."""
    row: list[_Block] = []
    for block in blocks:
        if row and sum(other.width + _BETWEEN for other in row) + block.width > room:
            yield row
            row = []
        row.append(block)
    yield row


def _height(row: Sequence[_Block]) -> int:
    return max(block.above for block in row) + max(block.below for block in row)


def _draw_block(canvas: Canvas, left: int, top: int, y0: int, block: _Block) -> None:
    """Draw a heading at `top`, and from `y0` the cells with their numbers, hidden ones in grey."""
    cell, dim, texts, x0 = block.cell, canvas.colours.dim, block.texts, left + block.names
    canvas.write(left, top + SUBTITLE + 6, line(block.heading, SUBTITLE))
    shades = levels(block.values, 1, power=1)
    for row, cells in enumerate(texts):
        y = y0 + row * _CELL
        canvas.write(x0 - 12, y + _CELL - 13, line(_name(block.rows, row), _LETTERS), dim, align="right")
        for column, text in enumerate(cells):
            x = x0 + column * cell
            ground = canvas.colour_of(int(shades[row, column])) if block.coloured else canvas.colours.track
            canvas.fill((x, y, x + cell - 2, y + _CELL - 2), ground)
            hidden = block.values[row, column] < _HIDDEN
            colour = dim if hidden else readable_on(ground) if block.coloured else canvas.colours.text
            canvas.write(x + cell // 2 - 1, y + _CELL - 13, line(text, _LETTERS), colour, ground, "middle", steps=3)
    for column in range(block.values.shape[1] if block.columns else 0):
        name = line(_name(block.columns, column), _LETTERS)
        canvas.write(x0 + column * cell + cell // 2 - 1, y0 - 10, name, dim, align="middle")


def _name(letter: str, index: int) -> str:
    """``q₁``."""
    return letter + str(index + 1).translate(_SUBSCRIPT)


def _number(say: Language, value: float, decimals: int) -> str:
    """A number for a cell: whole ones without decimals, and −10⁹ for what was hidden."""
    if value < _HIDDEN:
        return "−10⁹"
    text = f"{value:z.0f}" if value == round(value) else f"{value:z.{decimals}f}"
    return say.number(text).replace("-", "−")


def _factor(say: Language, value: float) -> str:
    text = _number(say, value, 2)
    return f"({text})" if value < 0 else text


def _listed(say: Language, values: words.Floats, letter: str) -> str:
    rows = (" ".join(_number(say, value, 3) for value in row) for row in values.tolist())
    return "; ".join(f"{_name(letter, number)} {row}" for number, row in enumerate(rows))
