"""Which tokens of a square of weights are shown, and which together: special ones hidden, pieces merged, a part cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from core.errors import BadInput
from core.maps.measures import Floats
from core.results import Token, Tokenization

Groups = list[list[int]]

MERGED = ("words", "bare")
"""What shows whole words."""

ORDINARY = ("plain", "bare")
"""What hides special tokens."""

PARTS = ("aa", "ab", "ba", "bb")
"""Of a pair of texts: from the first or second (rows) to the first or second (columns)."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A part of some weights.

    Attributes:
        weights: float32 ``(rows, columns)``.
        rows: What looks, as if it were a text of its own.
        columns: What is looked at.
        kept: The mean share of each shown row that is shown, 0 to 1.
        looks: The positions of the tokens that each row stands for.
    """

    weights: Floats
    rows: Tokenization
    columns: Tokenization
    kept: float
    looks: Groups

    def row(self, position: int | None) -> int | None:
        """The row of a token, or of its word; ``None`` of one that is not shown."""
        return next((row for row, places in enumerate(self.looks) if position in places), None)


def select_tokens(
    source: Tokenization, weights: Floats, how: str = "all", rows: Tokenization | None = None
) -> Selection:
    """Choose a part of weights ``(M, N)``.

    Where pieces are merged, the weights to a word are summed and those from a word averaged (Clark et al. 2019,
    arXiv:1906.04341, section 4.1). Nothing is normalised anew: what is hidden is missing.

    Args:
        source: The N tokens that are looked at.
        weights: ``(M, N)``, row = from, column = to.
        how: ``all``, or one of `MERGED`, `ORDINARY` or `PARTS`.
        rows: The M tokens that look, if they are others.

    Raises:
        BadInput: A part of a pair is wanted, and there is only one text.
    """
    if how in PARTS and (not source.second or rows):
        raise BadInput("There is only one text: give a second one to see how the two look at each other.")
    looking = rows or source
    if how == "all":
        looks = group_tokens(looking.tokens, how)
        return Selection(weights.astype(np.float32), looking, source, float(weights.sum(axis=1).mean()), looks)
    looks, looked = group_tokens(looking.tokens, how), group_tokens(source.tokens, how)
    if how in PARTS:
        looks, looked = _part(looks, source.second, how[0]), _part(looked, source.second, how[1])
    from_rows, to_columns = membership(looks, len(looking.tokens)), membership(looked, len(source.tokens))
    part = from_rows / from_rows.sum(axis=1, keepdims=True) @ weights.astype(np.float32) @ to_columns.T
    kept = float(part.sum(axis=1).mean()) if looks else 0.0
    return Selection(part, name_groups(looking, looks), name_groups(source, looked), kept, looks)


def cut_part(source: Tokenization, weights: Floats, how: str) -> Floats:
    """Weights ``(N, N)`` between the N tokens of a pair, with 0 outside one of `PARTS`."""
    second = np.arange(len(source.tokens)) >= source.second
    rows, columns = (second == (letter == "b") for letter in how)
    return np.where(rows[:, None] & columns, weights, np.float32(0))


def check_head(layers: int, heads: int, layer: int, head: int | None) -> None:
    """Refuse a layer or head, counted from 1, of a map that has others; ``None``, for the mean, always is there.

    Raises:
        BadInput: There is no such layer or head.
    """
    if not 1 <= layer <= layers:
        raise BadInput("This model has {count} layers: choose one from 1 to {count}.", count=layers)
    if head is not None and not 1 <= head <= heads:
        raise BadInput("This model has {count} heads in each layer: choose one from 1 to {count}.", count=heads)


def check_token(source: Tokenization, position: int, first: int = 0) -> None:
    """Refuse a position at which a text has no token; who typed it counts from `first`.

    Raises:
        BadInput: There is none.
    """
    count = len(source.tokens)
    if not first <= position < first + count:
        told = {"count": count, "first": first, "last": first + count - 1}
        raise BadInput("This text has {count} tokens: choose one from {first} to {last}.", **told)


def membership(groups: Groups, count: int) -> Floats:
    """1 where a position belongs to a group, float32 ``(groups, count)``."""
    members = np.zeros((len(groups), count), np.float32)
    for number, group in enumerate(groups):
        members[number, group] = 1
    return members


def sum_groups(weights: Floats, groups: Sequence[Sequence[int]]) -> Floats:
    """Add up weights ``(…, N)`` over groups of positions: ``(…, groups)``.

    For all heads of a long text that takes a tenth of the time of a product with `membership`.
    """
    if not groups:
        return np.zeros((*weights.shape[:-1], 0), np.float32)
    starts = np.cumsum([0, *map(len, groups[:-1])])
    return np.add.reduceat(weights[..., [place for group in groups for place in group]], starts, axis=-1)


def group_tokens(tokens: tuple[Token, ...], how: str) -> Groups:
    """The positions that are shown as one, in order."""
    shown = [n for n, token in enumerate(tokens) if how not in ORDINARY or not token.special]
    if how not in MERGED:
        return [[n] for n in shown]
    found: Groups = []
    for word, places in groupby(shown, key=lambda n: tokens[n].word):
        group = list(places)
        found += [[n] for n in group] if word is None else [group]
    return found


def _part(groups: Groups, second: int, letter: str) -> Groups:
    return [group for group in groups if (group[0] >= second) == (letter == "b")]


def name_groups(source: Tokenization, groups: Groups) -> Tokenization:
    """The shown groups as a text of tokens; a merged word is spelt as it was written."""
    tokens = [_merged(source, group) for group in groups]
    second = sum(group[0] < source.second for group in groups) if source.second else 0
    return replace(source, tokens=tuple(tokens), second=second)


def _merged(source: Tokenization, group: list[int]) -> Token:
    first, last = source.tokens[group[0]], source.tokens[group[-1]]
    if len(group) == 1:
        return first
    unknown = any(source.tokens[n].unknown for n in group)
    written = source.text[first.start : last.end]
    return replace(first, piece=written.strip() or written, end=last.end, unknown=unknown)
