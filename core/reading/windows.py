"""Texts that are longer than a model reads: windows that overlap, so that what one cuts through another has whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import TooLong
from core.results import Score, Tokenization

STRIDE = 64
"""Tokens that a window shares with the one before it, or a quarter of a small window."""

MAX_WINDOWS = 16


@dataclass(frozen=True, slots=True)
class TextWindow:
    """A window of a text.

    Attributes:
        ids: What the model reads: the window's tokens between the special tokens of the whole text.
        tokens: How many tokens of the text are in it.
        start: Where in the text it begins.
        end: Where it ends.
    """

    ids: tuple[int, ...]
    tokens: int
    start: int
    end: int


def split_into_windows(source: Tokenization, limit: int) -> list[TextWindow]:
    """Windows of at most `limit` tokens; one of the whole text if it fits, and of a very long text the first few.

    Raises:
        TooLong: The special tokens around the text leave no room for another one.
    """
    tokens = source.tokens
    ordinary = [place for place, token in enumerate(tokens) if not token.special]
    first, last = ordinary[0], ordinary[-1] + 1
    room = limit - (len(tokens) - (last - first))
    if room < 1:
        raise TooLong(len(tokens), limit)
    step = room - min(STRIDE, room // 4)
    starts = [first] if last - first <= room else range(first, last, step)
    found: list[TextWindow] = []
    for start in starts[:MAX_WINDOWS]:
        end = min(start + room, last)
        ids = (*source.ids[:first], *source.ids[start:end], *source.ids[last:])
        found.append(TextWindow(ids, end - start, tokens[start].start, tokens[end - 1].end))
        if end == last:
            break
    return found


def to_scores(rows: Iterable[tuple[str, float]]) -> tuple[Score, ...]:
    """Labels with their probabilities, as a device gives them."""
    return tuple(Score(label, score) for label, score in rows)
