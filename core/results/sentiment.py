"""What the classifier answers, and what lies behind its answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from core.results.tokenization import Tokenization

TOO_CLOSE = 0.4
"""A binary classifier whose two probabilities are less than this apart is called uncertain."""


@dataclass(frozen=True, slots=True)
class Score:
    """A label and its probability (0 to 1)."""

    label: str
    probability: float


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
        windows: Of a text that is too long to be read at once, its windows, which overlap; `scores` then are those of
            the mean of their logits, weighted by their tokens.
    """

    source: Tokenization
    scores: tuple[Score, ...]
    windows: tuple[WindowScores, ...] = ()

    @property
    def cut(self) -> str:
        """What is left of the text behind the last window, and was not read."""
        return self.source.text[self.windows[-1].end :].strip() if self.windows else ""

    @property
    def uncertain(self) -> bool:
        """Whether two labels are too close to call; models with more labels have their own for what lies between."""
        return len(self.scores) == 2 and self.scores[0].probability - self.scores[1].probability < TOO_CLOSE


@dataclass(frozen=True, slots=True)
class SentimentBatch:
    """Several texts, each scored."""

    answers: tuple[Sentiment, ...]

    @property
    def source(self) -> Tokenization:
        """The first text."""
        return self.answers[0].source

    @property
    def label_counts(self) -> str:
        """How many texts have which label on top, such as ``2 POSITIVE, 1 NEGATIVE``."""
        counted = Counter(answer.scores[0].label for answer in self.answers)
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
    def labels(self) -> tuple[str, ...]:
        """The labels, the most probable of the first version first."""
        return tuple(score.label for score in self.answers[0].scores)

    def shares(self, label: str) -> tuple[float, ...]:
        """The probability of a label for each version."""
        return tuple({score.label: score.probability for score in answer.scores}[label] for answer in self.answers)


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
    """

    source: Tokenization
    label: str
    reasons: tuple[WordContribution, ...]
    logit: float
    start: float
    baseline: str
    steps: int

    @property
    def error(self) -> float:
        """The completeness error: how far the gradients' sum is from what it should be, as a share of that."""
        whole = self.logit - self.start
        missing = abs(sum(reason.gradients for reason in self.reasons) - whole)
        return missing / abs(whole) if whole else float(missing > 0)
