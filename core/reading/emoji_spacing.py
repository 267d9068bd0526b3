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


def letters_before(source: Tokenization, position: int) -> int:
    """How many characters stand before a token, spaces left out: as many in the same text with other spaces."""
    return _letters(source.text[: source.tokens[position].start])


def token_behind(source: Tokenization, letters: int) -> int | None:
    """The position of the token with the character that so many others stand before; ``None`` if there is none."""
    tokens = enumerate(source.tokens)
    return next((n for n, one in tokens if not one.special and _letters(source.text[: one.end]) > letters), None)


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _glued(emoji: str, other: str) -> bool:
    return bool(_EMOJI.search(emoji)) and not _EMOJI.search(other) and any(char.isalnum() for char in other)
