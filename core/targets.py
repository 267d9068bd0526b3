"""Words to compare at a mask: read from an option, and spelt in the vocabulary of a model."""

from __future__ import annotations

import re

from core.errors import BadInput, TooLong
from core.results import Token, Tokenization
from core.texts import whole
from core.tokens import Reader

MOST_TARGETS = 10
LONGEST_TARGET = 60
"""Characters."""


def read(text: str) -> tuple[str, ...]:
    """The words of an option such as ``Paris, London``, each once; none for an empty one.

    Raises:
        BadInput: There are too many, or one is too long.
    """
    parts = re.split(r"[,;\n]", whole(text))
    words = tuple(dict.fromkeys(word for part in parts if (word := " ".join(part.split()))))
    if len(words) > MOST_TARGETS:
        raise BadInput(
            "Those are {count} words and at most {most} are compared: leave some out.",
            count=len(words),
            most=MOST_TARGETS,
        )
    if any(len(word) > LONGEST_TARGET for word in words):
        raise BadInput(
            "A word to compare has at most {most} characters: separate words with commas.", most=LONGEST_TARGET
        )
    return words


def spell(reader: Reader, source: Tokenization, word: str) -> tuple[Token, ...]:
    """The tokens of a word where the only mask of a text stands.

    The word is read in its place, so that a byte-level vocabulary sees the space before it.

    Raises:
        BadInput: There is not one mask but several, or the vocabulary lacks the word, or it grows together with the
            text beside it.
        TooLong: The text becomes too long with it.
    """
    if len(source.masks) != 1:
        raise BadInput("Words are compared at one mask: leave only one in the text.")
    (place,) = source.masks
    mask, after = source.tokens[place], source.ids[place + 1 :]
    written = source.text[mask.start : mask.end]
    space = written[: len(written) - len(written.lstrip())]  # some vocabularies count it to the mask
    read = reader.read(source.text[: mask.start] + space + word + source.text[mask.end :])
    tokens = read.tokens[place : len(read.tokens) - len(after)]
    if not tokens or read.ids[:place] != source.ids[:place] or read.ids[len(read.ids) - len(after) :] != after:
        raise BadInput(
            "A word to compare grows together with the text beside the mask: put a space between, or another word."
        )
    if any(token.unknown for token in tokens):
        raise BadInput("The model's vocabulary lacks one of the words to compare: leave out what it cannot spell.")
    if len(read.tokens) > reader.limit:
        raise TooLong(len(read.tokens), reader.limit)
    return tokens
