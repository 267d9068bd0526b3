"""How many tokens does a model read? The numbers are those to choose from, in order."""

from __future__ import annotations

from random import Random

from core.errors import Expired
from core.quiz.question import Numbers, Options
from core.results import Tokenization

NEAR = (-3, -2, -1, 1, 2, 3)
"""How far from the right number others are; that of the words is one of them, too."""


def choose(result: Tokenization, random: Random) -> Numbers:
    """Choose four numbers: how many tokens there are, those that the tokenizer adds among them, and three others."""
    count = len(result.tokens)
    others = {count + step for step in NEAR if count + step > 0} | {len(result.words)} - {0, count}
    return tuple(sorted([count, *random.sample(sorted(others), 3)]))


def judge(result: Tokenization, counts: Numbers) -> Options:
    """Say which number is right.

    Raises:
        Expired: None is.
    """
    if len(counts) != 4 or len({*counts}) < 4 or (count := len(result.tokens)) not in counts:
        raise Expired
    return Options(tuple(map(str, counts)), counts.index(count))
