"""Curves from a place at the left to one at the right, and how much of each pixel they cover."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.render.kit.drawing.marks import Curve
from core.render.kit.drawing.text import Pixels


def curves_ink(curves: Sequence[Curve]) -> tuple[int, int, Pixels]:
    """How much of each pixel is covered by some curves together, 0 to 255, and where its top left corner is."""
    room = math.ceil(max(curve.thickness for curve in curves) / 2) + 1
    left, right = min(curve.left for curve in curves), max(curve.right for curve in curves)
    top = min(min(curve.start, curve.end) for curve in curves) - room
    bottom = max(max(curve.start, curve.end) for curve in curves) + room
    ink = np.zeros((bottom - top, right - left), np.float32)
    for curve in curves:
        _cover(ink, curve, left, top)
    return left, top, (255 * ink).astype(np.uint8)


def _cover(ink: np.ndarray, curve: Curve, left: int, top: int) -> None:
    """Lay a curve over `ink`, column by column: a pixel is covered by how near it is to the curve, across it."""
    wide, tall = curve.right - curve.left, curve.end - curve.start
    t = (np.arange(wide) + 0.5) / wide
    middle = curve.start - top + tall * (3 - 2 * t) * t**2
    steep = np.hypot(1, 6 * tall / wide * t * (1 - t))  # pixels downwards for one across the curve
    reach = math.ceil((curve.thickness / 2 + 0.5) * steep.max())
    rows = np.floor(middle).astype(int) + np.arange(-reach, reach + 1)[:, None]
    away = np.abs(rows + 0.5 - middle) / steep
    covered = np.clip(curve.thickness / 2 + 0.5 - away, 0, min(1, curve.thickness))
    inside = (rows >= 0) & (rows < len(ink)) & (covered > 0)
    down, across = rows[inside], np.broadcast_to(np.arange(wide) + curve.left - left, rows.shape)[inside]
    ink[down, across] = np.maximum(ink[down, across], covered[inside])
