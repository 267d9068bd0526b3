"""How two models are looked at: one of them, both, their difference, and which head of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cogs.cards.attention_views import views_of
from cogs.cards.view_state import LIKEWISE, MEAN, NO_TOKEN, ViewState, counted
from core.errors import Expired
from core.maps.two_models import Place, nearest_place
from core.results import AttentionMap, TwoMaps, TwoModels

ONE = {"first": 0, "second": 1}
"""Sides on which one model is seen alone, and which answer that is."""

SWAPPED = {"": "swapped", "swapped": "", "difference": "reverse", "reverse": "difference", "first": "second"}
SWAPPED["second"] = "first"
"""Each side, and what it is with the models exchanged: both, the difference of their maps, one of them."""

DIFFERENCES = ("difference", "reverse")
"""Sides that are the second model's map minus the first's, or the other way round."""

IN_BOTH = "head"
"""The kind of picture in which both are seen."""

BOTH = "both"
"""What a select calls the side without a name."""


def initial_state(result: AttentionMap | TwoMaps, side: str, word: str) -> ViewState:
    """What to open on: see `ViewState.initial`; of two maps, both side by side, at what the first is best seen with.

    Raises:
        BadInput: There is no such word.
    """
    if isinstance(result, AttentionMap):
        return ViewState.initial(result, side, word)
    return replace(ViewState.initial(result.maps[0], "", word), kind=IN_BOTH)


def places(result: TwoMaps, state: ViewState) -> tuple[Place, Place]:
    """The layer and head of each model, from 1: those of the second go along with the first as far as it has them."""
    first, second = result.maps
    layer, head = nearest_place(first, (state.layer + 1, counted(state.one_head)))
    own = None if state.other_head == MEAN else state.other_head + 1
    there = (
        layer if state.other_layer == LIKEWISE else state.other_layer + 1,
        head if state.other_head == LIKEWISE else own,
    )
    return (layer, head), nearest_place(second, there)


def turned(result: TwoMaps, state: ViewState) -> ViewState:
    """The same heads with the models the other way round."""
    first, second = places(result, state)
    layer, head = numbers_of(second)
    other_layer, other_head = (
        LIKEWISE if one == other else number
        for one, other, number in zip(first, second, numbers_of(first), strict=True)
    )
    return replace(state, layer=layer, head=head, token=NO_TOKEN, other_layer=other_layer, other_head=other_head)


def seen_as(result: TwoModels[Any], state: ViewState, side: str) -> ViewState:
    """Another side of a result, with the same heads: where one model is seen alone, layer and head are its own.

    The kind of picture stays where the other model has it, too.

    Raises:
        Expired: There is no such side.
    """
    side = "" if side == BOTH else side
    if side not in SWAPPED:
        raise Expired
    if not isinstance(result, TwoMaps):
        return replace(state, side=side)
    here = turned(result.swapped, state) if state.side == "second" else state
    alone = side in ONE and state.side in ONE and state.kind in views_of(result.maps[ONE[side]])
    there = replace(here, side=side, kind=state.kind if alone else IN_BOTH)
    return turned(result, there) if side == "second" else there


def numbers_of(place: Place) -> tuple[int, int]:
    """A layer and a head as a `ViewState` has them."""
    layer, head = place
    return layer - 1, MEAN if head is None else head - 1
