"""The parts of a model as cells, layer by layer, coloured by how an answer changes without each; and their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.language import Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH
from core.render.kit.squares.cells import draw_cells, draw_numbers, fits, levels
from core.render.kit.wording import words
from core.results import Ablation, Part, Removal

_LARGEST, _LATTICE, _APART = 76, 2, 6  # pixels: the side of a cell, the lattice in it, and before whole parts
_NUMBERS, _HEADING, _STACK = 24, 34, 42  # pixels for the numbers at the left and above, and for the name of a stack
_TALL = 1600  # pixels of all cells
_NUMBER = 30  # pixels for the number of a layer or a head

STACKS = {"encoder": "encoder", "decoder": "decoder", "cross": "cross-attention"}
"""What the stacks of a model with an encoder and a decoder are called."""

WHOLE = {"attention": "A", "feed-forward": "F"}
"""The letters of parts that are no single head."""


@dataclass(frozen=True, slots=True, eq=False)
class PartGrid:
    """The parts of one stack.

    Attributes:
        stack: Which, as in a `core.results.Part`.
        heads: Of each layer.
        letters: Of the whole parts that it has besides.
        changes: How the answer changes without each ``(layers, heads + letters)``.
    """

    stack: str
    heads: int
    letters: str
    changes: words.Floats

    @property
    def columns(self) -> int:
        """Heads and whole parts of a layer."""
        return self.changes.shape[1]

    def height(self, side: int) -> int:
        """The pixels that it takes with cells of that side."""
        return (_STACK if self.stack else 0) + _HEADING + len(self.changes) * side

    def texts(self, say: Language, side: int) -> list[list[str]]:
        """The numbers in its cells, with as many decimals as there is room for; none for what rounds to zero."""
        texts: list[list[str]] = []
        for decimals in (2, 1, 0):
            rounded = np.round(self.changes.astype(float), decimals).tolist()
            texts = [[words.signed(say, value, decimals) if value else "" for value in row] for row in rounded]
            if fits(texts, side, WIDTH):
                break
        return texts

    def fits(self, say: Language, side: int) -> bool:
        """Whether cells of that side have room for its numbers."""
        return fits(self.texts(say, side), side, WIDTH)

    def draw(self, say: Language, canvas: Canvas, y: int, side: int, tops: tuple[float, float], off: Part) -> None:
        """Draw heads, whole parts behind them, and a frame around the one that is off; `tops` are from `largest`."""
        dim, left = canvas.colours.dim, MARGIN + _NUMBERS
        if self.stack:
            canvas.write(MARGIN, y + SUBTITLE + 12, line(say(STACKS[self.stack]), SUBTITLE))
            y += _STACK
        top, texts = y + _HEADING, self.texts(say, side)
        written = texts if self.fits(say, side) else []
        for (first, last), most in zip(((0, self.heads), (self.heads, self.columns)), tops, strict=True):
            if first == last:
                continue
            x = left + first * side + (_APART if first else 0)
            level = levels(self.changes[:, first:last], most, signed=True)
            draw_cells(canvas, x, top, level, side, _LATTICE)
            draw_numbers(canvas, x, top, level, side, [row[first:last] for row in written])
        every = -(-_NUMBER // side)
        for head in range(0, self.heads, every):
            canvas.write(left + head * side + side // 2, top - 8, line(str(head + 1), NOTE), dim, align="middle")
        for column in range(self.heads, self.columns):
            letter = line(self.letters[column - self.heads], NOTE)
            canvas.write(left + _APART + column * side + side // 2, top - 8, letter, dim, align="middle")
        for layer in range(0, len(self.changes), every):
            baseline = top + layer * side + side // 2 + 6
            canvas.write(left - 6, baseline, line(str(layer + 1), NOTE), dim, align="right")
        if off.stack == self.stack:
            x, y = left + (off.head or 0) * side, top + off.layer * side
            canvas.frame((x - 3, y - 3, x + side + 1, y + side + 1), canvas.colours.text, 3)


def named(say: Language, part: Part) -> str:
    """A part in words, counted from 1: ``layer 1, head 4``."""
    told = {"layer": part.layer + 1}
    if part.head is not None:
        name = say("layer {layer}, head {head}", head=part.head + 1, **told)
    elif part.kind == "attention":
        name = say("layer {layer}, all heads", **told)
    else:
        name = say("layer {layer}, feed-forward", **told)
    return f"{say(STACKS[part.stack])}, {name}" if part.stack else name


def short(say: Language, part: Part) -> str:
    """``1.4``, or ``1.A`` for a whole part."""
    last = WHOLE[part.kind] if part.head is None else str(part.head + 1)
    short = f"{part.layer + 1}.{last}"
    return f"{say(STACKS[part.stack])} {short}" if part.stack else short


def grids_of(result: Ablation) -> list[PartGrid]:
    """One grid for each stack."""
    stacks = dict.fromkeys(one.part.stack for one in result.removals)
    return [_grid(result, stack) for stack in stacks]


def _grid(result: Ablation, stack: str) -> PartGrid:
    rows: dict[int, list[Removal]] = {}
    for one in result.removals:
        if one.part.stack == stack:
            rows.setdefault(one.part.layer, []).append(one)
    heads = sum(one.part.kind == "head" for one in rows[0])
    changes = np.array([[result.change(one) for one in row] for row in rows.values()], np.float32)
    return PartGrid(stack, heads, "".join(_letters(rows[0])), changes)


def _letters(row: Sequence[Removal]) -> Iterator[str]:
    yield from (WHOLE[one.part.kind] for one in row if one.part.kind != "head")


def side_of(grids: Sequence[PartGrid]) -> int:
    """The side of a cell with which all of them fit."""
    across = (WIDTH - 2 * MARGIN - _NUMBERS - _APART) // max(grid.columns for grid in grids)
    down = _TALL // sum(len(grid.changes) for grid in grids)
    return max(4, min(_LARGEST, across, down))


def largest(result: Ablation) -> tuple[float, float]:
    """The largest changes of heads and of whole parts, each with a scale of their own."""
    changes = [(one.part.kind == "head", abs(result.change(one))) for one in result.removals]
    heads, whole = (max((size for head, size in changes if head == kind), default=0.0) for kind in (True, False))
    return heads, whole
