"""A dot product, dimension by dimension: the largest products as signed bars, and the sum of all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.language import Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, NOTE, WIDTH
from core.render.kit.wording.scores import number
from core.render.kit.wording.words import precise

MOST = 10
"""Dimensions with a bar of their own."""

_ROW, _THICK, _LETTERS, _HEADING = 36, 20, 22, 36  # pixels
_ENDS = (110, 220, 330)  # pixels to the right ends of the columns of dimension, query and key
_BAR, _NUMBER = 356, 120  # pixels to where the bars begin, and for a product


@dataclass(frozen=True, slots=True, eq=False)
class DotProduct:
    """The product of a query ``(d,)`` and a key ``(d,)``."""

    query: npt.NDArray[np.float32]
    key: npt.NDArray[np.float32]

    @property
    def products(self) -> npt.NDArray[np.float64]:
        """In each dimension."""
        return self.query.astype(np.float64) * self.key

    @property
    def strongest(self) -> list[int]:
        """The dimensions with the largest products, the largest first."""
        return np.argsort(-abs(self.products), kind="stable")[:MOST].tolist()

    @property
    def height(self) -> int:
        """The pixels that it takes."""
        return _HEADING + min(MOST + 1, len(self.query)) * _ROW

    def draw(self, say: Language, canvas: Canvas, top: int) -> None:
        """Draw a row for each of the strongest, and one for the others."""
        products, shown = self.products, self.strongest
        rest = float(np.delete(products, shown).sum())
        most = max(abs(rest), *abs(products)) or 1.0
        self._write(canvas, top, (say("dimension"), say("query"), say("key")), NOTE)
        middle = (MARGIN + _BAR + WIDTH - MARGIN - _NUMBER) // 2
        canvas.write(middle, top + _ROW - 11, line(say("product"), NOTE), canvas.colours.dim, align="middle")
        top += _HEADING
        for place, n in enumerate(shown):
            row = (str(n + 1), number(say, float(self.query[n])), number(say, float(self.key[n])))
            self._write(canvas, top + place * _ROW, row, _LETTERS)
            _draw_signed(say, canvas, top + place * _ROW, float(products[n]), most)
        if len(shown) < len(products):
            others = say("the other {count}", count=len(products) - len(shown))
            self._write(canvas, top + len(shown) * _ROW, ("", "", others), _LETTERS)
            _draw_signed(say, canvas, top + len(shown) * _ROW, rest, most)

    def _write(self, canvas: Canvas, top: int, cells: tuple[str, str, str], letters: int) -> None:
        colour = canvas.colours.dim if letters == NOTE else canvas.colours.text
        for end, cell in zip(_ENDS, cells, strict=True):
            if cell:
                canvas.write(MARGIN + end, top + _ROW - 11, line(cell, letters), colour, align="right")


def _draw_signed(say: Language, canvas: Canvas, top: int, value: float, most: float) -> None:
    """Draw a track with zero in its middle, and a value to the right of it or, hatched, to the left, and its number."""
    left, right, above = MARGIN + _BAR, WIDTH - MARGIN - _NUMBER, top + (_ROW - _THICK) // 2
    middle = (left + right) // 2
    end = middle + round((right - left) / 2 * value / most)
    canvas.fill((left, above, right, above + _THICK), canvas.colours.track)
    box = (min(middle, end), above, max(middle, end), above + _THICK)
    if value > 0:
        canvas.fill(box, canvas.colours.bar)
    else:
        canvas.hatch(box, canvas.colours.bar)
    canvas.fill((middle - 1, above - 3, middle + 1, above + _THICK + 3), canvas.colours.mark)
    written = line(precise(say, value), _LETTERS)
    canvas.write(WIDTH - MARGIN, top + _ROW - 11, written, align="right")
