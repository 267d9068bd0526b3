"""The kinds of picture of an attention map, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from cogs.cards.view_state import Look


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of picture.

    Attributes:
        label: Its name.
        shows: What it shows.
        view: How to make it.
        by_head: Whether layer and head matter.
        by_square: Whether it is one square of tokens by tokens, of which some can be left out.
        plain: Whether it is only for a text that looks at itself: not for cross-attention, nor for a difference.
    """

    label: str
    shows: str
    view: Callable[[AttentionMap, Look], View]
    by_head: bool = False
    by_square: bool = False
    plain: bool = False


def _one_token(attention: AttentionMap, look: Look) -> View:
    position = look.token if len(attention.looking.tokens) > 1 else 0
    return TokenView(attention, look.layer, look.one_head, position)


KINDS = {
    "head": Kind(
        "One head",
        "What each token looks at in one head, or in the mean of a layer",
        lambda of, look: HeadView(of, look.layer, look.one_head, shown=look.shown),
        by_head=True,
        by_square=True,
    ),
    "tour": Kind("Tour", "The four heads most worth seeing on this text, and why", lambda of, _: TourView(of)),
    "grid": Kind(
        "All heads",
        "Every head of every layer, side by side",
        lambda of, look: OverviewGrid(of, look.layer, look.one_head),
        by_head=True,
    ),
    "token": Kind("One token", "What one token looks at, and who looks at it", _one_token, by_head=True),
    "film": Kind(
        "Film",
        "The same head from the first layer to the last, as a moving picture",
        lambda of, look: LayerSweep(of, look.one_head),
    ),
    "norms": Kind(
        "Norm-weighted",
        "The same, weighed by how much each token really passes on",
        lambda of, look: NormView(of, look.layer, look.one_head, shown=look.shown),
        by_head=True,
        by_square=True,
    ),
    "lenses": Kind(
        "Three lenses",
        "Weight, norm-weighted and rollout of one layer, side by side",
        lambda of, look: LensesView(of, look.layer, look.one_head),
        by_head=True,
        plain=True,
    ),
    "rollout": Kind(
        "Rollout",
        "How far each input token reaches through all layers",
        lambda of, look: RolloutView(of, shown=look.shown),
        by_square=True,
        plain=True,
    ),
    "map": Kind(
        "Head map",
        "How broad each head looks, how far, and what it resembles",
        lambda of, _: HeadMap(of),
        plain=True,
    ),
}
"""The kinds of picture."""


def kinds(attention: AttentionMap) -> dict[str, Kind]:
    """Those of `KINDS` that a map has: norms are not known for every model."""
    lacking = {"norms"} if attention.norms is None else set[str]()
    lacking |= {"token"} if attention.signed else set[str]()
    return {name: kind for name, kind in KINDS.items() if name not in lacking and (attention.plain or not kind.plain)}
