"""How many tokens does a model read? The numbers are those to choose from, in order."""

from __future__ import annotations

from random import Random

from core.errors import Expired
from core.quiz.question import Numbers, Options
from core.results import Tokenization

NEAR = (1, 2, 3)
"""How far from the right number others are, on both sides; that of the words is one of them, too."""


def choose(result: Tokenization, random: Random) -> Numbers:
    """Choose four numbers: how many tokens there are, those that the tokenizer adds among them, and three others.

    The right one stands at any place among them as often as at any other.
    """
    count = len(result.tokens)
    others = {count + sign * step for step in NEAR for sign in (-1, 1)} | {len(result.words)}
    less = sorted(other for other in others if 0 < other < count)
    more = sorted(other for other in others if other > count)
    place = random.randint(0, min(3, len(less)))
    return tuple(sorted([count, *random.sample(less, place), *random.sample(more, 3 - place)]))


def judge(result: Tokenization, counts: Numbers) -> Options:
    """Say which number is right.

    Raises:
        Expired: None is.
    """
    if len(counts) != 4 or len({*counts}) < 4 or (count := len(result.tokens)) not in counts:
        raise Expired
    return Options(tuple(map(str, counts)), counts.index(count))
