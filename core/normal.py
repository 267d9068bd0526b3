"""What a tokenizer did to a text before it cut it, in words."""

from __future__ import annotations

import unicodedata

from core.results import Tokenization

_INVISIBLE = ("Cc", "Cf")


def changes(source: Tokenization) -> list[str]:
    """What normalisation changed, such as "upper case became lower case"; nothing where the text stayed as it was."""
    before, after = source.text, source.normal
    if after is None or after == before:
        return []
    invisible = _invisible(before) - _invisible(after)
    found = [
        f"{invisible} invisible character{'s were' if invisible > 1 else ' was'} taken out" if invisible > 0 else "",
        "upper case became lower case" if _upper(before) and not _upper(after) else "",
        "accents were dropped" if _accents(before) > _accents(after) else "",
        "Chinese characters got spaces around them" if after.count(" ") > _spaces(before) else "",
    ]
    return [change for change in found if change] or ["some characters were replaced by others"]


def _invisible(text: str) -> int:
    return sum(unicodedata.category(char) in _INVISIBLE and not char.isspace() for char in text)


def _upper(text: str) -> bool:
    return text != text.lower()


def _accents(text: str) -> int:
    return sum(unicodedata.category(char) == "Mn" for char in unicodedata.normalize("NFD", text))


def _spaces(text: str) -> int:
    return sum(char.isspace() for char in text)
