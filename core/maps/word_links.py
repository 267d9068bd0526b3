"""What one word looks at: in which head it looks hardest at another word, and where that says something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.maps.measures import Floats
from core.maps.selection import check_token, sum_groups
from core.reading.tokenizers.words import WORD
from core.results import AttentionMap, Tokenization

PRONOUNS = frozenset("it he she they him her them its his their who which er sie es il elle ils elles él ella".split())
"""Words that stand for another: what they look at is what people ask first."""

STANDS_OUT, PRONOUN_STANDS_OUT = 0.4, 0.25
"""Shares by which a link must exceed what the head's other words give the same word, to be what a picture opens on."""

LEAST = 0.0005
"""Less is written as nothing."""

NUMBERED = re.compile(r"\s*(.+?) \(([1-9][0-9]{0,3})\)\s*")
"""A word, and which of several such words: what is offered where a text has a word more than once."""


@dataclass(frozen=True, slots=True)
class WordLink:
    """A word that looks at another.

    Attributes:
        layer: From 0.
        head: From 0.
        query: The position of the first token of the word that looks.
        key: The same of the word that it looks at.
        weight: The share of its attention, from 0 to 1: averaged over the pieces of the one, summed over the other's.
    """

    layer: int
    head: int
    query: int
    key: int
    weight: float


def check_word(text: str, typed: str) -> None:
    """Refuse what is no word of a text, before it is cut into words.

    Raises:
        BadInput: It does not stand there.
    """
    if not typed.isdecimal() and _place(text, typed) is None:
        raise BadInput("That word is not in the text: write one of its words, or a token's number.")


def find_word(source: Tokenization, typed: str) -> int:
    """The position of the first token of a word of a text, at its first occurrence; else of the token of a number.

    Raises:
        BadInput: There is no such word or token.
    """
    place, tokens = _place(source.text, typed), enumerate(source.tokens)
    found = [n for n, token in tokens if place is not None and not token.special and token.start <= place < token.end]
    if found:
        return found[0]
    if not typed.isdecimal():
        raise BadInput("That word is not in the text: write one of its words, or a token's number.")
    check_token(source, int(typed), first=1)
    return int(typed) - 1


def _place(text: str, typed: str) -> int | None:
    """Where a word stands in a text: whole, else at a word's start, else in one, else (``it (2)``) the second time."""
    part, numbered = re.escape(typed.strip()), NUMBERED.fullmatch(typed)
    whole, start = rf"(?<!\w){part}(?!\w)", rf"(?<!\w){part}"
    ways = [whole] if typed.isdecimal() else [whole, start, part]
    searched = (re.search(way, text, re.IGNORECASE) for way in ways)
    found = _word(text, typed.strip(), 1) or next(filter(None, searched), None)
    if not found and numbered:
        found = _word(text, numbered[1], int(numbered[2]))
    return found.start() if found else None


def _word(text: str, typed: str, number: int) -> re.Match[str] | None:
    """The first, second … of the words of a text that are spelt so."""
    same = (found for found in WORD.finditer(text) if found[0].casefold() == typed.casefold())
    return next(islice(same, number - 1, None), None)


def strongest_link(attention: AttentionMap, query: int) -> WordLink | None:
    """The head in which the word at a position looks hardest at another word; ``None`` if at none.

    Heads in which the other words look at the same word half as much come last, for they do so whatever looks.
    Itself, its neighbours, which many heads look at, and punctuation do not count, nor for a pronoun what comes after
    it, unless there is nothing else; special tokens never do.
    """
    looks, looked, weights = by_words(attention, attention.weights)
    row = next((number for number, places in enumerate(looks) if query in places), None)
    allowed = [] if row is None else _worth_looking_at(attention, row, looked)
    if row is None or not allowed:
        return None
    shares, above = weights[:, :, row, allowed], _above_others(weights)[:, :, row, allowed]
    own = np.where(above >= shares / 2, 1 + shares, shares)  # no share is more than 1
    layer, head, column = np.unravel_index(int(own.argmax()), own.shape)
    key, share = allowed[int(column)], float(shares.reshape(own.shape)[layer, head, column])
    return WordLink(int(layer), int(head), looks[row][0], looked[key][0], share) if share >= LEAST else None


