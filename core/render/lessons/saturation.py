"""Why divide by √d: the same random scores with and without, as weights and as entropies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import draw_cells, draw_scale, levels, scale_height
from core.render.kit.squares.matrices import named
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.results import Drawing, Saturation, Table
from core.results.lessons import entropy

_SIDE, _GAP = 34, 2  # pixels of a cell, and of the lattice in it
_NAME, _HEADING, _BELOW = 36, 42, 26  # pixels for the name of a row, above a square, and below it
_HALF = (WIDTH - 2 * MARGIN + 16) // 2  # pixels from a square to the one beside it


@dataclass(frozen=True, slots=True, eq=False)
class SaturationView(Picture):
    """For each d the weights of the same queries and keys: at the left without ÷ √d, at the right with it.

    Attributes:
        result: The weights.
        theme: Dark or light.
        say: The language.
    """

    result: Saturation
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """How the mean entropy goes with d, without the division and with it."""
        say, (plain, scaled) = self.say, self._means
        return say(
            "Without ÷ √d: {plain_first} bits at d = {first}, {plain_last} at d = {last}; with it: {scaled_first} and "
            "{scaled_last}",
            first=self.result.depths[0],
            last=self.result.depths[-1],
            plain_first=words.decimal(say, plain[0]),
            plain_last=words.decimal(say, plain[-1]),
            scaled_first=words.decimal(say, scaled[0]),
            scaled_last=words.decimal(say, scaled[-1]),
        )

    def draw(self) -> Drawing:
        """Draw two squares for each d."""
        say, found = self.say, self.result
        tall = _HEADING + found.plain.shape[1] * _SIDE + _BELOW
        notes = (say(cautions.SATURATED), say("random numbers, seed {seed}", seed=found.seed))
        height = tall * len(found.depths) + scale_height(WIDTH)
        canvas, top = draw_frame(Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme))
        for number, depth in enumerate(found.depths):
            for side, weights in enumerate((found.plain, found.scaled)):
                heading = say("d = {depth} · with ÷ √d" if side else "d = {depth} · without ÷ √d", depth=depth)
                self._draw(canvas, MARGIN + side * _HALF, top + number * tall, heading, weights[number])
        scale = (say("scale: 0–max of all squares"), say("square-root"))
        draw_scale(say, canvas, MARGIN, top + tall * len(found.depths), 1, scale)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """The entropy of each row."""
        say, columns = self.say, self.result.columns()
        rows = [
            (str(depth), str(query), words.decimal(say, plain, 3), words.decimal(say, scaled, 3))
            for depth, query, plain, scaled in zip(*columns.values(), strict=True)
        ]
        header = (say("d"), say("query"), say("bits without ÷ √d"), say("bits with ÷ √d"))
        return words.table(header, rows)

    @property
    def _means(self) -> tuple[list[float], list[float]]:
        """The mean entropy of each d, without the division and with it."""
        plain, scaled = (bits.mean(axis=1).tolist() for bits in self.result.bits)
        return plain, scaled

    def _lines(self) -> tuple[str, ...]:
        say, (_, queries, keys) = self.say, self.result.plain.shape
        return (
            say("Softmax of the same {queries} × {keys} products q · k of random numbers", queries=queries, keys=keys),
            say(
                "Right of each row: its entropy · {most} bits: looks at all {keys} alike, 0: at one only",
                most=words.decimal(say, float(np.log2(keys)), 0 if keys & (keys - 1) == 0 else 2),
                keys=keys,
            ),
        )

    def _draw(self, canvas: Canvas, left: int, top: int, heading: str, weights: words.Floats) -> None:
        """Draw a heading, and weights with the names and the entropies of their rows."""
        x, y = left + _NAME, top + _HEADING
        canvas.write(left, top + SUBTITLE, line(fit(heading, _HALF - 16, SUBTITLE), SUBTITLE))
        draw_cells(canvas, x, y, levels(weights, 1), _SIDE, _GAP)
        for row, bits in enumerate(entropy(weights).tolist()):
            baseline = y + row * _SIDE + _SIDE // 2 + NOTE // 3
            canvas.write(left, baseline, line(named("q", row), NOTE), canvas.colours.dim)
            written = line(words.decimal(self.say, bits), NOTE)
            canvas.write(x + weights.shape[1] * _SIDE + 8, baseline, written)

    def _alt(self) -> str:
        say = self.say
        means = [
            say(
                "d = {depth}: {plain} bits without, {scaled} with.",
                depth=depth,
                plain=words.decimal(say, plain),
                scaled=words.decimal(say, scaled),
            )
            for depth, plain, scaled in zip(self.result.depths, *self._means, strict=True)
        ]
        return words.alt(words.told(self.finding()), *map(words.told, self._lines()), *means, say(cautions.SATURATED))
