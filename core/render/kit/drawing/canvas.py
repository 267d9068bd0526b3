"""A picture under construction: one byte per pixel, a palette of at most 256 colours, and the shapes that made it.

The first colours of the palette are the colour map, so that a weight's level *is* its pixel; text is blended through
short ramps between two colours. This draws and compresses several times faster than red, green and blue.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from PIL import Image, ImageDraw

from core.render.kit.drawing.curves import curves_ink
from core.render.kit.drawing.marks import Align, Box, Curve, Curves, Letters, Mark, Mosaic, Rectangle, Rounded
from core.render.kit.drawing.palette import Colour, Theme, colour_map, colours
from core.render.kit.drawing.text import Line, Pixels
from core.render.kit.drawing.vector import write_svg
from core.results import Drawing

_SMOOTH = 8  # steps between no ink and full ink
_STRIPE = 4  # pixels of a stripe, and from it to the next
_COMPRESSION = 3  # of zlib: 9 costs four times as much for a few per cent
_MEMORY = 6  # of zlib: a table of 8 takes a fifth longer, for files of the same size


class Canvas:
    """A drawing surface. `pixels` holds palette indices ``(height, width)``; index = level for the colour map.

    `signed` tells which: that of weights, or that of differences. Whatever is drawn is also noted as a mark.
    """

    def __init__(self, width: int, height: int, theme: Theme, signed: bool = False) -> None:
        self.colours, self.signed = colours(theme), signed
        self._rows: Pixels = np.zeros((height, -(-width // 8) * 8), np.uint8)  # in words of 8 bytes, to compare rows
        self.pixels: Pixels = self._rows[:, :width]
        self._palette: list[Colour] = list(colour_map(theme, signed))
        self._places = {colour: level for level, colour in enumerate(self._palette)}
        self._ramps: dict[tuple[Colour, Colour, int], Pixels] = {}
        self._emoji: list[tuple[int, int, Pixels, Pixels]] = []
        self._marks: list[Mark] = []

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.pixels.shape[0]

    def colour_of(self, level: int) -> Colour:
        """Return the colour with a palette index."""
        return self._palette[level]

    def index(self, colour: Colour) -> int:
        """Return the palette index of a colour, or of the nearest one when the palette is full."""
        if colour not in self._places:
            if len(self._palette) < 256:
                self._palette.append(colour)
                self._places[colour] = len(self._palette) - 1
            else:
                distances = np.square(np.array(self._palette) - np.array(colour)).sum(axis=1)
                self._places[colour] = int(distances.argmin())
        return self._places[colour]

    def fill(self, box: Box, colour: Colour) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = (max(0, edge) for edge in box)
        self.pixels[top:bottom, left:right] = self.index(colour)
        self._marks.append(Rectangle((left, top, right, bottom), colour))

    def frame(self, box: Box, colour: Colour, thickness: int = 2) -> None:
        """Draw the edge of a rectangle, inside it."""
        left, top, right, bottom = box
        self.fill((left, top, right, top + thickness), colour)
        self.fill((left, bottom - thickness, right, bottom), colour)
        self.fill((left, top, left + thickness, bottom), colour)
        self.fill((right - thickness, top, right, bottom), colour)

    def hatch(self, box: Box, colour: Colour) -> None:
        """Frame a rectangle and fill it with stripes: what speaks against something (see `palette`)."""
        left, top, right, bottom = box
        for start in range(left, right, 2 * _STRIPE):
            self.fill((start, top, min(right, start + _STRIPE), bottom), colour)
        self.fill((left, top, right, top + 2), colour)
        self.fill((left, bottom - 2, right, bottom), colour)

    def lay(self, left: int, top: int, pixels: Pixels) -> None:
        """Lay fields of one colour each: palette indices ``(height, width)``, which nobody changes any more."""
        height, width = pixels.shape
        self.pixels[top : top + height, left : left + width] = pixels
        self._marks.append(Mosaic(left, top, pixels))

    def rounded(self, box: Box, colour: Colour, radius: int, corners: str = "lr", outline: int = 0) -> None:
        """Fill a rectangle with round corners on the left (``l``), on the right (``r``) or both; or only its edge."""
        self._round(Rounded(box, colour, radius, corners, outline, (0, box[2] - box[0])))

    def bar(self, box: Box, colour: Colour, radius: int, start: int = 0, end: int | None = None) -> None:
        """Fill a track with round corners between two of its pixels, from left to right; all of it by default."""
        wide = box[2] - box[0]
        self._round(Rounded(box, colour, radius, "lr", 0, (start, wide if end is None else max(start, end))))

    def curves(self, curves: Sequence[Curve], colour: Colour) -> None:
        """Draw curves of one colour."""
        if curves:
            self._paint(*curves_ink(curves), colour)
            self._marks.append(Curves(tuple(curves), colour))

    def write(
        self,
        x: int,
        y: int,
        line: Line,
        colour: Colour | None = None,
        ground: Colour | None = None,
        align: Align = "left",
        steps: int = _SMOOTH,
    ) -> None:
        """Write a line on the baseline `y`, beginning, centred or ending at `x`."""
        shift = {"left": 0, "middle": line.width // 2, "right": line.width}[align]
        left, top = x - shift - line.origin[0], y - line.origin[1]
        colour = colour or self.colours.text
        self._paint(left, top, line.ink, colour, ground, steps)
        self._marks.append(Letters(x, y, line.script, line.width, align, colour))
        if line.emoji is not None:
            flat = np.array(ground or self.colours.ground)
            strength = line.emoji[..., 3:].astype(np.uint16)
            blended = (line.emoji[..., :3] * strength + flat * (255 - strength)) // 255
            self._emoji.append((left, top, blended.astype(np.uint8), line.emoji[..., 3]))

    def picture(self) -> Image.Image:
        """Return the finished picture."""
        self._lay_emoji()
        picture = Image.frombytes("P", (self.width, self.height), self.pixels.tobytes())
        picture.putpalette([channel for colour in self._palette for channel in colour])
        return picture

    def png(self) -> bytes:
        """Return the finished picture as a PNG file.

        Most rows here repeat the one above, which PNG can say with a row of zeros (its filter 2). Pillow never does
        for palette images; doing it takes half the time, for files of the same size.
        """
        self._lay_emoji()
        new, eights = np.ones(self.height, bool), self._rows.view(np.uint64)
        new[1:] = (eights[1:] != eights[:-1]).any(axis=1)
        rows = np.zeros((self.height, self.width + 1), np.uint8)
        rows[new, 1:] = self.pixels[new]
        rows[~new, 0] = 2
        packing = zlib.compressobj(_COMPRESSION, memLevel=_MEMORY)
        packed = packing.compress(rows.data) + packing.flush()
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        palette = bytes(channel for colour in self._palette for channel in colour)
        chunks = {b"IHDR": header, b"PLTE": palette, b"IDAT": packed, b"IEND": b""}
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks.items())

    def drawing(self, alt: str) -> Drawing:
        """Return the finished picture with its alternative text; as a vector picture, too, once somebody wants it."""
        vector = partial(write_svg, self.width, self.height, tuple(self._marks), tuple(self._palette), alt)
        return Drawing(self.png(), alt, self.width, self.height, vector=vector)

    def _round(self, mark: Rounded) -> None:
        left, top, right, bottom = mark.box
        start, end = mark.shown
        ink = rounded_ink(right - left, bottom - top, mark.radius, mark.corners, mark.outline)
        self._paint(left + start, top, ink[:, start:end], mark.colour)
        self._marks.append(mark)

    def _paint(
        self, x: int, y: int, ink: Pixels, colour: Colour, ground: Colour | None = None, steps: int = _SMOOTH
    ) -> None:
        """Lay `ink` (how much of each pixel is covered, 0 to 255) over `ground`, with its top left corner at (x, y)."""
        window, ink = self._clipped(x, y, ink)
        ramp = self._ramp(colour, ground or self.colours.ground, steps)
        np.copyto(window, ramp.take(ink), where=ink >= 128 // steps)

    def _ramp(self, colour: Colour, ground: Colour, steps: int) -> Pixels:
        """Palette indices for 0 … 255 parts of ink, in `steps` steps."""
        if (colour, ground, steps) not in self._ramps:
            indices = np.array([self.index(part) for part in shades(ground, colour, steps)], np.uint8)
            self._ramps[colour, ground, steps] = indices[(np.arange(256) * steps + 127) // 255]
        return self._ramps[colour, ground, steps]

    def _clipped(self, x: int, y: int, ink: Pixels) -> tuple[Pixels, Pixels]:
        """The part of the canvas under `ink`, and the part of `ink` over the canvas."""
        height, width = ink.shape
        cut = ink[max(0, -y) : max(0, self.height - y), max(0, -x) : max(0, self.width - x)]
        return self.pixels[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)], cut

    def _lay_emoji(self) -> None:
        """Give the colours that are left to the emoji, all together, and put them in."""
        if not self._emoji:
            return
        masks = [alpha > 16 for _, _, _, alpha in self._emoji]
        seen = np.concatenate([tile[mask] for (_, _, tile, _), mask in zip(self._emoji, masks, strict=True)])
        strip = Image.frombytes("RGB", (len(seen), 1), seen.tobytes())
        few = strip.quantize(max(8, 256 - len(self._palette)), Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        flat = few.getpalette() or []
        places = [self.index((r, g, b)) for r, g, b in zip(flat[::3], flat[1::3], flat[2::3], strict=True)]
        indices, start = np.array(places, np.uint8)[np.asarray(few)[0]], 0
        for (x, y, _, alpha), mask in zip(self._emoji, masks, strict=True):
            window, cut = self._clipped(x, y, alpha)
            mine = np.zeros(alpha.shape, np.uint8)
            mine[mask] = indices[start : start + int(mask.sum())]
            start += int(mask.sum())
            np.copyto(window, self._clipped(x, y, mine)[1], where=cut > 16)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=1024)
def shades(ground: Colour, colour: Colour, steps: int) -> list[Colour]:
    """The `steps` + 1 colours from one to another."""
    parts = np.linspace(np.array(ground), np.array(colour), steps + 1).round().astype(int)
    return [(red, green, blue) for red, green, blue in parts.tolist()]


@lru_cache(maxsize=128)
def rounded_ink(width: int, height: int, radius: int, corners: str, outline: int) -> Pixels:
    """Return how much of each pixel a rectangle with round corners covers, drawn large and reduced."""
    large = Image.new("L", (width * 4, height * 4))
    which = ("l" in corners, "r" in corners, "r" in corners, "l" in corners)
    box, fill = (0, 0, width * 4 - 1, height * 4 - 1), None if outline else 255
    ImageDraw.Draw(large).rounded_rectangle(box, radius * 4, fill=fill, outline=255, width=outline * 4, corners=which)
    pixels = np.asarray(large.reduce(4), dtype=np.uint8)
    pixels.flags.writeable = False
    return pixels
