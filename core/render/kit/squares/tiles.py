"""Thumbnails of every head of every layer: made, and laid out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.maps.measures import Behaviour
from core.render.kit.drawing.canvas import Canvas, Pixels
from core.render.kit.frame import TALLEST
from core.render.kit.squares.cells import levels
from core.results import AttentionMap

GAP = 8
"""Pixels between thumbnails."""

_ROOM = 940  # pixels for a row of thumbnails, if that leaves each large enough
_SMALLEST, _LARGEST = 16, 180  # pixels: the side of a thumbnail, if not too many are below each other

COLOURS = {
    "previous": (230, 159, 0),
    "next": (86, 180, 233),
    "self": (0, 158, 115),
    "first": (240, 228, 66),
    "separator": (153, 153, 153),
    "punctuation": (213, 94, 0),
    "same": (204, 121, 167),
    "induction": (0, 114, 178),
}
"""What a head does (a key of `measures.BEHAVIOURS`) as a colour that most eyes can tell apart (Okabe & Ito 2008)."""


def largest(attention: AttentionMap) -> float:
    """The weight with the last colour."""
    return float(np.abs(attention.weights).max(initial=0))


def thumbnails(attention: AttentionMap) -> tuple[Pixels, int]:
    """Make levels ``(layers, heads, height, width)`` for the thumbnails, and say how many tokens share a pixel."""
    side = max(_SMALLEST, min(_LARGEST, _ROOM // attention.heads - GAP))
    side = max(1, min(side, TALLEST // attention.layers - GAP))
    weights = attention.weights
    longest = max(weights.shape[-2:])
    merged = -(-longest // side)
    if merged > 1:
        weights = _pooled(weights, merged)
    level = levels(weights, largest(attention), signed=attention.signed)
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


def draw_tiles(canvas: Canvas, left: int, top: int, tiles: Pixels, kinds: list[list[Behaviour]]) -> None:
    """Lay the thumbnails out, each in a thin frame whose lower edge has the colour of what the head does."""
    edge = canvas.index(canvas.colours.lattice)
    tiles = np.pad(tiles, ((0, 0), (0, 0), (1, GAP - 1), (1, GAP - 1)), constant_values=0)
    bottom, right = (side - GAP + 1 for side in tiles.shape[-2:])
    tiles[..., 0, : right + 1] = tiles[..., bottom, : right + 1] = edge
    tiles[..., : bottom + 1, 0] = tiles[..., : bottom + 1, right] = edge
    for name, colour in COLOURS.items():
        chosen = np.array([[kind.name == name for kind in row] for row in kinds])
        if chosen.any():
            tiles[chosen, bottom : bottom + 4, 1:right] = canvas.index(colour)
    layers, heads, tall, wide = tiles.shape
    flat = tiles.transpose(0, 2, 1, 3).reshape(layers * tall, heads * wide)
    canvas.lay(left - 1, top - 1, flat)
