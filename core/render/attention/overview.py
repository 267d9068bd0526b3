"""Every head of every layer at once, as small squares."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.maps import measures
from core.maps.tour import choose_heads, salience
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour, Theme
from core.render.kit.drawing.text import line, measure
from core.render.kit.frame import MARGIN, SUBTITLE, WIDTH, Frame, draw_frame, enlarged
from core.render.kit.legend import LEGEND, draw_legend, plan_legend
from core.render.kit.squares.cells import draw_scale, scale_height
from core.render.kit.squares.tiles import COLOURS, GAP, draw_tiles, largest, thumbnails
from core.render.kit.view import HeadPicture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import Finder, in_head
from core.results import AttentionMap, Drawing, Table

_NUMBERS = 50  # pixels for the numbers at the left and above


@dataclass(frozen=True, slots=True, eq=False)
class OverviewGrid(HeadPicture):
    """One thumbnail for every head, layer by layer, all on one scale.

    Attributes:
        map: The weights.
        layer: The layer of the head to outline, from 1.
        head: That head, from 1, or ``None`` to outline the layer.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """The strongest link of all heads, in one sentence."""
        layers, heads = range(1, self.map.layers + 1), range(1, self.map.heads + 1)
        where = [[in_head(self.say, layer, head) for head in heads] for layer in layers]
        return Finder(self.say, self.map, quote).strongest(self.map.weights, where)

    def draw(self) -> Drawing:
        """Draw the thumbnails; in those of a long text each pixel is the largest of several weights."""
        say, source, layers, heads = self.say, self.map.source, self.map.layers, self.map.heads
        tiles, merged = thumbnails(self.map)
        tall, wide = (side + GAP for side in tiles.shape[-2:])
        kinds = measures.behaviours(self.map) if self.map.is_self_attention else []
        reading = words.reading(say, self.map)
        width = max(WIDTH, 2 * MARGIN + _NUMBERS + heads * wide)
        numbers, below = enlarged(_NUMBERS, width), scale_height(width)  # a little more than the width allowed for
        width += numbers - _NUMBERS if width > WIDTH else 0
        legend = plan_legend(_marks(say, kinds), width)
        frame = Frame(
            self.finding() or self._title(),
            (
                f"{self._title()} · {source.model.name} · {words.size(say, self.map)} · {self._outlined()}",
                say("each row is a layer, each column a head · in each square: {reading}", reading=reading),
            ),
            (say(cautions.for_all(self.map)),),
            width,
            numbers + layers * tall + below + len(legend) * enlarged(LEGEND, width),
            self.theme,
            self.map.signed,
        )
        canvas, top = draw_frame(frame)
        left, top = MARGIN + numbers, top + numbers
        draw_tiles(canvas, left, top, tiles, kinds)
        _write_numbers(say, canvas, left, top, tall, wide, (layers, heads))
        first, last = (0, heads) if self.head is None else (self.head - 1, self.head)
        x, y = left + first * wide, top + (self.layer - 1) * tall
        canvas.frame((x - 5, y - 5, left + last * wide - 2, y + tall - 1), canvas.colours.text, 3)
        draw_scale(say, canvas, MARGIN, top + layers * tall, largest(self.map), self._scale(merged))
        draw_legend(canvas, top + layers * tall + below, legend)
        return canvas.drawing(self._alt(kinds))

    def table(self) -> Table:
        """Say of every head what it behaves like, and how clearly; or how much that is worth seeing it does."""
        say = self.say
        header = (say("layer"), *(say("head {head}", head=head + 1) for head in range(self.map.heads)))
        if self.map.is_self_attention:
            kinds = measures.behaviours(self.map)
        else:
            name, scores = salience(self.map)
            kinds = [[measures.Behaviour(name, score) for score in row] for row in scores.tolist()]
        cells = ((words.behaves(say, kind) for kind in row) for row in kinds)
        return words.table(header, [(str(layer), *row) for layer, row in enumerate(cells, 1)])

    def _title(self) -> str:
        say, count = self.say, {"layers": self.map.layers, "heads": self.map.heads}
        if self.map.signed:
            return say("{layers} layers × {heads} heads · difference", **count)
        return say("{layers} layers × {heads} heads", **count)

    def _scale(self, merged: int) -> list[str]:
        """What the colours are a scale of, and how many weights are one pixel, along each side."""
        say, signed = self.say, self.map.signed
        scale = say(
            "scale: −max to +max of all heads, square-root" if signed else "scale: 0–max of all heads, square-root"
        )
        return [scale, *([say("one pixel = the largest of {side} × {side}", side=merged)] * (merged > 1))]

    def _outlined(self) -> str:
        say, layer = self.say, self.layer
        if self.head is None:
            return say("outlined: layer {layer}", layer=layer)
        return say("outlined: layer {layer}, head {head}", layer=layer, head=self.head)

    def _alt(self, kinds: list[list[measures.Behaviour]]) -> str:
        say, attention = self.say, self.map
        counts = Counter(kind.name for row in kinds for kind in row)
        counted = ", ".join(f"{count} {say(name)}" for name, count in counts.most_common())
        return words.alt(
            self.finding(),
            say(
                "All {layers} layers × {heads} heads of {model} as small squares, {size}.",
                layers=attention.layers,
                heads=attention.heads,
                model=attention.source.model.name,
                size=words.size(say, attention),
            ),
            say("Heads by what they do: {counts}.", counts=counted)
            if counted
            else f"{words.opening(words.reading(say, attention))}.",
            *(stop.why(say, words.quoting(say)) for stop in choose_heads(attention, 3)),
            say(cautions.for_all(self.map)),
        )


def _write_numbers(
    say: Language, canvas: Canvas, left: int, top: int, tall: int, wide: int, count: tuple[int, int]
) -> None:
    """Number the heads above and the layers at the left, from 1; not all where they are too many."""
    (layers, heads), size, dim = count, enlarged(SUBTITLE, canvas.width), canvas.colours.dim
    across, down = (math.ceil(need / step) for need, step in ((measure(f"{heads} ", size), wide), (size, tall)))
    for head in range(0, heads, across):
        named = head == 0 and wide > 90
        text = line(say("head {head}", head=1) if named else str(head + 1), size)
        canvas.write(left + head * wide + (wide - GAP) // 2, top - 14, text, dim, align="middle")
    for layer in range(0, layers, down):
        y = top + layer * tall + (tall - GAP) // 2 + size // 3
        canvas.write(left - 14, y, line(str(layer + 1), size), dim, align="right")


def _marks(say: Language, kinds: list[list[measures.Behaviour]]) -> list[tuple[str, Colour | None]]:
    """What the colours below the thumbnails mean, for the kinds that there are."""
    present = {kind.name for row in kinds for kind in row}
    marks: list[tuple[str, Colour | None]] = [
        (say(name), colour) for name, colour in COLOURS.items() if name in present
    ]
    return [*marks, (say("no mark: no single pattern"), None)] if kinds else []
