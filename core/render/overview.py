"""Every head of every layer at once, as small squares."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core import measures
from core.render import cautions, words
from core.render.canvas import Canvas, Pixels
from core.render.cells import SCALE, draw_scale, levels
from core.render.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, framed
from core.render.heads import check_head
from core.render.palette import Theme
from core.render.text import line
from core.results import AttentionMap, Drawing, Table
from core.tour import striking, tour

_ROOM = 940  # pixels for a row of thumbnails, if that leaves each large enough
_SMALLEST, _LARGEST = 40, 180  # pixels: the side of a thumbnail
_GAP = 8  # pixels between thumbnails
_NUMBERS, _LEGEND = 50, 34  # pixels for the numbers at the left and above, and for the legend below

# What a head does (a key of `measures.DOES`) as a colour that most eyes can tell apart (Okabe & Ito 2008).
_COLOURS = {
    "previous": (230, 159, 0),
    "next": (86, 180, 233),
    "self": (0, 158, 115),
    "first": (240, 228, 66),
    "separator": (153, 153, 153),
    "punctuation": (213, 94, 0),
    "same": (204, 121, 167),
    "induction": (0, 114, 178),
}


@dataclass(frozen=True, slots=True, eq=False)
class OverviewGrid:
    """One thumbnail for every head, layer by layer, all on one scale.

    Attributes:
        map: The weights.
        layer: The layer of the head to outline, from 0.
        head: That head, from 0, or ``None`` to outline the layer.
        theme: Dark or light.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"

    def __post_init__(self) -> None:
        check_head(self.map, self.layer, self.head)

    def draw(self) -> Drawing:
        """Draw the thumbnails; in those of a long text each pixel is the largest of several weights."""
        source, layers, heads = self.map.source, self.map.layers, self.map.heads
        tiles, merged = _tiles(self.map)
        tall, wide = (side + _GAP for side in tiles.shape[-2:])
        chosen = f"layer {self.layer + 1}" + ("" if self.head is None else f", head {self.head + 1}")
        kinds = measures.behaviours(self.map) if self.map.plain else []
        frame = Frame(
            f"{layers} layers × {heads} heads" + (" · difference" if self.map.signed else ""),
            (
                f"{source.model.name} · {words.size(self.map)} · outlined: {chosen}",
                f"each row is a layer, each column a head · in each square: {words.reading(self.map)}",
            ),
            (cautions.for_all(self.map), *words.bundled_note(source.model)),
            max(WIDTH, MARGIN + _NUMBERS + heads * wide + MARGIN),
            _NUMBERS + layers * tall + 12 + SCALE + (_LEGEND if kinds else 0),
            self.theme,
            self.map.signed,
        )
        canvas, top = framed(frame)
        left, top = MARGIN + _NUMBERS, top + _NUMBERS
        _draw_tiles(canvas, left, top, tiles, kinds)
        _write_numbers(canvas, left, top, tall, wide, (layers, heads))
        first, last = (0, heads) if self.head is None else (self.head, self.head + 1)
        x, y = left + first * wide, top + self.layer * tall
        canvas.frame((x - 5, y - 5, left + last * wide - 2, y + tall - 1), canvas.colours.text, 3)
        notes = [
            f"scale: {'−max to +max' if self.map.signed else '0–max'} of all heads, square-root",
            *([f"one pixel = the largest of {merged} × {merged}"] * (merged > 1)),
        ]
        draw_scale(canvas, MARGIN, top + layers * tall + 16, _largest(self.map), notes)
        if kinds:
            _write_legend(canvas, top + layers * tall + 16 + SCALE, kinds)
        return Drawing(canvas.png(), self._alt(kinds), canvas.width, canvas.height)

    def table(self) -> Table:
        """Say of every head what it behaves like, and how clearly; or how much that is worth seeing it does."""
        header = ("layer", *(f"head {head + 1}" for head in range(self.map.heads)))
        if self.map.plain:
            kinds = [[f"{kind.name} {kind.score:.2f}" for kind in row] for row in measures.behaviours(self.map)]
        else:
            name, scores = striking(self.map)
            kinds = [[f"{name} {score:.2f}" for score in row] for row in scores.tolist()]
        return words.table(header, [(str(layer), *row) for layer, row in enumerate(kinds, 1)])

    def _alt(self, kinds: list[list[measures.Behaviour]]) -> str:
        counts = Counter(kind.name for row in kinds for kind in row)
        counted = ", ".join(f"{count} {name}" for name, count in counts.most_common())
        return words.alt(
            f"All {self.map.layers} layers × {self.map.heads} heads of {self.map.source.model.name} as small squares,",
            f"{words.size(self.map)}.",
            f"Heads by what they do: {counted}." if counted else f"{words.reading(self.map).capitalize()}.",
            *(stop.why for stop in tour(self.map, 3)),
        )


