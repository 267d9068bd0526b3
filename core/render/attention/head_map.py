"""One number for every head: how broadly it looks, how far, how much at special tokens, and in which pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.maps import measures
from core.maps.tour import choose_heads
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import line, measure
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import draw_cells, draw_numbers, levels
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import Finder
from core.results import AttentionMap, Drawing, Table

_SMALLEST, _LARGEST, _GAP = 44, 76, 2  # pixels: the side of a cell with a number, and the lattice in it
_NUMBER = 30  # pixels for the number of a layer or a head
_NUMBERS, _HEADING = 40, 76  # pixels for the numbers at the left; above, for the heading and the numbers

# What a head does (a key of `measures.BEHAVIOURS`) as a sign.
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

    def fits(self, cell: int) -> bool:
        """Whether cells of that side have room for its texts."""
        return max(measure(text, NOTE) for row in self.texts for text in row) <= cell - _GAP


@dataclass(frozen=True, slots=True, eq=False)
class HeadMap(Picture):
    """Four numbers for every head, layer by layer.

    Attributes:
        map: The weights.
        theme: Dark or light.
        say: The language.
    """

    map: AttentionMap
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """What most heads do, in one sentence; no word of the text is in it."""
        return Finder(self.say, self.map, quote).common(measures.behaviours(self.map))

    def draw(self) -> Drawing:
        """Draw four grids, each with its own scale."""
        say, source, panels = self.say, self.map.source, self._panels()
        columns, cell = self._fitting()
        wide, high = _NUMBERS + self.map.heads * cell, _HEADING + self.map.layers * cell
        present = {text for row in panels[3].texts for text in row}
        signs = " · ".join(f"{sign} {say(name)}" for name, sign in SIGNS.items() if sign in present)
        patterns = say("Patterns: {signs}.", signs=signs or say("none is clear"))
        frame = Frame(
            self.finding(),
            (
                f"{say('What every head does')} · {source.model.name} · {words.count_tokens(say, len(source.tokens))}",
                say("each row is a layer, each column a head; colours run from 0, in each grid on its own scale"),
            ),
            (*_unwritten(say, panels, cell), patterns, say(cautions.PATTERNS)),
            WIDTH,
            len(panels) // columns * high,
            self.theme,
        )
        canvas, top = draw_frame(frame)
        for number, panel in enumerate(panels):
            x = WIDTH - MARGIN - wide if number % columns else MARGIN
            _draw_panel(canvas, x, top + number // columns * high - 20, cell, panel)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every head with its numbers."""
        say, (breadth, reach, special, kinds) = self.say, self._numbers()
        rows = [
            (
                f"{layer + 1}.{head + 1}",
                words.decimal(say, breadth[layer, head]),
                words.decimal(say, reach[layer, head], 1),
                words.decimal(say, special[layer, head]),
                words.behaves(say, kinds[layer][head]),
            )
            for layer in range(self.map.layers)
            for head in range(self.map.heads)
        ]
        header = (say("layer.head"), say("breadth"), say("distance"), say("special"), say("behaves like"))
        return words.table(header, rows)

    def _fitting(self) -> tuple[int, int]:
        """How many grids stand beside each other, and the side of their cells: two, if numbers still have room."""
        across = (WIDTH - 3 * MARGIN) // 2 - _NUMBERS, WIDTH - 2 * MARGIN - _NUMBERS
        columns = 2 if across[0] >= self.map.heads * _SMALLEST else 1
        cell = min(
            _LARGEST, across[2 - columns] // self.map.heads, (columns * TALLEST // 4 - _HEADING) // self.map.layers
        )
        return columns, max(1, cell)

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
        say, (breadth, reach, special, kinds) = self.say, self._numbers()
        scores = np.array([[kind.score for kind in row] for row in kinds], np.float32)
        far = float(reach.max(initial=0))
        return (
            _Panel(say("how widely, % (entropy)"), breadth, 1, _rounded(100 * breadth)),
            _Panel(say("how far, tokens, 0–{most:.1f}", most=far), reach, far, _rounded(reach)),
            _Panel(say("to special tokens, %"), special, 1, _rounded(100 * special)),
            _Panel(say("what it does most"), scores, 1, [[SIGNS.get(kind.name, "") for kind in row] for row in kinds]),
        )

    def _alt(self) -> str:
        say, source = self.say, self.map.source
        breadth, reach, special = (float(numbers.mean()) for numbers in self._numbers()[:3])
        return words.alt(
            self.finding(),
            say(
                "What each of {layers} × {heads} heads of {model} does with {tokens}.",
                layers=self.map.layers,
                heads=self.map.heads,
                model=source.model.name,
                tokens=words.count_tokens(say, len(source.tokens)),
            ),
            say(
                "On average a head looks {breadth:.0%} widely (100% is everywhere alike) and {reach:.1f} tokens far; "
                "{special:.0%} of the attention goes to special tokens.",
                breadth=breadth,
                reach=reach,
                special=special,
            ),
            *(stop.why(say, words.quoting(say)) for stop in choose_heads(self.map)),
            say(cautions.PATTERNS),
        )


def _unwritten(say: Language, panels: Sequence[_Panel], cell: int) -> tuple[str, ...]:
    """That cells of that side have no room for some numbers."""
    note = say("With so many layers the cells have no room for numbers: “As text” has them.")
    return () if all(panel.fits(cell) for panel in panels) else (note,)


def _rounded(values: words.Floats) -> list[list[str]]:
    return [[f"{value:.0f}" for value in row] for row in values.tolist()]


def _draw_panel(canvas: Canvas, x: int, y: int, cell: int, panel: _Panel) -> None:
    """Draw a heading, the numbers of the heads and layers, and the grid."""
    dim, left, top = canvas.colours.dim, x + _NUMBERS, y + _HEADING
    canvas.write(left, y + SUBTITLE + 10, line(panel.heading, SUBTITLE))
    level = levels(panel.values, panel.top, power=1)
    draw_cells(canvas, left, top, level, cell, _GAP)
    if panel.fits(cell):
        draw_numbers(canvas, left, top, level, cell, panel.texts)
    (layers, heads), every = level.shape, -(-_NUMBER // cell)
    for head in range(0, heads, every):
        canvas.write(left + head * cell + cell // 2, top - 8, line(str(head + 1), NOTE), dim, align="middle")
    for layer in range(0, layers, every):
        y = top + layer * cell + cell // 2 + 6
        canvas.write(left - 10, y, line(str(layer + 1), NOTE), dim, align="right")
