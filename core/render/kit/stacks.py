"""Verdicts on several texts, or on the windows of one: a strip for each, split into the shares of its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from core.language import Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour, Colours, label_colours
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, WIDTH
from core.render.kit.wording.scores import Scale, answer
from core.results import ProblemType, Score
from core.results.sentiment import LIKELY

ROW = 44  # pixels from one strip to the next
_MOST_NAMED = 12  # labels that are named with their colours
_THICK, _LETTERS, _NAME, _VERDICT, _GAP = 26, 22, 250, 200, 16  # pixels


@dataclass(frozen=True, slots=True)
class Stack:
    """The probabilities of all labels, or their numbers, under a name."""

    name: str
    scores: tuple[Score, ...]
    problem: ProblemType = "single_label_classification"

    @property
    def given(self) -> tuple[Score, ...]:
        """The label on top, or those that are judged on their own and likely."""
        if self.problem != "multi_label_classification":
            return self.scores[:1]
        return tuple(score for score in self.scores if score.value >= LIKELY)

    def verdict(self, say: Language) -> str:
        """``POSITIVE 98.0%``; ``none (insult 0.5%)`` where no label that is judged on its own is likely."""
        told = ", ".join(answer(say, score, self.problem) for score in self.given or self.scores[:1])
        return told if self.given else say("none ({answer})", answer=told)

    def short_verdict(self, say: Language) -> str:
        """The same with the first label only, and how many more there are: ``toxic 98.0% +1``."""
        first, more = replace(self, scores=self.scores[:1]).verdict(say), len(self.given) - 1
        return f"{first} +{more}" if more > 0 else first

    @property
    def values(self) -> dict[str, float]:
        """The probability, or the number, of each label."""
        return {score.label: score.value for score in self.scores}


def order(stacks: Sequence[Stack]) -> list[str]:
    """The labels as they stand on every strip: bad, neutral, good; by name where that is not known."""
    ranks = {"neg": 0, "pos": 2}
    labels = {score.label for stack in stacks for score in stack.scores}
    return sorted(labels, key=lambda label: (ranks.get(label.casefold()[:3], 1), label))


def scale_of(stacks: Sequence[Stack]) -> Scale:
    """The scale of all strips."""
    return Scale.of(stacks[0].problem, (stack.scores[0].value for stack in stacks))


def draw_stacks(say: Language, canvas: Canvas, top: int, stacks: Sequence[Stack]) -> None:
    """Draw a row for each: its name, a strip from 0 to 1 in which each label has its share, the label on top.

    Of values that are no shares of one whole, the highest is drawn as a bar.
    """
    labels, palette = order(stacks), canvas.colours
    painted = label_colours(labels, palette)
    left, right = MARGIN + _NAME + _GAP, WIDTH - MARGIN - _VERDICT - _GAP
    scale = scale_of(stacks)
    for number, stack in enumerate(stacks):
        y = top + number * ROW + (ROW - _THICK) // 2
        baseline, track = y + _THICK - 5, (left, y, right, y + _THICK)
        canvas.write(MARGIN, baseline, line(fit(stack.name, _NAME, _LETTERS), _LETTERS))
        verdict = line(fit(stack.short_verdict(say), _VERDICT, _LETTERS - 2), _LETTERS - 2)
        canvas.write(WIDTH - MARGIN, baseline, verdict, palette.dim, align="right")
        if scale.problem != "single_label_classification":
            canvas.bar(track, palette.track, 6)
            canvas.bar(track, painted[stack.scores[0].label], 6, *scale.span(stack.scores[0].value, right - left))
            continue
        shares = [stack.values.get(label, 0.0) for label in labels]
        ends = [round((right - left) * min(1.0, end)) for end in accumulate(shares, initial=0.0)]
        for label, (start, end) in zip(labels, pairwise(ends), strict=True):
            canvas.bar(track, painted[label], 6, start, end - 2)


def marks_of(stacks: Sequence[Stack], palette: Colours) -> list[tuple[str, Colour]]:
    """The labels with their colours, as they stand on the strips; of very many, those that are on top somewhere."""
    labels, top = order(stacks), {stack.scores[0].label for stack in stacks}
    painted = label_colours(labels, palette)
    return [(label, painted[label]) for label in labels if len(labels) <= _MOST_NAMED or label in top]
