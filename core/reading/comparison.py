"""Several tokenizers on one text: which ones, and how finely each cuts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from core.errors import BadInput
from core.results import ModelInfo, Tokenization

MAX_TOKENIZERS = 4
"""Side by side."""


@dataclass(frozen=True, slots=True)
class Fertility:
    """How finely a tokenizer cuts a text.

    Attributes:
        tokens: How many there are of the text itself.
        added: How many the tokenizer adds besides, which is counted nowhere else.
        per_word: Tokens for each word, as white space separates words (fertility: Rust et al. 2021,
            arXiv:2012.15613).
        per_character: Tokens for each character as a reader counts them (grapheme clusters).
        unknown: How many the vocabulary lacks.
    """

    tokens: int
    added: int
    per_word: float
    per_character: float
    unknown: int


def measure_fertility(source: Tokenization) -> Fertility:
    """Measure how finely a text is cut."""
    ordinary = [token for token in source.tokens if not token.special]
    words, characters = len(source.text.split()), len(regex.findall(r"\X", source.text))
    return Fertility(
        tokens=len(ordinary),
        added=len(source.tokens) - len(ordinary),
        per_word=len(ordinary) / max(1, words),
        per_character=len(ordinary) / max(1, characters),
        unknown=sum(token.unknown for token in ordinary),
    )


def split_names(text: str) -> list[str]:
    """The names in an option such as ``bundled/gpt-mini, bundled/bert-mini``."""
    return [name for part in re.split(r"[,;\n]", text) if (name := part.strip())]


def require_several(models: Sequence[ModelInfo]) -> None:
    """Refuse models of which not all can be compared, the first of which is compared in any case.

    Raises:
        BadInput: There are too few or too many, or one is there twice.
    """
    if len(models) < 2:
        raise BadInput("That is one tokenizer only: name another to compare it with.")
    if models[0] in models[1:]:
        raise BadInput(
            "The model {model} is compared in any case: name others in `compare:`, or another in `model:`.",
            model=models[0].name,
        )
    for model in models:
        if models.count(model) > 1:
            raise BadInput("You name the model {model} twice: leave out one, or name another.", model=model.name)
    if len(models) > MAX_TOKENIZERS:
        raise BadInput(
            "Those are {count} tokenizers and at most {most} fit side by side: leave some out.",
            count=len(models),
            most=MAX_TOKENIZERS,
        )
