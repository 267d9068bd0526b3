"""What stands beside the words for a mask: masks filled together, and words that were to be compared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from core.language import Language
from core.render.kit.bars import Bar, Group
from core.render.kit.drawing.palette import Colours
from core.render.kit.wording import cautions
from core.render.kit.wording.labels import visible
from core.render.kit.wording.words import percent
from core.results import Filling, Unmasked

FEW_MASKS = 3
"""Of more, shares among compared words are only in the table: pictures would be too tall."""


def display_token(word: str) -> str:
    """A token without the space that byte-level vocabularies put before it, or that space made visible."""
    return visible(word.strip() or word)


def format_probability(say: Language, probability: float) -> str:
    """A probability that may be very small."""
    return percent(say, probability) if probability >= 0.0005 else say.number(f"{probability:.1e}")


def filling_notes(say: Language, result: Unmasked) -> tuple[str, ...]:
    """The fillings as sentences."""
    return tuple(_spoken(say, ways, filling) for ways, filling in group_identical(say, result))


def group_identical(say: Language, result: Unmasked) -> list[tuple[str, Filling]]:
    """Each filling once, with all the ways that led to it: ``surest first, beam search``."""
    alike: dict[tuple[tuple[str, ...], tuple[int, ...]], list[Filling]] = {}
    for filling in result.fillings:
        alike.setdefault((filling.words, filling.order), []).append(filling)
    return [(", ".join(say(filling.method) for filling in same), same[0]) for same in alike.values()]


def at_mask(say: Language, number: int, count: int, rest: str = "") -> str:
    """``mask 2 of 3, REST``, or only the rest where there is one mask."""
    mask = say("mask {number} of {count}", number=number, count=count) if count > 1 else ""
    return ", ".join(filter(None, [mask, rest]))


def unread(result: Unmasked) -> str:
    """What a model that goes from left to right has not read: the gap and what is behind it, if there is a gap."""
    return result.source.text[result.source.tokens[-1].end :].strip()


def caution_note(say: Language, result: Unmasked) -> str:
    """What the numbers are not."""
    masked = bool(result.source.masks)
    if any(len(target.pieces) > 1 for target in chain(*result.targets)):
        return say(cautions.WHOLE_WORDS if masked else cautions.CHAIN)
    if not masked:
        return say(cautions.LEFT_TO_RIGHT if unread(result) else cautions.GOES_ON)
    return say(cautions.MARGINALS if len(result.masks) > 1 else cautions.ONE_ENTRY)


def target_groups(say: Language, result: Unmasked, palette: Colours) -> Iterator[Group]:
    """For each mask bars of the words to compare there: over the vocabulary, and of few masks among each other."""
    for number, targets in enumerate(result.targets, 1):
        at = partial(at_mask, say, number, len(result.targets))
        overall = [Bar(target.word, target.probability, palette.bar) for target in targets]
        shares = [Bar(target.word, target.share(targets), palette.bar) for target in targets]
        yield Group(at(say("compared: probability over the vocabulary")), overall)
        if len(result.targets) <= FEW_MASKS:
            yield Group(at(say("compared: share among these")), shares)


def target_sentences(say: Language, result: Unmasked) -> Iterator[str]:
    """For each mask a sentence about the words to compare there."""
    for number, targets in enumerate(result.targets, 1):
        told = ", ".join(f"{target.word} {format_probability(say, target.probability)}" for target in targets)
        if len(result.targets) > 1:
            yield say("Compared at mask {number}: {words}.", number=number, words=told)
        else:
            yield say("Compared: {words}.", words=told)


def filling_rows(say: Language, result: Unmasked) -> Iterator[tuple[str, str, str, str]]:
    """Rows for a table of mask, rank, word and probability."""
    for filling in result.fillings:
        text = " · ".join(map(display_token, filling.words))
        yield say("all"), say(filling.method), text, say.number(f"{filling.probability:.3g}")
    for number, targets in enumerate(result.targets, 1):
        for target in targets:
            rank = say("compared, share {share}", share=percent(say, target.share(targets)))
            yield str(number), rank, target.word, say.number(f"{target.probability:.3g}")


def _spoken(say: Language, ways: str, filling: Filling) -> str:
    """``All masks together, surest first (masks 2, 1): Paris · France, joint probability 4.1%.``."""
    return say(
        "All masks together, {method} (masks {order}): {words}, joint probability {chance}.",
        method=ways,
        order=", ".join(str(number + 1) for number in filling.order),
        words=" · ".join(map(display_token, filling.words)),
        chance=format_probability(say, filling.probability),
    )
