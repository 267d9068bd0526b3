"""The rank of words layer by layer, as curves: first place at the top, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from core.language import Language
from core.render.fillings import display_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.marks import Curve
from core.render.kit.drawing.text import line, wrap
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH
from core.render.kit.wording import words
from core.results import WordPath

HEIGHT = 366
"""Pixels that this takes."""

_HEADING, _CURVES, _BELOW, _AXIS = 70, 210, 42, 84  # pixels: above the curves, of them, below, and for ranks beside
_NUMBER = 60  # pixels for a rank above a point, or the number of a layer
_DOT = 5  # pixels to each side of a point
_THICK, _THIN = 4.0, 2.0


def draw_ranks(
    say: Language, canvas: Canvas, y: int, paths: Sequence[WordPath], chosen: WordPath, names: Sequence[str]
) -> None:
    """Draw the way of one word thick, with its ranks, and those of the others thin.

    Args:
        say: The language.
        canvas: Where.
        y: The row at which this begins.
        paths: The words at one gap.
        chosen: The one that it is about.
        names: What the layers are called, the embeddings among them, in few letters.
    """
    palette, others = canvas.colours, [path for path in paths if path is not chosen]
    told = say("Rank of {word} through the layers, logarithmic", word=_quoted(say, chosen))
    grey = say("grey: {words}", words=", ".join(_quoted(say, path) for path in others)) if others else ""
    heading = " · ".join(filter(None, [told, grey]))
    for number, text in enumerate(wrap(heading, WIDTH - 2 * MARGIN, SUBTITLE, limit=2)):
        canvas.write(MARGIN, y + 32 + number * 30, line(text, SUBTITLE), palette.dim)
    top = y + _HEADING + NOTE + 8
    decades = max(1, math.ceil(math.log10(max(max(path.ranks) for path in paths))))
    left, right = MARGIN + _AXIS, WIDTH - MARGIN - 24
    for decade in range(decades + 1):
        at = top + round(_CURVES * decade / decades)
        canvas.fill((left, at, right, at + 1), palette.lattice)
        canvas.write(left - 14, at + 7, line(say.number(f"{10**decade:,}"), NOTE), palette.dim, align="right")
    columns = [left + 24 + round((right - left - 48) * n / max(1, len(names) - 1)) for n in range(len(names))]

    def points(path: WordPath) -> list[tuple[int, int]]:
        rows = (top + round(_CURVES * math.log10(rank) / decades) for rank in path.ranks)
        return list(zip(columns, rows, strict=True))

    canvas.curves([curve for path in others for curve in _curves(points(path), _THIN)], palette.mark)
    canvas.curves(_curves(points(chosen), _THICK), palette.bar)
    every = -(-_NUMBER * (len(names) - 1) // (right - left - 48)) if len(names) > 1 else 1
    shown = {len(names) - 1, *range(0, len(names) - every, every)}
    for number, ((x, at), rank) in enumerate(zip(points(chosen), chosen.ranks, strict=True)):
        canvas.bar((x - _DOT, at - _DOT, x + _DOT, at + _DOT), palette.bar, _DOT)
        if number in shown:
            canvas.write(x, at - 12, line(say.number(f"{rank:,}"), NOTE), align="middle")
            canvas.write(x, top + _CURVES + _BELOW, line(names[number], NOTE), palette.dim, align="middle")


def _curves(points: Sequence[tuple[int, int]], thickness: float) -> list[Curve]:
    return [Curve(*start, *end, thickness) for start, end in pairwise(points)]


def _quoted(say: Language, path: WordPath) -> str:
    return words.quoting(say)(display_token(path.word))
