"""Words to compare at a mask: read from an option, and spelt in the vocabulary of a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.errors import BadInput, TooLong
from core.questions import TargetComparison
from core.reading.masks import strip_trailing_special
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.reading.validation import replace_surrogates
from core.results import Token, Tokenization

MAX_TARGETS = 10
LONGEST_TARGET = 60
"""Characters."""

PIECE_MARKS = ("##", "Ġ", "▁")
"""How vocabularies begin a piece that goes on with a word, or one with a space before it."""


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
    for number, word in enumerate(words, 1):
        if len(word) > LONGEST_TARGET:
            raise BadInput(
                "Word {number} to compare has more than {most} characters: separate words with commas.",
                number=number,
                most=LONGEST_TARGET,
            )
    return words


def tokenize_targets(
    tokenizer: ModelTokenizer, source: Tokenization, place: int, words: Sequence[str]
) -> list[tuple[str, tuple[Token, ...]]]:
    """Words at one of the `answer_positions` of a text, each with its tokens; of those with the same ids the first.

    Raises:
        BadInput: The vocabulary lacks one, or it grows together with the text beside it.
        TooLong: The text becomes too long with one.
    """
    found: dict[tuple[int, ...], tuple[str, tuple[Token, ...]]] = {}
    for number, word in enumerate(words, 1):
        tokens = _tokenize(tokenizer, source, place, word, number)
        found.setdefault(tuple(token.id for token in tokens), (word, tokens))
    return list(found.values())


def single_tokens(tokenizer: ModelTokenizer, source: Tokenization, place: int, words: Sequence[str]) -> dict[str, int]:
    """The ids of those words at one of the `answer_positions` of a text that are a single token there.

    Raises:
        CoreError: As for `tokenize_targets`.
    """
    spelt = tokenize_targets(tokenizer, source, place, words)
    return {word: tokens[0].id for word, tokens in spelt if len(tokens) == 1}


def read_choice(tokenizer: ModelTokenizer, source: Tokenization, place: int, word: str | int) -> int | None:
    """The token that somebody means at one of the `answer_positions` of a text: its id, or a word; none if it is empty.

    Raises:
        BadInput: The word has several pieces, or there is no such token.
        CoreError: As for `tokenize_targets`.
    """
    if isinstance(word, int):
        return tokenizer.check_id(word)
    if not (word := " ".join(replace_surrogates(word).split())):
        return None
    found = single_tokens(tokenizer, source, place, [word])
    if not found:
        raise BadInput("That word has several pieces, and no logit of its own: choose one that is one token.")
    return found[word]


def _tokenize(tokenizer: ModelTokenizer, source: Tokenization, place: int, word: str, number: int) -> tuple[Token, ...]:
    """The tokens of the word with that number: one entry of the vocabulary if it is spelt like that, as ``##lin`` is.

    Any other is read in its place, so that a byte-level vocabulary sees the space before it.
    """
    if word.startswith(PIECE_MARKS) and (entry := tokenizer.entry(word)):
        return (entry,)
    question, token = target_question(source, place), source.tokens[place]
    start, end = (token.start, token.end) if source.masks else (token.end, len(source.text))
    gap = source.text[start:end] or " "  # behind a text that somebody goes on with comes a new word
    space = gap[: len(gap) - len(gap.lstrip())]  # some vocabularies count it to the mask
    rest = source.text[end:]
    read = tokenizer.encode(source.text[:start] + space + word + rest)
    tokens = read.tokens if source.masks else strip_trailing_special(read.tokens)
    ids, before, after = tuple(token.id for token in tokens), len(question.before), len(question.after)
    tokens = tokens[before : len(tokens) - after]
    if not tokens or ids[:before] != question.before or ids[len(ids) - after :] != question.after:
        raise BadInput(
            "Word {number} to compare grows together with the text beside a mask: put a space between, or another "
            "word.",
            number=number,
        )
    if any(token.unknown for token in tokens):
        raise BadInput(
            "The model's vocabulary lacks word {number} to compare: leave out what it cannot spell.", number=number
        )
    if len(ids) > tokenizer.limit:
        raise TooLong(len(ids), tokenizer.limit)
    return tokens


def one_piece(spelt: Sequence[tuple[str, tuple[Token, ...]]]) -> tuple[int, ...]:
    """The ids of words, as `tokenize_targets` gives them, that are one token each.

    Raises:
        BadInput: One has several, or two are the same to the model.
    """
    for number, (_, tokens) in enumerate(spelt, 1):
        if len(tokens) > 1:
            raise BadInput(
                "Word {number} to compare is {count} pieces to this model, and here it has to be one: name another.",
                number=number,
                count=len(tokens),
            )
    if len(spelt) < 2:
        raise BadInput("Those words are the same to the model: name two that differ.")
    return tuple(tokens[0].id for _, tokens in spelt)


def target_question(source: Tokenization, place: int, words: Sequence[tuple[int, ...]] = ()) -> TargetComparison:
    """How probable are words, given by their token ids, at one of the `answer_positions` of a text?"""
    ids = tuple(source.ids)
    if source.masks:
        return TargetComparison(ids[:place], ids[place + 1 :], ids[place], tuple(words))
    return TargetComparison(ids, (), None, tuple(words))
