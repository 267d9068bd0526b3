"""What stands beside the words for a mask: masks filled together, and words that were to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from core.render import cautions
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
    """``surest first (masks 2, 1): Paris · France, joint probability 4.1%``."""
    order = ", ".join(str(number + 1) for number in filling.order)
    text = " · ".join(map(name, filling.words))
    return f"{filling.method} (masks {order}): {text}, joint probability {chance(filling.probability)}"


def filling_notes(result: Unmasked) -> tuple[str, ...]:
    """The fillings as sentences."""
    return tuple(f"All masks together, {spoken(filling)}." for filling in result.fillings)


def at_mask(number: int, count: int, rest: str = "") -> str:
    """``mask 2 of 3, REST``, or only the rest where there is one mask."""
    return ", ".join(filter(None, [f"mask {number} of {count}" if count > 1 else "", rest]))


def cautious(result: Unmasked) -> Iterator[str]:
    """What the numbers are not."""
    masked = bool(result.source.masks)
    if any(len(target.pieces) > 1 for target in chain(*result.targets)):
        yield cautions.WHOLE_WORDS if masked else cautions.CHAIN
    yield cautions.MARGINALS if masked else cautions.LEFT_TO_RIGHT


def target_groups(result: Unmasked, palette: Colours) -> Iterator[Group]:
    """For each mask bars of the words to compare there: over the whole vocabulary, and among each other."""
    for number, targets in enumerate(result.targets, 1):
        at = partial(at_mask, number, len(result.targets))
        overall = [Bar(target.word, target.probability, palette.bar) for target in targets]
        shares = [Bar(target.word, target.share(targets), palette.second) for target in targets]
        yield Group(at("compared: probability over the vocabulary"), overall)
        yield Group(at("compared: share among these"), shares)


def compared(result: Unmasked) -> Iterator[str]:
    """For each mask a sentence about the words to compare there."""
    for number, targets in enumerate(result.targets, 1):
        told = ", ".join(f"{target.word} {chance(target.probability)}" for target in targets)
        yield f"Compared{f' at mask {number}' if len(result.targets) > 1 else ''}: {told}."


def rows(result: Unmasked) -> Iterator[tuple[str, str, str, str]]:
    """Rows for a table of mask, rank, word and probability."""
    for filling in result.fillings:
        yield "all", filling.method, " · ".join(map(name, filling.words)), f"{filling.probability:.3g}"
    for number, targets in enumerate(result.targets, 1):
        for target in targets:
            rank = f"compared, share {percent(target.share(targets))}"
            yield str(number), rank, target.word, f"{target.probability:.3g}"
