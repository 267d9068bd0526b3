"""How an attention map is looked at, small enough to travel in a control's custom_id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from core.errors import Expired
from core.facade import View
from core.render import (
    HeadMap,
    HeadView,
    LayerSweep,
    LensesView,
    NormView,
    OverviewGrid,
    RolloutView,
    TokenView,
    TourView,
)
from core.results import AttentionMap
from core.tour import tour

KINDS = {
    "head": ("One head", "What each token looks at in one head, or in the mean of a layer"),
    "tour": ("Tour", "The four heads most worth seeing on this text, and why"),
    "grid": ("All heads", "Every head of every layer, side by side"),
    "token": ("One token", "What one token looks at, and who looks at it"),
    "film": ("Film", "The same head from the first layer to the last, as a moving picture"),
    "norms": ("Norm-weighted", "The same, weighed by how much each token really passes on"),
    "lenses": ("Three lenses", "Weight, norm-weighted and rollout of one layer, side by side"),
    "rollout": ("Rollout", "How far each input token reaches through all layers"),
    "map": ("Head map", "How broad each head looks, how far, and what it resembles"),
}
"""The kinds of picture: their name and what they show."""


def kinds(attention: AttentionMap) -> dict[str, tuple[str, str]]:
    """Those of `KINDS` that a map has: norms are not known for every model."""
    return {kind: says for kind, says in KINDS.items() if kind != "norms" or attention.norms is not None}


TOKENS = {
    "all": "All tokens",
    "plain": "No special tokens",
    "words": "Whole words",
    "bare": "Whole words, no special tokens",
    "aa": "First text → first text",
    "ab": "First text → second text",
    "ba": "Second text → first text",
    "bb": "Second text → second text",
}
"""Which tokens are shown, see `core.shown`; the last four make sense for a pair of texts."""

MEAN = -1
"""The number that stands for the mean of a layer's heads."""


@dataclass(frozen=True, slots=True)
class Look:
    """One picture of a map.

    Attributes:
        kind: One of `KINDS`.
        layer: From 0.
        head: From 0, or `MEAN`.
        token: The position that "One token" is about, from 0.
        shown: One of `TOKENS`.
    """

    kind: str = "head"
    layer: int = 0
    head: int = MEAN
    token: int = 1
    shown: str = "all"

    @classmethod
    def first(cls, attention: AttentionMap) -> Self:
        """The head most worth seeing; the mean of the first layer if none stands out."""
        stops = tour(attention, 1)
        return cls(layer=stops[0].layer, head=stops[0].head) if stops else cls()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises:
            Expired: It was written by another version.
        """
        try:
            kind, layer, head, token, shown = text.split(".")
            return cls(kind, int(layer), int(head), int(token), shown)
        except ValueError:
            raise Expired from None

    def __str__(self) -> str:
        return f"{self.kind}.{self.layer}.{self.head}.{self.token}.{self.shown}"

    def recipe(self) -> dict[str, Any]:
        """What to type to get this look again, as options of /attention."""
        by_head = {"layer": self.layer + 1, **({"head": self.head + 1} if self.head != MEAN else {})}
        by_token = {"token": self.token + 1} if self.kind == "token" else {}
        return {**(by_head if self.by_head else {}), **by_token, "view": self.kind, "shown": self.shown}

    @property
    def by_head(self) -> bool:
        """Whether layer and head matter."""
        return self.kind in {"head", "grid", "token", "norms", "lenses"}

    @property
    def by_square(self) -> bool:
        """Whether it matters which tokens are shown."""
        return self.kind in {"head", "norms", "rollout"}

    def view(self, attention: AttentionMap) -> View:
        """The picture of a map.

        Raises:
            Expired: There is no such kind of picture.
        """
        if self.shown not in TOKENS:
            raise Expired
        head = None if self.head == MEAN else self.head
        match self.kind:
            case "head":
                return HeadView(attention, self.layer, head, shown=self.shown)
            case "grid":
                return OverviewGrid(attention, self.layer, head)
            case "tour":
                return TourView(attention)
            case "token":
                return TokenView(attention, self.layer, head, min(self.token, len(attention.source.tokens) - 1))
            case "film":
                return LayerSweep(attention, head)
            case "norms":
                return NormView(attention, self.layer, head, shown=self.shown)
            case "lenses":
                return LensesView(attention, self.layer, head)
            case "rollout":
                return RolloutView(attention, shown=self.shown)
            case "map":
                return HeadMap(attention)
            case _:
                raise Expired

    def step(self, attention: AttentionMap, by: int) -> Self:
        """The look at the next head (or the one before), layer after layer, round at the ends."""
        heads = attention.heads + 1  # the mean comes first
        number = (self.layer * heads + self.head + 1 + by) % (attention.layers * heads)
        return replace(self, layer=number // heads, head=number % heads - 1)
