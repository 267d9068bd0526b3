"""How an attention map is looked at, small enough to travel in a control's custom_id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

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
    """

    kind: str = "head"
    layer: int = 0
    head: int = MEAN
    token: int = 1

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
            kind, *numbers = text.split(".")
            layer, head, token = map(int, numbers)
        except ValueError:
            raise Expired from None
        return cls(kind, layer, head, token)

    def __str__(self) -> str:
        return f"{self.kind}.{self.layer}.{self.head}.{self.token}"

    @property
    def by_head(self) -> bool:
        """Whether layer and head matter."""
        return self.kind in {"head", "grid", "token", "norms", "lenses"}

    def view(self, attention: AttentionMap) -> View:
        """The picture of a map.

        Raises:
            Expired: There is no such kind of picture.
        """
        head = None if self.head == MEAN else self.head
        match self.kind:
            case "head":
                return HeadView(attention, self.layer, head)
            case "grid":
                return OverviewGrid(attention, self.layer, head)
            case "tour":
                return TourView(attention)
            case "token":
                return TokenView(attention, self.layer, head, min(self.token, len(attention.source.tokens) - 1))
            case "film":
                return LayerSweep(attention, head)
            case "norms":
                return NormView(attention, self.layer, head)
            case "lenses":
                return LensesView(attention, self.layer, head)
            case "rollout":
                return RolloutView(attention)
            case "map":
                return HeadMap(attention)
            case _:
                raise Expired

    def step(self, attention: AttentionMap, by: int) -> Self:
        """The look at the next head (or the one before), layer after layer, round at the ends."""
        heads = attention.heads + 1  # the mean comes first
        number = (self.layer * heads + self.head + 1 + by) % (attention.layers * heads)
        return replace(self, layer=number // heads, head=number % heads - 1)
