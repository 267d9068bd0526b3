"""The kinds of picture of an attention map, one entry each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cogs.cards.view_state import NO_TOKEN, TOKENS, VERSIONS, ViewState
from core.errors import BadInput, Expired
from core.facade import View
from core.maps.requests import is_pair
from core.maps.selection import PARTS
from core.maps.tour import has_notable_heads
from core.reading.separators import split_versions
from core.render import (
    ArcsView,
    HeadMap,
    HeadView,
    LayerFilm,
    LensesView,
    NormView,
    OverviewGrid,
    RolloutView,
    TokenView,
    TourView,
    WordGrid,
)
from core.render.attention.arcs import MOST_WORDS, count_words
from core.results import AttentionMap, TwoMaps


@dataclass(frozen=True, slots=True)
class AttentionView:
    """A kind of picture.

    Attributes:
        label: Its name.
        shows: What it shows.
        view: How to make it.
        by_head: Whether layer and head matter.
        by_token: Whether it is about one token, or the word that it belongs to.
        of_all_heads: Whether it shows them all, one of them outlined.
        by_square: Whether it is one square of tokens by tokens, of which some can be left out.
        self_attention_only: Whether it is only for texts that look at themselves: not for cross-attention, nor for a
            difference.
        of_difference: Whether there is one of a difference, too.
    """

    label: str
    shows: str
    view: Callable[[AttentionMap, ViewState], View]
    by_head: bool = False
    by_token: bool = False
    of_all_heads: bool = False
    by_square: bool = False
    self_attention_only: bool = False
    of_difference: bool = True


def token_of(attention: AttentionMap, state: ViewState) -> int:
    """The token that a picture of one token is about: the first word, unless another was chosen."""
    return state.token if state.token != NO_TOKEN else attention.queries.first_word


ATTENTION_VIEWS = {
    "head": AttentionView(
        "One head",
        "What each token looks at in one head, or in the mean of a layer",
        lambda of, state: HeadView(of, *state.place, shown=state.shown, query=state.query(of)),
        by_head=True,
        by_square=True,
    ),
    "arcs": AttentionView(
        "Arcs",
        "Lines between words, thick where attention is high; one word's stand out (BertViz's head view)",
        lambda of, state: ArcsView(of, *state.place, token_of(of, state)),
        by_head=True,
        by_token=True,
    ),
    "tour": AttentionView("Tour", "The four heads most worth seeing on this text, and why", lambda of, _: TourView(of)),
    "grid": AttentionView(
        "All heads",
        "Every head of every layer, side by side",
        lambda of, state: OverviewGrid(of, *state.place),
        by_head=True,
        of_all_heads=True,
    ),
    "token": AttentionView(
        "One token",
        "What one token looks at, and who looks at it",
        lambda of, state: TokenView(of, *state.place, token_of(of, state)),
        by_head=True,
        by_token=True,
        of_difference=False,
    ),
    "heads": AttentionView(
        "One word, every head",
        "What one word looks at in every head of every layer",
        lambda of, state: WordGrid(of, *state.place, token_of(of, state)),
        by_head=True,
        of_all_heads=True,
        by_token=True,
        of_difference=False,
    ),
    "film": AttentionView(
        "Film",
        "What one word looks at from the first layer to the last, as a moving picture",
        lambda of, state: LayerFilm(of, token_of(of, state)),
        by_token=True,
    ),
    "norms": AttentionView(
        "Norm-weighted",
        "The same, weighed by how much each token really passes on",
        lambda of, state: NormView(of, *state.place, shown=state.shown, query=state.query(of)),
        by_head=True,
        by_square=True,
        of_difference=False,
    ),
    "lenses": AttentionView(
        "Three lenses",
        "Weight, norm-weighted and rollout of one layer, one above the other",
        lambda of, state: LensesView(of, *state.place, query=state.query(of)),
        by_head=True,
        self_attention_only=True,
    ),
    "rollout": AttentionView(
        "Rollout",
        "How far each input token reaches through all layers",
        lambda of, state: RolloutView(of, shown=state.shown, query=state.query(of)),
        by_square=True,
        self_attention_only=True,
    ),
    "map": AttentionView(
        "Head map",
        "How broad each head looks, how far, and what it resembles",
        lambda of, _: HeadMap(of),
        self_attention_only=True,
    ),
}
"""The kinds of picture."""


def views_of(attention: AttentionMap) -> dict[str, AttentionView]:
    """What of `ATTENTION_VIEWS` a map has: of some models no norms are known, on some texts no head stands out.

    Between many words lines cannot be told apart.
    """
    lacking = {"norms"} if attention.norms is None else set[str]()
    if not has_notable_heads(attention):
        lacking.add("tour")
    if count_words(attention) > MOST_WORDS:
        lacking.add("arcs")
    return {
        name: kind
        for name, kind in ATTENTION_VIEWS.items()
        if name not in lacking
        and (attention.is_self_attention or not kind.self_attention_only)
        and (kind.of_difference or not attention.signed)
    }


def view_of(state: ViewState) -> AttentionView:
    """The kind of picture that is seen.

    Raises:
        Expired: There is no such kind.
    """
    try:
        return ATTENTION_VIEWS[state.kind]
    except KeyError:
        raise Expired from None


def check_text(text: str, state: ViewState) -> None:
    """Refuse what no attention map of a text can show, whatever the model.

    Raises:
        BadInput: The text is one where two are wanted, or two where their difference has no such picture.
    """
    versions = split_versions(text)
    if len(versions) > 1 and state.side not in VERSIONS:
        check_difference(view_of(state), state.shown)
    elif state.shown in PARTS and not is_pair(versions[-1 if state.side == "second" else 0]):
        raise BadInput("There is only one text: give a second one to see how the two look at each other.")


def check_difference(view: AttentionView, shown: str) -> None:
    """Refuse what a difference cannot be shown as.

    Raises:
        BadInput: There is no such picture of it, or it has no such parts.
    """
    if view.self_attention_only or not view.of_difference:
        raise BadInput("There is no such picture of a difference: choose another one, or leave out `against:`.")
    if shown in PARTS:
        raise BadInput(
            "A difference is not cut into the parts of a pair: choose other tokens to show, or leave out `against:`."
        )


def picture_of(result: AttentionMap | TwoMaps, state: ViewState) -> View:
    """The picture of a result, seen in some way.

    Raises:
        Expired: There is no such kind of picture.
        BadInput: That kind is not for such a map.
    """
    if state.shown not in TOKENS:
        raise Expired
    attention, view = state.map_of(result), view_of(state)
    if attention.signed:
        check_difference(view, state.shown if view.by_square else "all")
    if not attention.is_self_attention and view.self_attention_only:
        raise BadInput("That picture is of one text that looks at itself: choose another one here.")
    return view.view(attention, state)
