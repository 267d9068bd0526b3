"""What the classifier answers, and what lies behind its answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from core.results.tokenization import Tokenization

ProblemType = Literal["single_label_classification", "multi_label_classification", "regression"]
"""What the numbers of a classifier are, as transformers calls it: probabilities that sum to 1, probabilities of labels
that are each judged on their own, or numbers on a scale of the model's own."""

TOO_CLOSE = 0.4
"""A binary classifier whose two probabilities are less than this apart is called uncertain."""

LIKELY = 0.5
"""A label that is judged on its own is given from this probability on."""


@dataclass(frozen=True, slots=True)
class Score:
    """A label and its probability (0 to 1), or of a regression its number: see `ProblemType`."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class WindowScores:
    """How a classifier reads a stretch of a text that is too long to be read at once.

    Attributes:
        start: Where it begins in the text, in code points.
        end: Where it ends, exclusive.
        tokens: How many tokens it has.
        scores: Every label, the most probable first.
    """

    start: int
    end: int
    tokens: int
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a classifier reads a text.

    Attributes:
        source: The text and its tokens.
        scores: Every label, the most probable first.
        problem: What their values are.
        windows: Of a text that is too long to be read at once, its windows, which overlap; `scores` then are those of
            the mean of their logits, weighted by their tokens.
    """

    source: Tokenization
    scores: tuple[Score, ...]
    windows: tuple[WindowScores, ...] = ()
    problem: ProblemType = "single_label_classification"

    @property
    def cut(self) -> str:
        """What is left of the text behind the last window, and was not read."""
        return self.source.text[self.windows[-1].end :].strip() if self.windows else ""

    @property
    def given(self) -> tuple[Score, ...]:
        """The labels that it gives: the most probable; each that is likely, if any; of a regression all, as numbers."""
        match self.problem:
            case "single_label_classification":
                return self.scores[:1]
            case "multi_label_classification":
                return tuple(score for score in self.scores if score.value >= LIKELY)
            case "regression":
                return self.scores

    @property
    def uncertain(self) -> bool:
        """Whether two labels are too close to call; models with more labels have their own for what lies between."""
        alone = self.problem == "single_label_classification" and len(self.scores) == 2
        return alone and self.scores[0].value - self.scores[1].value < TOO_CLOSE


@dataclass(frozen=True, slots=True)
class SentimentBatch:
    """Several texts, each scored."""

    answers: tuple[Sentiment, ...]

    @property
    def source(self) -> Tokenization:
        """The first text."""
        return self.answers[0].source

    @property
    def problem(self) -> ProblemType:
        """What their values are."""
        return self.answers[0].problem

    @property
    def label_counts(self) -> str:
        """How many texts are given which label, such as ``2 POSITIVE, 1 NEGATIVE``; empty for numbers."""
        given = (score.label for answer in self.answers for score in answer.given)
        counted = Counter(given if self.problem != "regression" else ())
        return ", ".join(f"{count} {label}" for label, count in counted.most_common())


@dataclass(frozen=True, slots=True)
class Variants:
    """Versions of a text, each scored.

    Attributes:
        names: What to call each version.
        answers: How the classifier reads each.
        template: The text with a slot that they were made from; empty for a text that somebody changed.
    """

    names: tuple[str, ...]
    answers: tuple[Sentiment, ...]
    template: str = ""

    @property
    def source(self) -> Tokenization:
        """The first version."""
        return self.answers[0].source

    @property
    def problem(self) -> ProblemType:
        """What the values of their scores are."""
        return self.answers[0].problem

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, the most probable of the first version first."""
        return tuple(score.label for score in self.answers[0].scores)

    def values(self, label: str) -> tuple[float, ...]:
        """The probability of a label, or its number, for each version."""
        return tuple({score.label: score.value for score in answer.scores}[label] for answer in self.answers)


@dataclass(frozen=True, slots=True)
class WordContribution:
    """What one word does for a label, in logits: positive speaks for it.

    Attributes:
        word: The word as it was written.
        gradients: Integrated gradients of its tokens, added up.
        masked: How much the logit falls when this word alone is replaced by the baseline's token.
    """

    word: str
    gradients: float
    masked: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which words speak for the most probable label.

    Attributes:
        source: The text and its tokens.
        label: The label.
        reasons: One for each word, in reading order.
        logit: The label's logit for the text.
        start: Its logit for the baseline.
        baseline: The token that replaces every word in the baseline; special tokens are kept.
        steps: Of the integral, by the midpoint rule.
        problem: What the classifier's numbers are; of a regression its only logit is the number.
        labels: All labels of the classifier.
    """

    source: Tokenization
    label: str
    reasons: tuple[WordContribution, ...]
    logit: float
    start: float
    baseline: str
    steps: int
    problem: ProblemType = "single_label_classification"
    labels: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        """The completeness error: how far the gradients' sum is from what it should be, as a share of that."""
        whole = self.logit - self.start
        missing = abs(sum(reason.gradients for reason in self.reasons) - whole)
        return missing / abs(whole) if whole else float(missing > 0)
