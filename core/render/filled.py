"""What stands beside the words for a mask: masks filled together, and words that were to be compared."""

from __future__ import annotations

from collections.abc import Iterator

from core.render.bars import Bar, Group
from core.render.labels import visible
from core.render.palette import Colours
from core.render.words import percent
from core.results import Filling, Unmasked


def name(word: str) -> str:
    """A token without the space that byte-level vocabularies put before it, or that space made visible."""
    return visible(word.strip() or word)


def chance(probability: float) -> str:
    """A probability that may be very small."""
    return percent(probability) if probability >= 0.0005 else f"{probability:.1e}"


def spoken(filling: Filling) -> str:
    """``surest first (masks 2, 1): Paris · France, joint probability 4.1 %``."""
    order = ", ".join(str(number + 1) for number in filling.order)
    text = " · ".join(map(name, filling.words))
    return f"{filling.method} (masks {order}): {text}, joint probability {chance(filling.probability)}"


def filling_notes(result: Unmasked) -> tuple[str, ...]:
    """The fillings as sentences."""
    return tuple(f"All masks together, {spoken(filling)}." for filling in result.fillings)


def target_groups(result: Unmasked, palette: Colours) -> list[Group]:
    """Bars of the words to compare: over the whole vocabulary, and among each other."""
    if not result.targets:
        return []
    overall = [Bar(target.word, target.probability, palette.bar) for target in result.targets]
    shares = [Bar(target.word, result.share(target), palette.second) for target in result.targets]
    return [Group("compared: probability over the vocabulary", overall), Group("compared: share among these", shares)]


def rows(result: Unmasked) -> Iterator[tuple[str, str, str, str]]:
    """Rows for a table of mask, rank, word and probability."""
    for filling in result.fillings:
        yield "all", filling.method, " · ".join(map(name, filling.words)), f"{filling.probability:.3g}"
    for target in result.targets:
        yield "compared", f"share {percent(result.share(target))}", target.word, f"{target.probability:.3g}"
