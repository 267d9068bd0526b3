"""What each word of a text does for a classifier's answer."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.sentiment import ProblemType
from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization


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
class Explanation(Shown):
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

    def columns(self) -> Columns:
        """A row for each word, in logits."""
        return {
            "word": [reason.word for reason in self.reasons],
            "gradients": [reason.gradients for reason in self.reasons],
            "masked": [reason.masked for reason in self.reasons],
        }

    def __repr__(self) -> str:
        return short(self, self.label, beginning(self.source.text), self.source.model.name)