def _largest(attention: AttentionMap) -> float:
    """The weight with the last colour."""
    return float(np.abs(attention.weights).max(initial=0))


def _tiles(attention: AttentionMap) -> tuple[Pixels, int]:
    """Make levels ``(layers, heads, height, width)`` for the thumbnails, and say how many tokens share a pixel."""
    side = max(_SMALLEST, min(_LARGEST, _ROOM // attention.heads - _GAP))
    weights = attention.weights
    longest = max(weights.shape[-2:])
    merged = -(-longest // side)
    if merged > 1:
        weights = _pooled(weights, merged)
    level = levels(weights, _largest(attention), signed=attention.signed)
    large = max(1, side // max(level.shape[-2:]))
    return level.repeat(large, axis=-1).repeat(large, axis=-2), merged


def _pooled(weights: npt.NDArray[np.floating], merged: int) -> npt.NDArray[np.floating]:
    """The largest, up or down, of every `merged` × `merged` weights."""

    def most(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        for axis in (-1, -2):
            values = np.maximum.reduceat(values, np.arange(0, values.shape[axis], merged), axis=axis)
        return values

    up = most(weights)
    return np.where(up >= (down := most(-weights)), up, -down) if (weights < 0).any() else up


def _draw_tiles(canvas: Canvas, left: int, top: int, tiles: Pixels, kinds: list[list[measures.Behaviour]]) -> None:
    """Lay the thumbnails out, each in a thin frame whose lower edge has the colour of what the head does."""
    edge = canvas.index(canvas.colours.lattice)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, _GAP - 1), (1, _GAP - 1)), constant_values=0)
    bottom, right = (side - _GAP + 1 for side in tiles.shape[-2:])
    tiles[..., 0, : right + 1] = tiles[..., bottom, : right + 1] = edge
    tiles[..., : bottom + 1, 0] = tiles[..., : bottom + 1, right] = edge
    for name, colour in _COLOURS.items():
        chosen = np.array([[kind.name == name for kind in row] for row in kinds])
        if chosen.any():
            tiles[chosen, bottom : bottom + 4, 1:right] = canvas.index(colour)
    layers, heads, tall, wide = tiles.shape
    flat = tiles.transpose(0, 2, 1, 3).reshape(layers * tall, heads * wide)
    canvas.pixels[top - 1 : top - 1 + layers * tall, left - 1 : left - 1 + heads * wide] = flat


def _write_numbers(canvas: Canvas, left: int, top: int, tall: int, wide: int, count: tuple[int, int]) -> None:
    """Number the heads above and the layers at the left, from 1."""
    layers, heads = count
    for head in range(heads):
        text = line(("head " if head == 0 and wide > 90 else "") + str(head + 1), SUBTITLE)
        canvas.write(left + head * wide + (wide - _GAP) // 2, top - 14, text, canvas.colours.dim, align="middle")
    for layer in range(layers):
        y = top + layer * tall + (tall - _GAP) // 2 + SUBTITLE // 3
        canvas.write(left - 14, y, line(str(layer + 1), SUBTITLE), canvas.colours.dim, align="right")


def _write_legend(canvas: Canvas, y: int, kinds: list[list[measures.Behaviour]]) -> None:
    """Explain the colours below the thumbnails, for the kinds that there are."""
    present, x = {kind.name for row in kinds for kind in row}, MARGIN
    for name, colour in _COLOURS.items():
        if name in present:
            canvas.fill((x, y + 8, x + 22, y + 14), colour)
            text = line(name, NOTE)
            canvas.write(x + 30, y + 18, text, canvas.colours.dim)
            x += 30 + text.width + 22
    canvas.write(x, y + 18, line("no mark: no single pattern", NOTE), canvas.colours.dim)
