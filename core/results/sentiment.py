"""What the classifier answers, and what lies behind its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.results.shown import Columns, Shown, beginning, counted, short
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
class Sentiment(Shown):
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

    def columns(self) -> Columns:
        """Every label with its probability, or its number."""
        return {"label": [score.label for score in self.scores], "score": [score.value for score in self.scores]}

    def __repr__(self) -> str:
        return short(self, *_spoken(self.given), beginning(self.source.text), self.source.model.name)


@dataclass(frozen=True, slots=True)
class SentimentBatch(Shown):
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

    def columns(self) -> Columns:
        """A row for each text: its label, and the probability of every label, or its number."""
        return {"text": [answer.source.text for answer in self.answers], **_by_label(self.answers)}

    def __repr__(self) -> str:
        return short(self, counted(len(self.answers), "text"), self.label_counts, self.source.model.name)


@dataclass(frozen=True, slots=True)
class Variants(Shown):
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

    def columns(self) -> Columns:
        """A row for each version: its label, and the probability of every label, or its number."""
        return {"version": self.names, **_by_label(self.answers)}

    def __repr__(self) -> str:
        text = self.template or self.source.text
        return short(self, f"{len(self.names)} versions", beginning(text), self.source.model.name)


def _spoken(scores: Sequence[Score]) -> list[str]:
    return [f"{score.label} {score.value:.3f}" for score in scores]


def _by_label(answers: Sequence[Sentiment]) -> Columns:
    labels = sorted({score.label for answer in answers for score in answer.scores})
    values = [{score.label: score.value for score in answer.scores} for answer in answers]
    given = [", ".join(score.label for score in answer.given) for answer in answers]
    return {"label": given, **{label: [scores.get(label) for scores in values] for label in labels}}