def link_worth_seeing(attention: AttentionMap) -> WordLink | None:
    """The link that stands out most, of a pronoun first; ``None`` if none does, or it is not self-attention."""
    if not attention.is_self_attention:
        return None
    words, _, weights = by_words(attention, attention.weights)
    above = _above_others(weights).max(axis=(0, 1), initial=0.0)  # (words, words)
    best: list[tuple[bool, float, int]] = []
    for row, places in enumerate(words):
        allowed = _worth_looking_at(attention, row, words, neighbours=False)
        share = float(above[row, allowed].max(initial=0.0))
        pronoun = _is_pronoun(attention.source, places)
        if share >= (PRONOUN_STANDS_OUT if pronoun else STANDS_OUT):
            best.append((pronoun, share, row))
    return strongest_link(attention, words[max(best)[2]][0]) if best else None


def _above_others(weights: Floats) -> Floats:
    """By how much each word's share ``(layers, heads, words, words)`` exceeds the mean of the other words' shares."""
    others = max(1, weights.shape[2] - 1)
    return weights - (weights.sum(axis=2, keepdims=True) - weights) / others


def word_link(attention: AttentionMap, weights: Floats, query: int | None = None) -> tuple[int, int, float] | None:
    """The largest link from one word to another in some weights ``(M, N)`` of a map.

    Args:
        attention: The map; not a difference.
        weights: Of a head, of a layer, or what else is shared out in rows.
        query: The position of a token of the word that looks; any word without it.

    Returns:
        The positions of the first tokens of the two words, and the share; ``None`` where there is no other word, or
        none gets anything.
    """
    looks, looked, shares = by_words(attention, weights)
    if attention.is_self_attention:
        shares = np.where(np.eye(*shares.shape, dtype=bool), 0, shares)
    asked = [query is None or query in places for places in looks]
    shares = shares * np.array(asked, np.float32)[:, None]
    row, column = divmod(int(shares.argmax()), shares.shape[1]) if shares.size else (0, 0)
    share = float(shares[row, column]) if shares.size else 0.0
    return (looks[row][0], looked[column][0], share) if share >= LEAST else None


def looked_at(attention: AttentionMap, layer: int, head: int, query: int) -> list[tuple[int, float]]:
    """The other words that the word at a position looks at in a head, the hardest first; of cross-attention all words.

    Returns:
        The position of each one's first token, and its share. Punctuation is left out.
    """
    looks, looked, shares = by_words(attention, attention.weights[layer, head])
    row = next((number for number, places in enumerate(looks) if query in places), None)
    if row is None:
        return []
    named = [n for n, places in enumerate(looked) if any(map(str.isalnum, attention.source.written(places)))]
    others = [n for n in named if not attention.is_self_attention or n != row]
    return sorted(((looked[n][0], float(shares[row, n])) for n in others), key=lambda found: -found[1])


def written_word(source: Tokenization, position: int) -> str:
    """The word that a token belongs to, as it is written; nothing of a special token."""
    return " ".join(source.written(source.word_at(position)).split())


Words = list[tuple[int, ...]]


def by_words(attention: AttentionMap, weights: npt.NDArray[np.floating]) -> tuple[Words, Words, Floats]:
    """The words that look, those looked at, and of weights ``(…, M, N)`` those between them ``(…, looks, looked)``."""
    looks, looked = attention.queries.words, attention.source.words
    given = sum_groups(weights.astype(np.float32), looked).swapaxes(-1, -2)
    sizes = np.array([len(places) for places in looks], np.float32)
    return looks, looked, (sum_groups(given, looks) / sizes).swapaxes(-1, -2)


def _worth_looking_at(
    attention: AttentionMap, row: int, looked: Sequence[tuple[int, ...]], *, neighbours: bool = True
) -> list[int]:
    """The words that say something if a word looks at them; its neighbours only if there is nothing else."""
    source = attention.source
    words = [n for n, places in enumerate(looked) if any(char.isalnum() for char in source.written(places))]
    if not attention.is_self_attention:
        return words
    far = [n for n in words if abs(n - row) > 1]
    before = [n for n in far if n < row] if _is_pronoun(source, looked[row]) else []
    return before or far or ([n for n in words if n != row] if neighbours else [])


def _is_pronoun(source: Tokenization, places: Sequence[int]) -> bool:
    return source.written(places).strip().casefold() in PRONOUNS
