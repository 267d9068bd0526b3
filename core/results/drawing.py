"""Pictures and tables as they leave the core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import BadInput
from core.results.shown import Bundle, Columns, Shown, counted, numbers, short

MEDIA = {"png": "image/png", "gif": "image/gif", "svg": "image/svg+xml"}
"""What the web calls the files of pictures, by suffix."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and the same facts in words. A notebook shows it.

    Attributes:
        png: The file; a GIF or an SVG where `suffix` says so.
        alt: The alternative text, at most 1,024 characters.
        width: Pixels.
        height: Pixels.
        suffix: The file name's last part, ``png``, ``gif`` or ``svg``.
        vector: Makes the same picture as an SVG; a film has none.
    """

    png: bytes
    alt: str
    width: int
    height: int
    suffix: str = "png"
    vector: Callable[[], bytes] | None = field(default=None, compare=False)

    def as_svg(self) -> Drawing:
        """The same as a vector picture, letters as outlines.

        Raises:
            BadInput: It is a film.
        """
        if self.suffix == "svg":
            return self
        if self.vector is None:
            raise BadInput("A film has no vector picture: take it as a .gif.")
        return replace(self, png=self.vector(), suffix="svg", vector=None)

    def save(self, path: str | Path) -> Path:
        """Write it to a file, as what the name ends in: ``.svg``, or what it is.

        Raises:
            BadInput: The name ends in something else.
        """
        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        drawing = self.as_svg() if suffix == "svg" else self
        if suffix != drawing.suffix:
            raise BadInput("That picture is a .{suffix}: end its file's name so, or in .svg.", suffix=drawing.suffix)
        path.write_bytes(drawing.png)
        return path

    def __repr__(self) -> str:
        return short(self, f"{self.suffix} {self.width} × {self.height}", f"{len(self.png):,} bytes", self.alt[:60])

    def bundle(self) -> tuple[Bundle, Bundle]:
        """What a notebook shows: the picture, and its alternative text for whoever does not see it."""
        media = MEDIA[self.suffix]
        data = self.png.decode() if self.suffix == "svg" else self.png
        return {media: data, "text/plain": self.alt}, {media: {"alt": self.alt}}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Bundle, Bundle]:
        return self.bundle()


@dataclass(frozen=True, slots=True)
class Table(Shown):
    """The numbers of a picture as text: a header and rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def columns(self) -> Columns:
        """Its cells by column, as numbers where a column has nothing else, as rounded as they are shown."""
        names = [name if self.header.count(name) == 1 else f"{name} {n}" for n, name in enumerate(self.header, 1)]
        return {name: numbers(row[n] for row in self.rows) for n, name in enumerate(names)}

    def glance(self) -> Columns:
        """Its cells as they are written."""
        return {name: [row[n] for row in self.rows] for n, name in enumerate(self.columns())}

    def __repr__(self) -> str:
        return short(self, counted(len(self.rows), "row"), ", ".join(self.header[:6]))
