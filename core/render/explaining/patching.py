"""How far each head, and the residual stream at each position, moves an answer to that of another text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.language import ENGLISH, Language
from core.render.explaining.part_grid import PartGrid, named, short
from core.render.fillings import display_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import fit, line, shorten, wrap
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.squares import axes
from core.render.kit.squares.cells import draw_cells, draw_numbers, draw_scale, fits, levels, scale_height
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import Label, labels
from core.results import Drawing, Part, Patching, Table

_HEAD, _POSITION, _LATTICE, _LAYER = 72, 58, 2, 96  # pixels: the sides of cells, the lattice, the names of layers
_TALL = 1100  # pixels of the cells of either grid
_HEADING, _NUMBERS = 34, 30  # pixels: a line between the grids, and for the number of a layer
MOVES = "Copied from the second text, {part} alone moves the answer {share} of the way from {one} to {other}"
TRAVELS = "Residual stream, layer by layer: first, what is copied at {start} decides; from {layer} on, that at {place}"

_LITTLE = 0.01
"""A share that is as good as nothing."""


@dataclass(frozen=True, slots=True)
class PatchingGrid(Picture):
    """What of the way from one answer to another each head brings back, and each position after each layer.

    Attributes:
        result: What was found.
        theme: Dark or light.
        say: The language.
    """

    result: Patching
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """How far the strongest head alone moves the answer."""
        say, part = self.say, self.result.strongest
        share = self._share(part)
        told = dict(zip(("one", "other"), self._answers(quote), strict=True)) | {"share": self._percent(share)}
        if share < _LITTLE:
            return say("No head alone moves the answer from {one} to {other}: {share} of the way at most", **told)
        return say(MOVES, part=named(say, part), **told)

    def draw(self) -> Drawing:
        """Draw a grid of layers and heads, and one of layers and positions below it."""
        say, result = self.say, self.result
        grid, side = self._heads(), self._side()
        names, size = self._labels(), self._sizes()
        parted = wrap(self._travelled(), WIDTH - 2 * MARGIN, SUBTITLE, limit=3)
        first = grid.height(side) + scale_height(WIDTH)
        above = first + len(parted) * _HEADING + axes.room(names, size)[1] + 12
        height = above + len(result.positions) * size.cell
        notes = (*self._unwritten(side), say(cautions.PATCHED), words.model_named(say, result.source.model))
        warnings = words.unknown_words(say, result.source, result.other)
        canvas, top = draw_frame(
            Frame(self.finding(), self._lines(), notes, WIDTH, height + 12, self.theme, signed=True, warnings=warnings)
        )
        grid.draw(say, canvas, top, side, (1.0, 1.0), result.strongest)
        told = [say("0: nothing moves · 1: the second text's answer, fully; square-root")]
        draw_scale(say, canvas, MARGIN, top + grid.height(side), 1.0, told)
        for number, text in enumerate(parted, 1):
            canvas.write(MARGIN, top + first + number * _HEADING, line(text, SUBTITLE))
        self._write_names(canvas, top + above)
        self._draw_positions(canvas, top + above, size.cell)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List what each head moves, then each position after each layer."""
        say, result, names = self.say, self.result, self._labels()
        rows = [
            (named(say, Part("", layer, "head", head)), "", *self._written(share, float(result.heads[layer, head])))
            for (layer, head), share in _numbered(result.shares(result.heads))
        ]
        rows += [
            (
                self._after(layer),
                f"{n + 1}. {names[n].numbered}",
                *self._written(share, float(result.positions[layer, n])),
            )
            for (layer, n), share in _numbered(result.shares(result.positions))
        ]
        return words.table((say("copied"), say("token"), say("share of the way"), say("logit difference")), rows)

    def _written(self, share: float, difference: float) -> tuple[str, str]:
        return words.precise(self.say, share), words.precise(self.say, difference)

    def _share(self, part: Part) -> float:
        return float(self.result.shares(self.result.heads)[part.layer, part.head or 0])

    def _percent(self, share: float) -> str:
        return self.say.number(f"{100 * share:.0f}%").replace("-", "−")

    def _answers(self, quote: words.Quote | None = None) -> tuple[str, str]:
        one, other = ((quote or words.quoting(self.say))(display_token(word)) for word in self.result.answers)
        return one, other

    def _heads(self) -> PartGrid:
        shares = self.result.shares(self.result.heads)
        return PartGrid("", shares.shape[1], "", shares)

    def _side(self) -> int:
        """That of a cell of the heads."""
        layers, heads = self.result.heads.shape
        return max(4, min(_HEAD, (WIDTH - 2 * MARGIN - 24) // heads, _TALL // layers))

    def _sizes(self) -> axes.Sizes:
        """Those of the grid of positions."""
        layers, count = self.result.positions.shape
        cell = max(4, min(_POSITION, (WIDTH - 2 * MARGIN - _LAYER) // count, _TALL // layers))
        return axes.Sizes(cell, _LATTICE, NOTE, max(1, -(-NOTE // cell)))

    def _labels(self) -> list[Label]:
        """The tokens of the first text, and where the second has another, that behind a stroke."""
        pairs = zip(labels(self.result.source), labels(self.result.other), strict=True)
        changed = self.result.changed
        return [
            replace(one, text=f"{shorten(one.text, 10)}/{shorten(other.text, 10)}", count=0) if n in changed else one
            for n, (one, other) in enumerate(pairs)
        ]

    def _write_names(self, canvas: Canvas, top: int) -> None:
        """Write the tokens above their columns; where not all have room, first those that differ or are answered."""
        names, size, left = self._labels(), self._sizes(), MARGIN + _LAYER
        if size.every == 1:
            axes.write_columns(canvas, names, size, left, top)
            return
        place, written = int(self.result.shares(self.result.positions)[-1].argmax()), list[int]()
        for n in (place, *self.result.changed, *range(len(names))):
            if all(abs(n - other) >= size.every for other in written):
                axes.write_columns(canvas, [names[n]], replace(size, every=1), left + n * size.cell, top)
                written.append(n)

    def _draw_positions(self, canvas: Canvas, top: int, cell: int) -> None:
        shares, left, palette = self.result.shares(self.result.positions), MARGIN + _LAYER, canvas.colours
        level = levels(shares, 1.0, signed=True)
        draw_cells(canvas, left, top, level, cell, _LATTICE)
        texts = self._texts(shares)
        if fits(texts, cell, WIDTH):
            draw_numbers(canvas, left, top, level, cell, texts)
        for layer in range(0, len(shares), -(-_NUMBERS // cell)):
            name = line(fit(str(layer) if layer else self.say("input"), _LAYER - 14, NOTE), NOTE)
            canvas.write(left - 12, top + layer * cell + cell // 2 + 6, name, palette.dim, align="right")

    def _texts(self, shares: words.Floats) -> list[list[str]]:
        """The numbers in the cells of positions; none for what rounds to zero."""
        rounded = np.round(shares.astype(float), 1).tolist()
        return [[words.signed(self.say, value, 1) if value else "" for value in row] for row in rounded]

    def _unwritten(self, side: int) -> list[str]:
        say = self.say
        if self._heads().fits(say, side) and fits(
            self._texts(self.result.shares(self.result.positions)), self._sizes().cell, WIDTH
        ):
            return []
        return [say("Where cells have no room for numbers, “As text” has them.")]

    def _lines(self) -> tuple[str, ...]:
        say, result = self.say, self.result
        (one, other), (first, second) = self._answers(), result.whole
        logits = {"first": words.signed(say, first, 1), "second": words.signed(say, second, 1)}
        return (
            words.quoted(say, result.source.text),
            say(
                "Logit of {one} minus logit of {other}: {first} in the first text, {second} in the second",
                one=one,
                other=other,
                **logits,
            ),
            say("Rows: layers · columns: heads, each copied at all positions, before the output projection"),
        )

    def _travelled(self) -> str:
        """Where the difference sits, layer by layer: at what differs, or already where the model answers."""
        say, shares, names = self.say, self.result.shares(self.result.positions), self._labels()
        strongest = shares.argmax(axis=1).tolist()
        place = strongest[-1]  # after the last layer nothing else counts
        arrives = next(layer for layer in range(len(strongest)) if set(strongest[layer:]) == {place})
        told = {"place": words.quoting(say)(names[place].text), "layer": say("layer {layer}", layer=arrives)}
        if not arrives:
            return say("Residual stream, layer by layer: what is copied at {place} decides from the start", **told)
        told["start"] = words.quoting(say)(names[strongest[0]].text)
        return say(TRAVELS, **told)

    def _after(self, layer: int) -> str:
        return self.say("after layer {layer}", layer=layer) if layer else self.say("input")

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result, names = self.say, self.result, self._labels()
        heads = [
            (Part("", layer, "head", head), share) for (layer, head), share in _numbered(result.shares(result.heads))
        ]
        heads = sorted(heads, key=lambda pair: -abs(pair[1]))[:6]
        shares = result.shares(result.positions)
        best = [
            f"{self._after(layer)} {names[n].numbered} {words.precise(say, float(shares[layer, n]))}"
            for layer, n in enumerate(shares.argmax(axis=1).tolist())
        ]
        return words.alt(
            words.told(self.finding()),
            words.told(self._lines()[1]),
            *map(words.told, warnings),
            say(
                "Heads that move it most: {listed}.",
                listed=", ".join(f"{short(say, part)} {words.precise(say, share)}" for part, share in heads),
            ),
            words.told(self._travelled()),
            say("Strongest position: {listed}.", listed=", ".join(best)),
            words.text_told(say, result.source.text),
            say(cautions.PATCHED),
        )


def _numbered(values: words.Floats) -> Iterator[tuple[tuple[int, int], float]]:
    """Each cell of a grid by its row and its column, from 0."""
    for row, cells in enumerate(values.tolist()):
        for column, value in enumerate(cells):
            yield (row, column), value
