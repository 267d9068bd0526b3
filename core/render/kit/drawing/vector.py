"""A vector picture (SVG) of what a canvas was told to draw: shapes and the outlines of letters, sharp at any size.

Glyphs are defined once and used where they stand; an id says all of what it names, so that several pictures can stand
on one page. Whatever people wrote is in outlines or escaped.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.render.kit.drawing.marks import Colour, Curves, Letters, Mark, Mosaic, Rectangle, Rounded
from core.render.kit.drawing.outlines import Emoji, Frame, Glyph, outline, path

_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
"""What XML cannot hold."""


def write_svg(width: int, height: int, marks: Sequence[Mark], palette: Sequence[Colour], alt: str) -> bytes:
    """Write marks as an SVG with an alternative text; `palette` is that of mosaics, with the ground first."""
    glyphs: dict[str, str] = {}
    body = [f'<rect width="{width}" height="{height}" fill="{_hex(palette[0])}"/>']
    for mark in marks:
        match mark:
            case Rectangle(box=(left, top, right, bottom), colour=colour):
                shape = f'x="{left}" y="{top}" width="{right - left}" height="{bottom - top}"'
                body.append(f'<rect {shape} fill="{_hex(colour)}"/>')
            case Rounded():
                body += _rounded(mark)
            case Letters():
                body += _letters(mark, glyphs)
            case Mosaic():
                body += _mosaic(mark, palette)
            case Curves():
                body.append(_curves(mark))
    defined = (f'<path id="{name}" d="{shape}"/>' for name, shape in glyphs.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{html.escape(alt.translate(_FORBIDDEN))}">'
        f"<defs>{''.join(defined)}</defs>{''.join(body)}</svg>\n"
    ).encode()


def _rounded(mark: Rounded) -> Iterator[str]:
    """A rectangle with round corners; cut where only a part of it is seen."""
    left, top, right, bottom = mark.box
    start, end = mark.shown
    if end <= start:
        return
    inset = mark.outline / 2
    x0, y0, x1, y1 = left + inset, top + inset, right - inset, bottom - inset
    r, s = ((mark.radius - inset if side in mark.corners else 0) for side in "lr")
    shape = (
        f"M{x0 + r:g} {y0:g}H{x1 - s:g}a{s:g} {s:g} 0 0 1 {s:g} {s:g}V{y1 - s:g}a{s:g} {s:g} 0 0 1 {-s:g} {s:g}"
        f"H{x0 + r:g}a{r:g} {r:g} 0 0 1 {-r:g} {-r:g}V{y0 + r:g}a{r:g} {r:g} 0 0 1 {r:g} {-r:g}z"
    )
    colour = _hex(mark.colour)
    paint = f'fill="none" stroke="{colour}" stroke-width="{mark.outline}"' if mark.outline else f'fill="{colour}"'
    if (start, end) == (0, right - left):
        yield f'<path d="{shape}" {paint}/>'
        return
    name = f"clip-{left + start}-{top}-{end - start}-{bottom - top}"
    window = f'<rect x="{left + start}" y="{top}" width="{end - start}" height="{bottom - top}"/>'
    yield f'<clipPath id="{name}">{window}</clipPath><path d="{shape}" {paint} clip-path="url(#{name})"/>'


def _letters(mark: Letters, glyphs: dict[str, str]) -> Iterator[str]:
    """A line, stretched by a hair to the width that it has in pixels, so that everything stands as it does there."""
    found = outline(mark.script)
    stretch = mark.width / found.width if found.width and mark.width else 1.0
    shift = {"left": 0, "middle": mark.width // 2, "right": mark.width}[mark.align]
    turned = f" rotate({-mark.script.degrees})" if mark.script.degrees else ""
    sized = f" scale({stretch:.4g} 1)" if abs(stretch - 1) > 0.001 else ""
    colour = _hex(mark.colour)
    yield f'<g fill="{colour}" transform="translate({mark.x - shift} {mark.y}){turned}{sized}">'
    for part in found.parts:
        match part:
            case Glyph(face=face, number=number, x=x, y=y, scale=scale):
                if not (shape := path(face, number)):
                    continue
                name = f"{face.partition('.')[0]}-{number}"
                glyphs[name] = shape
                yield f'<use href="#{name}" transform="matrix({scale:.5g} 0 0 {-scale:.5g} {x:.5g} {y:.4g})"/>'
            case Emoji():
                data = base64.b64encode(part.png).decode()
                shape = f'x="{part.x:.5g}" y="{part.y:.5g}" width="{part.width:.5g}" height="{part.height:.5g}"'
                yield f'<image {shape} href="data:image/png;base64,{data}"/>'
            case Frame():
                shape = f'x="{part.x:.5g}" y="{part.y:.5g}" width="{part.width:.5g}" height="{part.height:.5g}"'
                edge = f'fill="none" stroke="{colour}" stroke-width="{part.thickness:g}"'
                yield f'<rect {shape} rx="{part.radius:.4g}" {edge}/>'
    yield "</g>"


def _mosaic(mark: Mosaic, palette: Sequence[Colour]) -> Iterator[str]:
    """Fields of one colour as one path for each colour; rows that repeat the one above are one row."""
    pixels, shapes = mark.pixels, dict[int, list[str]]()
    rows = _changes((pixels[1:] != pixels[:-1]).any(axis=1))
    for top, bottom in pairwise(rows):
        row, high = pixels[top], bottom - top
        ends = _changes(row[1:] != row[:-1])
        for left, right in pairwise(ends):
            if index := int(row[left]):  # 0 is the ground
                wide = right - left
                field = f"M{mark.left + left} {mark.top + top}h{wide}v{high}h{-wide}z"
                shapes.setdefault(index, []).append(field)
    for index, fields in shapes.items():
        yield f'<path fill="{_hex(palette[index])}" shape-rendering="crispEdges" d="{"".join(fields)}"/>'


def _curves(mark: Curves) -> str:
    """Curves as Bézier curves with their control points at a third and two thirds of the way."""
    lines: list[str] = []
    for curve in mark.curves:
        third = (curve.right - curve.left) / 3
        points = (
            f"C{curve.left + third:g} {curve.start:g} {curve.right - third:g} {curve.end:g} {curve.right} {curve.end:g}"
        )
        lines.append(f'<path d="M{curve.left} {curve.start:g}{points}" stroke-width="{curve.thickness:.3g}"/>')
    return f'<g fill="none" stroke="{_hex(mark.colour)}">{"".join(lines)}</g>'


def _changes(differs: npt.NDArray[np.bool_]) -> list[int]:
    """Where a line begins, changes and ends; `differs` says of each but the first whether it differs from the last."""
    return [0, *(np.flatnonzero(differs) + 1).tolist(), len(differs) + 1]


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
