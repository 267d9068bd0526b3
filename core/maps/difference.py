"""A minimal pair: two texts aligned word by word, and what changes in attention from the first to the second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import BadInput
from core.maps.measures import Floats
from core.maps.selection import Groups, group_tokens, membership
from core.results import AttentionMap, Token, Tokenization

APART = 3
"""What it costs to align a special token with a word: more than to leave both alone."""

Aligned = list[tuple[list[int], list[int]]]
"""Positions in the first text and in the second that stand for each other; one side is empty where a word is new."""


def subtract_maps(text: str, first: AttentionMap, second: AttentionMap) -> AttentionMap:
    """What changes from one map to another of the same model: more in the second is positive.

    Words are whole: weights to their pieces are summed, those from them averaged. A word that only one text has is a
    column, with no weight in the other, but no row. So each row sums to 0, and exchanged texts give the opposite.

    Args:
        text: What was asked, for the result's `source`.
        first: One map.
        second: The other.

    Raises:
        BadInput: The texts are the same to the model.
    """
    columns = align(first.source, second.source)
    rows = align(first.queries, second.queries) if first.rows else columns
    if first.source.ids == second.source.ids:
        raise BadInput("Those two texts are the same to the model: change a word in one of them.")
    kept = [pair for pair in rows if all(pair)]
    difference = _grouped(second, kept, columns, 1) - _grouped(first, kept, columns, 0)
    same = first.rows is None and len(kept) == len(columns)
    return AttentionMap(
        _named(text, first.source, second.source, columns),
        difference.astype(np.float16),
        first.causal and same,
        rows=None if same else _named(text, first.queries, second.queries, kept),
        signed=True,
        related={"first": first, "second": second},
    )


def align(first: Tokenization, second: Tokenization) -> Aligned:
    """Match the words of two texts in order, with as few changed, new and missing ones as can be."""
    one, other = group_tokens(first.tokens, "words"), group_tokens(second.tokens, "words")
    keys, others = ([_spelt(text, group) for group in found] for text, found in ((first, one), (second, other)))
    if others < keys:  # of several best ways always the same is taken, whichever text comes first
        return [(left, right) for right, left in align(second, first)]
    cost = _costs(keys, others)
    found: Aligned = []
    row, column = len(keys), len(others)
    while row or column:
        down, right = _last_step(cost[: row + 1, : column + 1], keys[:row], others[:column])
        row, column = row - down, column - right
        found.append((one[row] if down else [], other[column] if right else []))
    return found[::-1]


_Key = tuple[bool, tuple[int, ...]]


def _spelt(source: Tokenization, group: Sequence[int]) -> _Key:
    """Whether a word is a special token, and its token ids."""
    return source.tokens[group[0]].special, tuple(source.tokens[n].id for n in group)


def _price(one: _Key, other: _Key) -> int:
    return 0 if one == other else APART if one[0] != other[0] else 1


def _costs(keys: Sequence[_Key], others: Sequence[_Key]) -> np.ndarray:
    """The fewest changes between each beginning of one text and each of the other (Wagner & Fischer 1974)."""
    cost = np.add.outer(np.arange(len(keys) + 1), np.arange(len(others) + 1))
    for row, key in enumerate(keys, 1):
        for column, other in enumerate(others, 1):
            changed = cost[row - 1, column - 1] + _price(key, other)
            cost[row, column] = min(changed, cost[row - 1, column] + 1, cost[row, column - 1] + 1)
    return cost


def _last_step(cost: np.ndarray, keys: Sequence[_Key], others: Sequence[_Key]) -> tuple[bool, bool]:
    """Whether the last words are of the first text, of the second, or of both."""
    here = cost[-1, -1]
    if keys and others and keys[-1] == others[-1] and here == cost[-2, -2]:
        return True, True
    if keys and here == cost[-2, -1] + 1:
        return True, False
    return not (others and here == cost[-1, -2] + 1), True


def _grouped(attention: AttentionMap, rows: Aligned, columns: Aligned, side: int) -> Floats:
    """The weights of one side ``(layers, heads, rows, columns)``; none to a word that it lacks."""
    looks: Groups = [pair[side] for pair in rows]
    from_rows = membership(looks, len(attention.queries.tokens))
    to_columns = membership([pair[side] for pair in columns], len(attention.source.tokens))
    return from_rows / from_rows.sum(axis=1, keepdims=True) @ attention.weights.astype(np.float32) @ to_columns.T


def _named(text: str, first: Tokenization, second: Tokenization, pairs: Aligned) -> Tokenization:
    """The aligned words as tokens that say what changed."""
    tokens: list[Token] = []
    for number, (one, other) in enumerate(pairs):
        name = _changed(_written(first, one), _written(second, other))
        known = [first.tokens[n] for n in one] + [second.tokens[n] for n in other]
        special, unknown = known[0].special, any(token.unknown for token in known)
        tokens.append(Token(0, name, 0, 0, special, unknown, None if special else number))
    return Tokenization(text, first.model, tuple(tokens))


def _changed(before: str, after: str) -> str:
    """What became of a word."""
    if before and after:
        return before if before == after else f"{before}/{after}"
    return f"−{before}" if before else f"+{after}"


def _written(source: Tokenization, group: Sequence[int]) -> str:
    """A word as it was written; a special token as it is spelt."""
    if not group:
        return ""
    return source.written(group).strip() or source.tokens[group[0]].piece
