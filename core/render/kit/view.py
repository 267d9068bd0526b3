"""What all pictures share: they are checked when they are made, and a notebook shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.maps.selection import MERGED, ORDINARY, PARTS, check_head
from core.results import AttentionMap, Drawing, Table
from core.results.shown import Bundle, Shown, short

THEMES = ("dark", "light")
SHOWN = tuple(dict.fromkeys(("all", *MERGED, *ORDINARY, *PARTS)))
"""Which tokens of a square can be shown: see `core.maps.selection`."""


class Picture:
    """A picture of a result, which draws and shows itself.

    Raises:
        BadInput: There is no such theme, or no such choice of tokens.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Keep a dataclass from writing its own."""
        cls.__repr__ = Picture.__repr__

    def __repr__(self) -> str:
        facts = list[str]()
        for name, field in vars(type(self))["__dataclass_fields__"].items():
            value = getattr(self, name)
            if name == "head" and value is None:
                facts.append("mean of the heads")
            elif value is not field.default:
                facts.append(repr(value) if isinstance(value, Shown) else f"{name} {value}")
        return short(self, *facts)

    def __post_init__(self) -> None:
        theme, shown = getattr(self, "theme", "dark"), getattr(self, "shown", "all")
        if theme not in THEMES:
            raise BadInput("There is no theme “{theme}”: choose dark or light.", theme=str(theme))
        if shown not in SHOWN:
            raise BadInput("There is no such choice of tokens: choose one of {choices}.", choices=", ".join(SHOWN))

    def draw(self) -> Drawing:
        """Draw it; no core is needed."""
        raise NotImplementedError

    def table(self) -> Table:
        """Give its numbers as text."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Draw it into a file whose name ends in ``.png`` or ``.svg``; a film's in ``.gif``.

        Raises:
            BadInput: It cannot be drawn so.
        """
        return self.draw().save(path)

    def to_frame(self) -> Any:
        """The numbers of its table as a `pandas.DataFrame`, rounded as they are shown.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return self.table().to_frame()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Bundle, Bundle]:
        """What a notebook shows."""
        return self.draw().bundle()


class HeadPicture(Picture):
    """A picture of one head of an attention map, or of the mean of a layer's; both are counted from 1.

    Raises:
        BadInput: The model has no such layer or head.
    """

    __slots__ = ()

    map: AttentionMap
    layer: int
    head: int | None

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        check_head(self.map.layers, self.map.heads, self.layer, self.head)

    @property
    def indices(self) -> tuple[int, int | None]:
        """Of the layer and the head in arrays, which count from 0."""
        return self.layer - 1, None if self.head is None else self.head - 1
