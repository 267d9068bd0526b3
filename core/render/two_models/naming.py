"""How two models are called in one picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.language import Language
from core.render.kit.wording import words
from core.results import TwoModels


def short_names(result: TwoModels[Any], quote: words.Quote | None = None) -> tuple[str, str]:
    """The names of both without whose they are, unless that is all that tells them apart."""
    first, second = ([model.name, model.name.rpartition("/")[2]] for model in result.models)
    which, write = int(first[1] != second[1]), quote or (lambda name: name)
    return write(first[which]), write(second[which])


def both_named(say: Language, result: TwoModels[Any]) -> str:
    """A line that names both models."""
    first, second = result.models
    return say("Models: {first} and {second}", first=first.name, second=second.name)


def unknown_to(say: Language, result: TwoModels[Any]) -> tuple[str, ...]:
    """A warning of what the vocabulary of each lacks."""
    return tuple(
        say("{model}: {reason}", model=name, reason=warning)
        for name, answer in zip(short_names(result), result.answers, strict=True)
        for warning in words.unknown_words(say, answer.source)
    )


def by_model(result: TwoModels[Any]) -> Iterator[tuple[str, Any]]:
    """Each model's short name, and its answer."""
    return zip(short_names(result), result.answers, strict=True)
