"""What a canvas was told to draw, as shapes without a size in pixels: a vector picture is made of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Colour: TypeAlias = tuple[int, int, int]
Box: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom, in pixels; right and bottom exclusive
Align = Literal["left", "middle", "right"]


@dataclass(frozen=True, slots=True)
class Script:
    """What a line of letters says, and how: pixels per em, the style, degrees turned against the clock."""

    text: str
    size: int
    italic: bool = False
    framed: bool = False
    degrees: int = 0


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle with sharp corners."""

    box: Box
    colour: Colour


@dataclass(frozen=True, slots=True)
class Rounded:
    """A rectangle with round corners on the sides named in `corners`, filled, or only an edge of `outline` pixels.

    Only what lies between the pixels `shown`, from left to right, is seen.
    """

    box: Box
    colour: Colour
    radius: int
    corners: str
    outline: int
    shown: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Letters:
    """A line that begins, is centred or ends at `x`, on the baseline `y`, and takes `width` pixels."""

    x: int
    y: int
    script: Script
    width: int
    align: Align
    colour: Colour


@dataclass(frozen=True, slots=True, eq=False)
class Mosaic:
    """Fields of one colour each: palette indices ``(height, width)``, the top left one at (`left`, `top`)."""

    left: int
    top: int
    pixels: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line that leaves and arrives horizontally: ``y = start + (end − start)(3t² − 2t³)``.

    That is the cubic Bézier curve with its control points at a third and two thirds of the way.

    Attributes:
        left: Where it begins, in pixels.
        start: How far down it begins.
        right: Where it ends, right of `left`.
        end: How far down it ends.
        thickness: In pixels, across the curve.
    """

    left: int
    start: int
    right: int
    end: int
    thickness: float


@dataclass(frozen=True, slots=True)
class Curves:
    """Some curves of one colour."""

    curves: tuple[Curve, ...]
    colour: Colour


Mark: TypeAlias = Rectangle | Rounded | Letters | Mosaic | Curves
