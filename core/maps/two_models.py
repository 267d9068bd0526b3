"""Two maps of one text by two models: where a word of one stands in the other, and what a difference is between."""

from __future__ import annotations

from dataclasses import replace

from core.results import AttentionMap, Token, Tokenization, TwoMaps

Place = tuple[int, int | None]
"""A layer, and one of its heads or ``None`` for the mean of all; both from 1, as people count."""


def nearest_place(attention: AttentionMap, place: Place) -> Place:
    """The same layer and head of another model, or its last where it has fewer."""
    layer, head = place
    return min(layer, attention.layers), None if head is None else min(head, attention.heads)


def counterpart(first: Tokenization, second: Tokenization, position: int) -> int | None:
    """The token of the second cut of a text that stands where a token of the first does; ``None`` for special ones."""
    token = first.tokens[position]
    if token.special:
        return None
    written = first.text[token.start : token.end].lstrip()  # some tokenizers count the space before a word to it
    start = token.end - len(written) if written else token.start
    within = (n for n, one in enumerate(second.tokens) if not one.special and one.start <= start < one.end)
    return next(within, None)


def common_tokens(maps: TwoMaps) -> Tokenization:
    """The tokens of a text that two models cut alike; special ones are spelt as both have them."""
    first, second = (one.source for one in maps.maps)
    pairs = zip(first.tokens, second.tokens, strict=True)
    return replace(first, tokens=tuple(_common(one, other) for one, other in pairs))


def _common(one: Token, other: Token) -> Token:
    differ = one.special and one.piece != other.piece
    spelt = replace(one, piece=f"{one.piece}/{other.piece}") if differ else one
    return replace(spelt, unknown=one.unknown or other.unknown)
