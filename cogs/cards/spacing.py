"""How an attention map is looked at, carried over to the same text with other spaces, whose tokens are others."""

from __future__ import annotations

from dataclasses import replace

from cogs.cards.attention_views import views_of
from cogs.cards.view_state import NO_TOKEN, ViewState
from core.reading.emoji_spacing import letters_before, token_behind
from core.results import AttentionMap, Result


def without_spaces(result: Result, state: ViewState) -> ViewState:
    """The same, with its token told by how many letters stand before it; `seen_again` reads it."""
    if not isinstance(result, AttentionMap) or state.token == NO_TOKEN:
        return state
    queries = state.map_of(result).queries
    known = state.token < len(queries.tokens) and not queries.tokens[state.token].special
    return replace(state, token=letters_before(queries, state.token) if known else NO_TOKEN)


def seen_again(state: ViewState, result: Result) -> ViewState:
    """How to look at the map of the text with other spaces: in the same way if that map has it.

    Raises:
        Expired: It has no such side.
    """
    if not isinstance(result, AttentionMap):
        return state
    attention = state.map_of(result)
    kind = state.kind if state.kind in views_of(attention) else "head"
    token = NO_TOKEN if state.token == NO_TOKEN else token_behind(attention.queries, state.token)
    return replace(state, kind=kind, token=NO_TOKEN if token is None else token)
