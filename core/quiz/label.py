"""Which label does a classifier give, such as positive or negative? The numbers are labels, counted in their order."""

from __future__ import annotations

from random import Random

from core.errors import Expired
from core.quiz.question import NoQuestion, Numbers, Options
from core.results import Sentiment

AHEAD = 0.3
"""How far ahead of the next the first label must be."""


def choose(result: Sentiment, random: Random) -> Numbers | None:
    """Choose up to four labels, one of them that which the classifier gives; nothing if it is not sure.

    Raises:
        NoQuestion: The classifier does not choose between labels.
    """
    labels, scores = _labels(result), result.scores
    if result.problem != "single_label_classification" or len(labels) < 2:
        raise NoQuestion("That model does not choose between labels: take one that does.")
    if scores[0].value - scores[1].value < AHEAD:
        return None
    others = [label for label in labels if label != scores[0].label]
    shown = {scores[0].label, *random.sample(others, min(3, len(others)))}
    return tuple(number for number, label in enumerate(labels) if label in shown)


def judge(result: Sentiment, numbers: Numbers) -> Options:
    """Say which label the classifier gives.

    Raises:
        Expired: It has no such labels, or gives another.
    """
    labels = _labels(result)
    if not 2 <= len(numbers) <= 4 or len({*numbers}) < len(numbers) or max(numbers) >= len(labels):
        raise Expired
    names = tuple(labels[number] for number in numbers)
    if result.scores[0].label not in names:
        raise Expired
    return Options(names, names.index(result.scores[0].label))


def _labels(result: Sentiment) -> list[str]:
    return sorted(score.label for score in result.scores)
