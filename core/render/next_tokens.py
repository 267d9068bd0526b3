"""Bars of the tokens that could come next: before and after temperature, top-k and top-p."""

from __future__ import annotations

from collections.abc import Sequence

from core.language import Language
from core.render.fillings import display_token
from core.render.kit.drawing.canvas import Align, Canvas
from core.render.kit.drawing.text import fit, line, measure
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH
from core.render.kit.wording.scores import round_up
from core.render.kit.wording.words import percent
from core.results import NextToken

MOST_NEXT = 12
"""Tokens that have bars."""

_HEADING, _SCALE, _ROW = 44, 36, 54  # pixels above the bars, below them, and from one token to the next
_BEFORE, _AFTER, _LETTERS = 14, 20, 26  # pixels: how thick the bars of both probabilities are, and letters
_NAME, _NUMBER = 250, 96  # pixels for a name at most, and for the numbers


def next_height(following: Sequence[NextToken]) -> int:
    """The pixels that the bars of some tokens take."""
    return _HEADING + len(following) * _ROW + _SCALE if following else 0


def draw_next(say: Language, canvas: Canvas, top: int, following: Sequence[NextToken]) -> None:
    """Draw two bars for each token, all on a scale that ends just above the largest; nothing where there is none."""
    if not following:
        return
    heading = line(fit(say("What can come next"), WIDTH - 2 * MARGIN, SUBTITLE), SUBTITLE)
    canvas.write(MARGIN, top + SUBTITLE, heading, canvas.colours.dim)
    most = min(1.0, round_up(max(max(one.probability, one.share) for one in following)))
    names = min(_NAME, max(measure(display_token(one.word), _LETTERS) for one in following))
    left, right = MARGIN + names + 18, WIDTH - MARGIN - _NUMBER
    for number, one in enumerate(following):
        _draw_bars(say, canvas, (left, top + _HEADING + number * _ROW, right), one, most)
    y = top + next_height(following) - 20
    ticks: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
    for share, align in ticks:
        tick = line(say.number(f"{100 * share * most:g}%"), NOTE)
        canvas.write(left + round((right - left) * share), y, tick, canvas.colours.dim, align=align)


def drawn(say: Language, one: NextToken) -> str:
    """With what probability a token is drawn."""
    return percent(say, one.share) if one.share else say("out")


def _draw_bars(say: Language, canvas: Canvas, room: tuple[int, int, int], one: NextToken, most: float) -> None:
    """Draw a token's name before `left`, its two bars from there to `right`, and their numbers behind that."""
    left, top, right = room
    palette = canvas.colours
    bright = palette.text if one.share else palette.dim
    name = line(fit(display_token(one.word), left - 18 - MARGIN, _LETTERS), _LETTERS)
    canvas.write(left - 18, top + 33, name, bright, align="right")
    y = top + 7
    for share, thick, colour in ((one.probability, _BEFORE, palette.mark), (one.share, _AFTER, palette.bar)):
        track = (left, y, right, y + thick)
        canvas.bar(track, palette.track, 5)
        canvas.bar(track, colour, 5, 0, round((right - left) * share / most))
        y += thick + 2
    canvas.write(WIDTH - MARGIN, top + 20, line(percent(say, one.probability), NOTE), palette.dim, align="right")
    canvas.write(WIDTH - MARGIN, top + 42, line(fit(drawn(say, one), _NUMBER - 8, NOTE), NOTE), bright, align="right")
