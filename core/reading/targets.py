"""Words to compare at a mask: read from an option, and spelt in the vocabulary of a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.errors import BadInput, TooLong
from core.questions import TargetComparison
from core.reading.masks import strip_trailing_special
from core.reading.tokenizer import ModelTokenizer
from core.reading.validation import replace_surrogates
from core.results import Token, Tokenization

MAX_TARGETS = 10
LONGEST_TARGET = 60
"""Characters."""


def parse_targets(text: str) -> tuple[str, ...]:
    """The words of an option such as ``Paris, London``, each once; none for an empty one.

    Raises:
        BadInput: There are too many, or one is too long.
    """
    parts = re.split(r"[,;\n]", replace_surrogates(text))
    words = tuple(dict.fromkeys(word for part in parts if (word := " ".join(part.split()))))
    if len(words) > MAX_TARGETS:
        raise BadInput(
            "Those are {count} words and at most {most} are compared: leave some out.",
            count=len(words),
            most=MAX_TARGETS,
        )
    if any(len(word) > LONGEST_TARGET for word in words):
        raise BadInput(
            "A word to compare has at most {most} characters: separate words with commas.", most=LONGEST_TARGET
        )
    return words


def tokenize_target(tokenizer: ModelTokenizer, source: Tokenization, place: int, word: str) -> tuple[Token, ...]:
    """The tokens of a word at one of the `answer_positions` of a text.

    The word is read in its place, so that a byte-level vocabulary sees the space before it.

    Raises:
        BadInput: The vocabulary lacks the word, or it grows together with the text beside it.
        TooLong: The text becomes too long with it.
    """
    question, token = target_question(source, place), source.tokens[place]
    start, end = (token.start, token.end) if source.masks else (token.end, len(source.text))
    gap = source.text[start:end]
    space = gap[: len(gap) - len(gap.lstrip())]  # some vocabularies count it to the mask
    rest = source.text[end:]
    read = tokenizer.encode(source.text[:start] + space + word + rest)
    tokens = read.tokens if source.masks else strip_trailing_special(read.tokens)
    ids, before, after = tuple(token.id for token in tokens), len(question.before), len(question.after)
    tokens = tokens[before : len(tokens) - after]
    if not tokens or ids[:before] != question.before or ids[len(ids) - after :] != question.after:
        raise BadInput(
            "A word to compare grows together with the text beside a mask: put a space between, or another word."
        )
    if any(token.unknown for token in tokens):
        raise BadInput("The model's vocabulary lacks one of the words to compare: leave out what it cannot spell.")
    if len(ids) > tokenizer.limit:
        raise TooLong(len(ids), tokenizer.limit)
    return tokens


def target_question(source: Tokenization, place: int, words: Sequence[tuple[int, ...]] = ()) -> TargetComparison:
    """How probable are words, given by their token ids, at one of the `answer_positions` of a text?"""
    ids = tuple(source.ids)
    if source.masks:
        return TargetComparison(ids[:place], ids[place + 1 :], ids[place], tuple(words))
    return TargetComparison(ids, (), None, tuple(words))
