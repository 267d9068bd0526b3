"""What a classifier says in words, and the scale of its bars: shares of 1, or numbers on either side of zero."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.language import Language
from core.render.kit.wording import cautions
from core.render.kit.wording.words import percent, signed
from core.results import ProblemType, Score, Sentiment, SentimentBatch
from core.results.sentiment import LIKELY


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to 1, or of numbers from ``-most`` to `most`."""

    problem: ProblemType = "single_label_classification"
    most: float = 1.0

    @classmethod
    def of(cls, problem: ProblemType, values: Iterable[float]) -> Scale:
        """The scale for some values: numbers go as far as 1, 2 or 5 times a power of ten."""
        if problem != "regression":
            return cls(problem)
        return cls(problem, round_up(max(map(abs, values), default=0) or 1.0))

    @property
    def least(self) -> float:
        """Where it begins."""
        return -self.most if self.problem == "regression" else 0.0

    def span(self, value: float, pixels: int) -> tuple[int, int]:
        """Where a bar begins and ends on a track of so many pixels: from zero to its value."""
        zero, end = (round(pixels * (at - self.least) / (self.most - self.least)) for at in (0.0, value))
        return min(zero, end), max(zero, end)

    def ticks(self, say: Language) -> tuple[str, str, str]:
        """What is written at its beginning, its middle and its end."""
        if self.problem == "regression":
            return say.number(f"−{self.most:g}"), "0", say.number(f"{self.most:g}")
        return say.number("0%"), say.number("50%"), say.number("100%")


def round_up(largest: float) -> float:
    """The end of a scale: 1, 2 or 5 times a power of ten, no less than the largest value."""
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= largest)


def amount(say: Language, value: float, problem: ProblemType) -> str:
    """A probability as ``33.5%``, a number as ``−0.105``."""
    return number(say, value) if problem == "regression" else percent(say, value)


def number(say: Language, value: float) -> str:
    """``−0.105``, ``2.250``; of a very small one what it begins with."""
    shown = f"{value:z.3f}" if abs(value) >= 0.0005 or not value else f"{value:.1e}"
    return say.number(shown).replace("-", "−")


def change(say: Language, first: float, second: float, problem: ProblemType) -> str:
    """How far a value is from another: ``−50.0 points`` of a probability."""
    if problem == "regression":
        return signed(say, second - first, 3)
    return say("{points} points", points=signed(say, 100 * (second - first), 1))


def answer(say: Language, score: Score, problem: ProblemType) -> str:
    """``POSITIVE 98.0%``."""
    return f"{score.label} {amount(say, score.value, problem)}"


def verdict(say: Language, result: Sentiment) -> str:
    """What a classifier says of a text, in one sentence."""
    told = ", ".join(answer(say, score, result.problem) for score in result.given)
    if not told:
        highest = answer(say, result.scores[0], result.problem) if result.scores else ""
        return say("No label reaches {least} · highest: {answer}", least=percent_of(say, LIKELY), answer=highest)
    if result.uncertain:
        return say("The model is unsure: it leans to {answer}", answer=told)
    return say("The model says {answer}", answer=told)


def counted(say: Language, result: SentimentBatch) -> str:
    """How many texts there are, and how many are given which label."""
    labels, count = result.label_counts, len(result.answers)
    if result.problem == "multi_label_classification" and not labels:
        labels = say("no label reaches {least}", least=percent_of(say, LIKELY))
    return say("{count} texts: {labels}", count=count, labels=labels) if labels else say("{count} texts", count=count)


def percent_of(say: Language, share: float) -> str:
    """A round share: ``50%``."""
    return say.number(f"{share:.0%}")


def caution(say: Language, problem: ProblemType, labels: int) -> str:
    """What the numbers of a classifier with so many labels are not."""
    match problem:
        case "single_label_classification":
            return say(cautions.NO_NEUTRAL if labels == 2 else cautions.CALIBRATION)
        case "multi_label_classification":
            return say(cautions.ON_THEIR_OWN)
        case "regression":
            return say(cautions.NUMBERS)
