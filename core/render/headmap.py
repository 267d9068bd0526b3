"""One number for every head: how broadly it looks, how far, how much at special tokens, and in which pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core import measures
from core.render import cautions, words
from core.render.canvas import Canvas
from core.render.cells import draw_cells, draw_numbers, levels
from core.render.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, framed
from core.render.palette import Theme
from core.render.text import line
from core.results import AttentionMap, Drawing, Table
from core.tour import tour

_SMALLEST, _LARGEST, _GAP = 44, 76, 2  # pixels: the side of a cell, and the lattice in it
_NUMBERS, _HEADING = 40, 76  # pixels for the numbers at the left; above, for the heading and the numbers

# What a head does (a key of `measures.DOES`) as a sign.
SIGNS = {
    "previous": "←",
    "next": "→",
    "self": "•",
    "first": "⇤",
    "separator": "]",
    "punctuation": ",",
    "same": "=",
    "induction": "↻",
    "broad": "∗",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    """One of the four grids: its heading, a value (layers, heads), the value with the last colour, a text per cell."""

    heading: str
    values: words.Floats
    top: float
    texts: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class HeadMap:
    """Four numbers for every head, layer by layer.

    Attributes:
        map: The weights.
        theme: Dark or light.
    """

    map: AttentionMap
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw four grids, each with its own scale."""
        source, panels = self.map.source, self._panels()
        cell = max(_SMALLEST, min(_LARGEST, ((WIDTH - 3 * MARGIN) // 2 - _NUMBERS) // self.map.heads))
        wide, high = _NUMBERS + self.map.heads * cell, _HEADING + self.map.layers * cell
        width = max(WIDTH, 3 * MARGIN + 2 * wide)
        present = {text for row in panels[3].texts for text in row}
        signs = " · ".join(f"{sign} {name}" for name, sign in SIGNS.items() if sign in present)
        frame = Frame(
            "What every head does",
            (
                f"{source.model.name} · {words.count_tokens(len(source.tokens))}",
                "each row is a layer, each column a head; colours run from 0, in each grid on its own scale",
            ),
            (f"Patterns: {signs or 'none is clear'}.", cautions.PATTERNS, *words.bundled_note(source.model)),
            width,
            2 * high,
            self.theme,
        )
        canvas, top = framed(frame)
        for number, panel in enumerate(panels):
            x = MARGIN if number % 2 == 0 else width - MARGIN - wide
            _draw_panel(canvas, x, top + number // 2 * high - 20, cell, panel)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every head with its numbers."""
        breadth, reach, special, kinds = self._numbers()
        rows = [
            (
                f"{layer + 1}.{head + 1}",
                f"{breadth[layer, head]:.2f}",
                f"{reach[layer, head]:.1f}",
                f"{special[layer, head]:.2f}",
                f"{kinds[layer][head].name} {kinds[layer][head].score:.2f}",
            )
            for layer in range(self.map.layers)
            for head in range(self.map.heads)
        ]
        return words.table(("layer.head", "breadth", "distance", "special", "behaves like"), rows)

    def _numbers(self) -> tuple[words.Floats, words.Floats, words.Floats, list[list[measures.Behaviour]]]:
        weights = self.map.weights
        special = np.array([token.special for token in self.map.source.tokens])
        return (
            measures.entropy(weights, self.map.causal).mean(axis=-1),
            measures.distance(weights).mean(axis=-1),
            measures.special_share(weights, special),
            measures.behaviours(self.map),
        )

    def _panels(self) -> tuple[_Panel, ...]:
        breadth, reach, special, kinds = self._numbers()
        scores = np.array([[kind.score for kind in row] for row in kinds], np.float32)
        far = float(reach.max(initial=0))
        return (
            _Panel("breadth, % of the most (entropy)", breadth, 1, _rounded(100 * breadth)),
            _Panel(f"distance in tokens, 0–{far:.1f}", reach, far, _rounded(reach)),
            _Panel("to special tokens, %", special, 1, _rounded(100 * special)),
            _Panel("nearest pattern", scores, 1, [[SIGNS.get(kind.name, "") for kind in row] for row in kinds]),
        )

    def _alt(self) -> str:
        source = self.map.source
        breadth, reach, special, _ = self._numbers()
        return words.alt(
            f"What each of {self.map.layers} × {self.map.heads} heads of {source.model.name} does",
            f"with {words.count_tokens(len(source.tokens))}.",
            f"Mean breadth {breadth.mean():.0%} of the most, mean distance {reach.mean():.1f} tokens,",
            f"{special.mean():.0%} of the attention goes to special tokens.",
            *(stop.why for stop in tour(self.map)),
        )


def _rounded(values: words.Floats) -> list[list[str]]:
    return [[f"{value:.0f}" for value in row] for row in values.tolist()]


def _draw_panel(canvas: Canvas, x: int, y: int, cell: int, panel: _Panel) -> None:
    """Draw a heading, the numbers of the heads and layers, and the grid."""
    dim, left, top = canvas.colours.dim, x + _NUMBERS, y + _HEADING
    canvas.write(left, y + SUBTITLE + 10, line(panel.heading, SUBTITLE))
    level = levels(panel.values, panel.top, power=1)
    draw_cells(canvas, left, top, level, cell, _GAP)
    draw_numbers(canvas, left, top, level, cell, panel.texts)
    layers, heads = level.shape
    for head in range(heads):
        canvas.write(left + head * cell + cell // 2, top - 8, line(str(head + 1), NOTE - 2), dim, align="middle")
    for layer in range(layers):
        y = top + layer * cell + cell // 2 + 6
        canvas.write(left - 10, y, line(str(layer + 1), NOTE - 2), dim, align="right")
