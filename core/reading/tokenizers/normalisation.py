"""What a tokenizer did to a text before it cut it, in words."""

from __future__ import annotations

import unicodedata

from core.results import Tokenization

_INVISIBLE = ("Cc", "Cf")

CHANGES = (
    "invisible characters were taken out",
    "upper case became lower case",
    "accents were dropped",
    "spaces were put around Chinese characters",
    "some characters were replaced by others",
)
"""What can be found."""


def find_changes(source: Tokenization) -> list[str]:
    """Those of `CHANGES` that normalisation made; nothing where the text stayed as it was."""
    before, after = source.text, source.normalised
    if after is None or after == before:
        return []
    made = (
        _invisible(before) > _invisible(after),
        _upper(before) > _upper(after),
        _accents(before) > _accents(after),
        after.count(" ") > _spaces(before),
    )
    *known, other = CHANGES
    return [change for change, so in zip(known, made, strict=True) if so] or [other]


def _invisible(text: str) -> int:
    return sum(unicodedata.category(char) in _INVISIBLE and not char.isspace() for char in text)


def _upper(text: str) -> int:
    return sum(char != char.lower() for char in text)


def _accents(text: str) -> int:
    return sum(unicodedata.category(char) == "Mn" for char in unicodedata.normalize("NFD", text))


def _spaces(text: str) -> int:
    return sum(char.isspace() for char in text)
