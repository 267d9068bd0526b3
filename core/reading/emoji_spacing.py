"""Words glued to an emoji: BERT reads the whole of ``great🎉`` as unknown, and with a space it sees the word.

Its pre-tokenizer splits words at spaces and punctuation, and an emoji is neither.
"""

from __future__ import annotations

from itertools import pairwise

import regex

from core.results import Tokenization

_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}")


def space_emoji(text: str) -> str:
    """A text with a space wherever an emoji touches a letter or digit."""
    characters: list[str] = regex.findall(r"\X", text)
    gaps = [_glued(one, other) or _glued(other, one) for one, other in pairwise(characters)]
    return "".join(character + " " * gap for character, gap in zip(characters, [*gaps, False], strict=False))


def has_glued_emoji(source: Tokenization) -> bool:
    """Whether a space would show the model a word that it could not see."""
    return any(space_emoji(stretch) != stretch for stretch in source.unknown)


def _glued(emoji: str, other: str) -> bool:
    return bool(_EMOJI.search(emoji)) and not _EMOJI.search(other) and any(char.isalnum() for char in other)
