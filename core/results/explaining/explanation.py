"""What each word of a text does for a model's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.results.sentiment import ProblemType
from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization


@dataclass(frozen=True, slots=True)
class WordContribution:
    """What one word does for an answer, in logits: positive speaks for it.

    Attributes:
        word: The word as it was written.
        gradients: Integrated gradients of its tokens, added up.
        masked: How much the logit falls when this word alone is replaced by the baseline's token.
    """

    word: str
    gradients: float
    masked: float


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that a model could give, so that one can ask about it.

    Attributes:
        number: That of the label, or the id of the token.
        name: The label, or the token as text.
        value: Its probability, or of a regression its number.
    """

    number: int
    name: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation(Shown):
    """Which words speak for an answer, or for it rather than another.

    Attributes:
        source: The text and its tokens.
        answer: The label or the word.
        reasons: One for each word that the model read, in reading order.
        logit: The answer's logit for the text, less that of the other one.
        start: The same for the baseline.
        baseline: The token that replaces every word in the baseline; special tokens and masks are kept.
        steps: Of the integral, by the midpoint rule.
        problem: What the classifier's numbers are; of a regression its only logit is the number.
        labels: All labels of the classifier; none where the answer is a word.
        rather: The answer that it is compared with, if any.
        choices: What could be asked about, the most probable first.
        mask: Of several masks the one that is asked about, from 1.
        compared: Words that somebody wanted to compare there, as they were typed.
    """

    source: Tokenization
    answer: Choice
    reasons: tuple[WordContribution, ...]
    logit: float
    start: float
    baseline: str
    steps: int
    problem: ProblemType = "single_label_classification"
    labels: tuple[str, ...] = ()
    rather: Choice | None = None
    choices: tuple[Choice, ...] = ()
    mask: int = 1
    compared: str = ""

    @property
    def way(self) -> str:
        """The question that it answers, by the name of a method of the core."""
        return "why" if self.labels else "why_word"

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

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name."""
        return {name: np.array(column) for name, column in self.columns().items()} | {
            "logit": np.array(self.logit),
            "start": np.array(self.start),
            "steps": np.array(self.steps),
        }

    def __repr__(self) -> str:
        other = f"rather than {self.rather.name.strip()}" if self.rather else ""
        told = f"{self.answer.name.strip()} {other}".strip()
        return short(self, told, beginning(self.source.text), self.source.model.name)


def explained_words(source: Tokenization) -> tuple[tuple[int, ...], ...]:
    """The positions of the tokens of each word that may speak for an answer: masks say nothing."""
    masks = set(source.masks)
    return tuple(word for word in source.words if not masks & set(word))
