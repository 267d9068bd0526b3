"""Cells coloured by weight, the numbers in them, and the colour bar that explains them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.language import Language
from core.render.kit.drawing.canvas import Align, Canvas, Pixels
from core.render.kit.drawing.palette import LEVELS, SIDE, readable_on
from core.render.kit.drawing.text import line, measure, wrap
from core.render.kit.frame import MARGIN, NOTE, enlarged

_SCALE, _ABOVE, _BAR = 64, 16, 16  # pixels for the colour bar with its numbers, above it, and of the bar itself

EDGE = 26
"""Pixels for the numbers above counted columns."""


def levels(weights: npt.NDArray[np.floating], top: float, power: float = 0.5, signed: bool = False) -> Pixels:
    """Map weights to the colour map by their share of `top`; its square root shows the many small weights of a head."""
    share = np.clip(weights.astype(np.float32) / np.float32(top or 1.0), -1 if signed else 0, 1)
    if signed:
        step = np.rint(np.abs(share) ** power * SIDE)
        return np.where((share < 0) & (step > 0), step + SIDE, step).astype(np.uint8)
    return np.rint(share**power * (LEVELS - 1)).astype(np.uint8)


def draw_cells(canvas: Canvas, left: int, top: int, level: Pixels, side: int, gap: int, causal: bool = False) -> None:
    """Draw `level` ``(rows, columns)`` as cells of `side` pixels, `gap` of them lattice; or their lower triangle."""
    rows, columns = level.shape
    lattice = np.full_like(level, canvas.index(canvas.colours.lattice))
    if causal:
        lattice = np.tril(lattice)
    row, below = (np.repeat(colour, side, axis=1) for colour in (level, lattice))
    for column in range(side - gap, side):
        row[:, column::side] = lattice
    cells = np.empty((rows, side, columns * side), np.uint8)
    cells[:, : side - gap] = row[:, None]
    cells[:, side - gap :] = below[:, None]
    canvas.lay(left, top, cells.reshape(rows * side, columns * side))


def draw_counted(canvas: Canvas, left: int, top: int, values: npt.NDArray[np.floating], side: int, every: int) -> int:
    """Draw values from -1 to 1 as cells, with every so many row and column counted from 0; return where they end."""
    dim, y0 = canvas.colours.dim, top + EDGE
    draw_cells(canvas, left, y0, levels(values, 1, power=1, signed=True), side, 1)
    for place in range(0, len(values), every):
        baseline = y0 + place * side + side // 2 + 6
        canvas.write(left - 10, baseline, line(str(place), NOTE), dim, align="right")
    for place in range(0, values.shape[1], every):
        canvas.write(left + place * side + side // 2, y0 - 8, line(str(place), NOTE), dim, align="middle")
    return y0 + len(values) * side


def fits(texts: Sequence[Sequence[str]], side: int, width: int) -> bool:
    """Whether cells of that side have room for some texts, in a picture of that width."""
    size = enlarged(NOTE, width)
    return max((measure(text, size) for row in texts for text in row), default=0) <= side - 2


def draw_numbers(canvas: Canvas, left: int, top: int, level: Pixels, side: int, texts: Sequence[Sequence[str]]) -> None:
    """Write a text into each cell, in black or white."""
    size = enlarged(NOTE, canvas.width)
    for row, line_of_texts in enumerate(texts):
        for column, text in enumerate(line_of_texts):
            if text:
                ground = canvas.colour_of(int(level[row, column]))
                x, y = left + column * side + side // 2 - 1, top + row * side + side // 2 + round(0.35 * size)
                canvas.write(x, y, line(text, size), readable_on(ground), ground, "middle", steps=3)


def scale_height(width: int) -> int:
    """The pixels that `draw_scale` takes in a picture of that width."""
    return enlarged(_SCALE, width)


def draw_scale(
    say: Language, canvas: Canvas, x: int, y: int, top: float, notes: Sequence[str], power: float = 0.5
) -> None:
    """Draw the colour bar with the values at its ends and in its middle, and up to two lines of notes beside it.

    `power` as for `levels`.
    """
    note, bar, dim = enlarged(NOTE, canvas.width), enlarged(_BAR, canvas.width), canvas.colours.dim
    y += enlarged(_ABOVE, canvas.width)
    step, shown = note // 5, np.arange(LEVELS, dtype=np.uint8)
    ticks = ("0", f"{top * 0.5 ** (1 / power):.2g}", f"{top:.2g}")
    if canvas.signed:
        shown = np.array([*range(2 * SIDE, SIDE, -1), *range(SIDE + 1)], np.uint8)
        ticks = (f"−{top:.2g}", "0", f"+{top:.2g}")
    width = len(shown) * step
    canvas.lay(x, y, np.tile(np.repeat(shown, step), (bar, 1)))
    canvas.frame((x - 1, y - 1, x + width + 1, y + bar + 1), canvas.colours.lattice, 1)
    places: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for text, (share, align) in zip(map(say.number, ticks), places, strict=True):
        canvas.write(x + round(width * share), y + bar + 2 + note, line(text, note), dim, align=align)
    room = canvas.width - MARGIN - x - width - note
    lines = [part for text in notes for part in wrap(text, room, note, limit=3 - len(notes))]
    for number, text in enumerate(lines):
        canvas.write(x + width + note, y + bar - 1 + number * (note + 4), line(text, note), dim)
