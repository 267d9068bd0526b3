"""SentencePiece's ▁, which stands for a space: where in a text it stands, and which words begin with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.results import Token

SPACE = "▁"
"""U+2581, as vocabularies of SentencePiece spell a space."""


def place_spaces(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Tokens of a text, in which those that are nothing but ▁ stand where the space is.

    The library gives them the place of the character behind, where the space was cut off before, or none was written.
    """
    return [_placed(text, token) if token.piece == SPACE else token for token in tokens]


def words_from_spaces(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Tokens of a text numbered by words, each of which begins at white space: for what cuts a text without words."""
    starts = _starts(text, tokens)
    word = -1
    found: list[Token] = []
    for token, start in zip(tokens, starts, strict=True):
        word += start
        found.append(replace(token, word=word))
    return found


def spell_spaces(text: str, normal: str) -> str:
    """A normalised text with spaces for ▁, and without the one that stands before the first word; see `SPACE`."""
    if SPACE in text:
        return normal
    spelt = normal.replace(SPACE, " ")
    return spelt if text.startswith(" ") else spelt.removeprefix(" ")


def _placed(text: str, token: Token) -> Token:
    start, end = token.start, token.end
    if end > start and text[start:end].isspace():
        return token
    space = start > 0 and text[start - 1].isspace()
    return replace(token, start=start - space, end=start)


def _starts(text: str, tokens: Iterable[Token]) -> Iterator[bool]:
    """Whether each token begins a word: with white space, right after a line break, or as the first."""
    last = -1
    for token in tokens:
        written = text[token.start : token.end]
        spaced = token.piece.startswith(SPACE) or written[:1].isspace()
        shared = token.start < last  # another byte of the same character
        broken = token.start > 0 and text[token.start - 1] in "\n\r\t"
        yield last < 0 or (not shared and (spaced or broken))
        last = max(last, token.end)
