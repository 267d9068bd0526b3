"""Pictures and tables as they leave the core."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and the same facts in words.

    Attributes:
        png: The file; a GIF where `suffix` says so.
        alt: The alternative text, at most 1,024 characters.
        width: Pixels.
        height: Pixels.
        suffix: The file name's last part, ``png`` or ``gif``.
    """

    png: bytes
    alt: str
    width: int
    height: int
    suffix: str = "png"


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture as text: a header and rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
