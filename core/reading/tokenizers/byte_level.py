"""Byte-level pieces: which bytes they stand for, and which of them make up one character.

A byte-level vocabulary cuts the UTF-8 bytes of a text, so that one emoji may be four tokens, none of which is a
character. What a reader takes for one character (a grapheme cluster, Unicode Standard Annex #29) stays together here.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex

from core.results import Token, Tokenization

BYTE_LEVEL = "byte-level BPE"
"""The kind of tokenizer whose pieces are bytes: see `ModelTokenizer.kind`."""

_FALLBACK = re.compile(r"<0x([0-9A-F]{2})>")


def bytes_of(source: Tokenization, token: Token) -> bytes:
    """The bytes that a piece stands for; none where pieces are characters."""
    if found := _FALLBACK.fullmatch(token.piece):
        return bytes([int(found[1], 16)])
    if source.kind != BYTE_LEVEL or token.special:
        return b""
    return bytes(_alphabet()[char] for char in token.piece if char in _alphabet())


def group_characters(source: Tokenization) -> list[tuple[int, ...]]:
    """The positions of all tokens, those that share a character together.

    Bytes of the same code point do, and of a byte-level vocabulary also those within one grapheme cluster, such as the
    people of a family emoji. Tokens that are characters themselves, such as the three of ½, stand alone.
    """
    inside = _inside(source.text) if source.kind == BYTE_LEVEL else frozenset[int]()
    groups: list[list[int]] = []
    end = 0
    for place, token in enumerate(source.tokens):
        shared = token.start < end or token.start in inside
        if groups and shared and token.end > token.start and bytes_of(source, token):
            groups[-1].append(place)
        else:
            groups.append([place])
        end = 0 if token.special else token.end
    return [tuple(group) for group in groups]


def _inside(text: str) -> frozenset[int]:
    """The positions in a text that are not where a grapheme cluster begins."""
    return frozenset(range(len(text))) - {found.start() for found in regex.finditer(r"\X", text)}


@lru_cache(maxsize=1)
def _alphabet() -> dict[str, int]:
    """Which byte each letter of GPT-2's alphabet stands for: printable bytes for themselves, the others from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}
