"""An answer as more and more heads are off."""

from __future__ import annotations

from core.language import Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import label_colours
from core.render.kit.drawing.text import line, wrap
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH
from core.results import Ablation

HEIGHT = 190
"""Pixels that this takes."""

_STEP = 84  # pixels of a bar


def draw_steps(say: Language, canvas: Canvas, y: int, result: Ablation, held: str) -> None:
    """A bar for each number of heads that are off together: the probability of the answer; grey where it lost."""
    palette, steps = canvas.colours, result.together
    room = WIDTH - 2 * MARGIN
    heading = say("Heads off together, those first that change least · {held}", held=held)
    for number, text in enumerate(wrap(heading, room, SUBTITLE, limit=2)):
        canvas.write(MARGIN, y + 32 + number * 30, line(text, SUBTITLE), palette.dim)
    own = label_colours(result.labels, palette).get(result.answer.word, palette.bar)
    bottom, wide = y + HEIGHT - 34, room / len(steps)
    for number, one in enumerate(steps):
        left, right = (MARGIN + round(wide * place) for place in (number, number + 1))
        colour = own if one.top[0].word == result.answer.word else palette.mark
        canvas.fill((left, bottom - _STEP, right - 3, bottom), palette.track)
        canvas.fill((left, bottom - round(_STEP * one.answer.probability), right - 3, bottom), colour)
    canvas.write(MARGIN, bottom + 24, line(str(steps[0].count), NOTE), palette.dim)
    canvas.write(WIDTH - MARGIN, bottom + 24, line(str(steps[-1].count), NOTE), palette.dim, align="right")
