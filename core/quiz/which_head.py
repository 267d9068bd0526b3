"""Which of four heads does what a sentence says? The numbers: of `PATTERNS`, and layer and head of each, from 0."""

from __future__ import annotations

from random import Random

import numpy as np

from core.errors import Expired, TooLong
from core.maps import measures
from core.quiz.question import Numbers, Options
from core.results import AttentionMap

PATTERNS = ("previous", "next", "self", "first", "separator", "punctuation", "broad")
"""What is asked for: keys of `core.maps.measures.BEHAVIOURS`."""

FITS, FITS_NOT = 0.5, 0.2
"""From which share of its attention on a head fits a description, and up to which it clearly does not."""

BROAD, NARROW = 0.8, 0.55
"""The same of a broad head: its entropy, from 0 to 1."""

MOST_TOKENS = 32
"""Of a text whose heads are drawn as small pictures."""


def choose(attention: AttentionMap, random: Random) -> Numbers | None:
    """Choose a description, a head that fits it, and three that clearly do not; nothing if there are none.

    Raises:
        TooLong: The text has more tokens than small pictures can show.
    """
    count = len(attention.source.tokens)
    if count > MOST_TOKENS:
        raise TooLong(count, MOST_TOKENS)
    scores, kinds = measures.fits(attention), measures.behaviours(attention)
    found: list[tuple[int, list[list[int]], list[list[int]]]] = []
    for number, name in enumerate(PATTERNS):
        least, most = (BROAD, NARROW) if name == "broad" else (FITS, FITS_NOT)
        fitting, others = (np.argwhere(flags).tolist() for flags in (scores[name] >= least, scores[name] <= most))
        if fitting and len(others) >= 3:
            found.append((number, fitting, others))
    if not found:
        return None
    number, fitting, others = random.choice(found)
    random.shuffle(others)
    different = [*{kinds[layer][head].name: [layer, head] for layer, head in others}.values()]  # in what they do
    others = [*different, *(head for head in others if head not in different)]
    heads = [random.choice(fitting), *others[:3]]
    random.shuffle(heads)
    return (number, *(place for head in heads for place in head))


def judge(attention: AttentionMap, numbers: Numbers) -> Options:
    """Say which of four heads fits the description best.

    Raises:
        Expired: There are no such heads.
    """
    if len(numbers) != 9 or numbers[0] >= len(PATTERNS):
        raise Expired
    heads = heads_of(numbers)
    if any(layer >= attention.layers or head >= attention.heads for layer, head in heads) or len({*heads}) < 4:
        raise Expired
    scores = measures.fits(attention)[PATTERNS[numbers[0]]]
    right = max(range(4), key=lambda place: float(scores[heads[place]]))
    return Options(("1", "2", "3", "4"), right)


def heads_of(numbers: Numbers) -> list[tuple[int, int]]:
    """The heads that a question is about: layer and head, from 0."""
    return list(zip(numbers[1::2], numbers[2::2], strict=True))
