"""What becomes of an answer when parts of the model are switched off, one at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.results.sentiment import ProblemType
from core.results.shown import Arrays, Columns, Shown, as_arrays, beginning, short
from core.results.tokenization import Tokenization


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a model that can be switched off.

    Attributes:
        stack: Of a model with an encoder and a decoder, ``encoder``, ``decoder`` or ``cross``, for the decoder's
            attention to the encoder; empty for any other model.
        layer: From 0, as arrays count; it is shown from 1.
        kind: One head, all heads of the layer, or its feed-forward part.
        head: Which head, from 0; ``None`` for a whole part.
    """

    stack: str
    layer: int
    kind: Literal["head", "attention", "feed-forward"]
    head: int | None = None

    def __repr__(self) -> str:
        of = f"{self.stack} " if self.stack else ""
        kind = self.kind if self.head is None else f"head {self.head + 1}"
        return f"<Part: {of}layer {self.layer + 1}, {kind}>"


@dataclass(frozen=True, slots=True)
class Guess:
    """An answer that a model could give.

    Attributes:
        word: The word, as the vocabulary has it, or the label.
        log_odds: The natural logarithm of p / (1 − p). Of a regression it is the number.
    """

    word: str
    log_odds: float

    @property
    def probability(self) -> float:
        """Its probability p; a regression has none."""
        return 1 / (1 + math.exp(min(-self.log_odds, 700.0)))


@dataclass(frozen=True, slots=True)
class Removal:
    """What is left without one part.

    Attributes:
        part: What was switched off.
        answer: The whole model's answer, as it is judged now.
        top: What is most probable now, the best first.
    """

    part: Part
    answer: Guess
    top: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class HeadsOff:
    """What is left without several heads at once, those that change least alone.

    Attributes:
        count: How many are off.
        answer: The whole model's answer, as it is judged now.
        top: What is most probable now, the best first.
    """

    count: int
    answer: Guess
    top: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class Ablation(Shown):
    """What each part of a model does for its most probable answer.

    Attributes:
        source: The text and its tokens.
        answer: The most probable answer of the whole model.
        top: That and the next ones.
        removals: One for each part: layer by layer its heads, then all of them, then its feed-forward part.
        together: What is left as more and more heads are off, in the end all of them.
        mean: Whether the mean of a part's output over the positions stood in for it, rather than zero.
        problem: What the numbers of a classifier are.
        labels: All its labels; none where the answer is a word.
        mask: Of several masks that at which it answers, from 1; the others are masked still.
        picked: What is left as heads of somebody's choice are off, one after the other: with each also those before it.
    """

    source: Tokenization
    answer: Guess
    top: tuple[Guess, ...]
    removals: tuple[Removal, ...]
    together: tuple[HeadsOff, ...] = ()
    mean: bool = False
    problem: ProblemType = "single_label_classification"
    labels: tuple[str, ...] = ()
    mask: int = 1
    picked: tuple[Removal, ...] = ()

    def change(self, removal: Removal | HeadsOff) -> float:
        """By how much the log-odds of the answer move without parts; of a regression, its number."""
        return removal.answer.log_odds - self.answer.log_odds

    @property
    def heads(self) -> tuple[Removal, ...]:
        """Those of single heads."""
        return tuple(one for one in self.removals if one.part.kind == "head")

    @property
    def strongest(self) -> Removal:
        """That of the head that changes most."""
        return max(self.heads, key=lambda one: abs(self.change(one)))

    @property
    def holds(self) -> int:
        """With how many heads off the answer is on top still, with fewer always; all steps are in `together`."""
        broken = next((n for n, one in enumerate(self.together) if one.top[0].word != self.answer.word), None)
        held = self.together if broken is None else self.together[:broken]
        return held[-1].count if held else 0

    def columns(self) -> Columns:
        """A row for each part, layers and heads from 1: the answer without it, and what is on top then."""
        parts = [one.part for one in self.removals]
        return {
            "stack": [part.stack for part in parts],
            "layer": [part.layer + 1 for part in parts],
            "part": [part.kind for part in parts],
            "head": [None if part.head is None else part.head + 1 for part in parts],
            "log_odds": [one.answer.log_odds for one in self.removals],
            "change": [self.change(one) for one in self.removals],
            "probability": [None if self.problem == "regression" else one.answer.probability for one in self.removals],
            "top": [one.top[0].word for one in self.removals],
        }

    @property
    def way(self) -> str:
        """The question that it answers, by the name of a method of the core."""
        return "ablate_label" if self.labels else "ablate_word"

    def to_arrays(self) -> Arrays:
        """The arrays of an ``.npz``: the columns, and the log-odds of the whole model's answer."""
        return as_arrays(self.columns()) | {"answer": np.array(self.answer.log_odds)}

    def __repr__(self) -> str:
        return short(self, self.answer.word.strip(), beginning(self.source.text), self.source.model.name)
