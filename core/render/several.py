"""How a classifier reads several texts, or the windows of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.render import cautions, words
from core.render.frame import WIDTH, Frame, framed
from core.render.palette import Theme
from core.render.stacks import ROW, Stack, draw_stacks, order
from core.results import Drawing, Sentiment, Several, Table, Tokenization


@dataclass(frozen=True, slots=True)
class SeveralStrips:
    """A row for each text: how it begins, the shares of the labels, the label on top.

    Attributes:
        result: The texts and their scores.
        theme: Dark or light.
    """

    result: Several
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw the rows."""
        answers = self.result.answers
        title = f"{len(answers)} texts: {self.result.verdicts}"
        stacks = [Stack(words.quote(answer.source.text, 60), answer.scores) for answer in answers]
        return _drawn(title, self.result.source, stacks, (), self.theme)

    def table(self) -> Table:
        """List every text with the label on top and the probability of every label."""
        stacks = [Stack(words.quote(answer.source.text, 60), answer.scores) for answer in self.result.answers]
        return _listed("text", stacks)


@dataclass(frozen=True, slots=True)
class WindowStrips:
    """A row for a long text and for each of its windows: how it begins, the shares of the labels, the label on top.

    Attributes:
        result: What the classifier answered.
        theme: Dark or light.
    """

    result: Sentiment
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw the rows."""
        result, count = self.result, len(self.result.windows)
        whole = Stack("", result.scores).verdict
        title = f"Uncertain: {whole}" if result.uncertain else whole
        note = (
            f"Too long to be read at once: read in {count} windows that overlap. The first row is the mean of their "
            "logits, weighted by their tokens."
        )
        missing = f"{len(result.cut):,} characters at the end were not read." if result.cut else ""
        return _drawn(title, result.source, self._stacks(), tuple(filter(None, (note, missing))), self.theme)

    def table(self) -> Table:
        """List every window with the label on top and the probability of every label."""
        return _listed("window", self._stacks())

    def _stacks(self) -> list[Stack]:
        text = self.result.source.text
        parts = [
            Stack(f"{number}. {words.quote(text[part.start : part.end], 60)}", part.scores)
            for number, part in enumerate(self.result.windows, 1)
        ]
        return [Stack("the whole text", self.result.scores), *parts]


def _drawn(title: str, source: Tokenization, stacks: Sequence[Stack], notes: tuple[str, ...], theme: Theme) -> Drawing:
    labels, model = order(stacks), source.model
    caution = cautions.NO_NEUTRAL if len(labels) == 2 else cautions.CALIBRATION
    said = (f"From left to right: {', '.join(labels)}.", *notes, caution, f"Model: {model.name}")
    frame = Frame(title, (), (*said, *words.bundled_note(model)), WIDTH, len(stacks) * ROW, theme)
    canvas, top = framed(frame)
    draw_stacks(canvas, top, stacks)
    told = ", ".join(f"“{words.quote(stack.name, 40)}” {stack.verdict}" for stack in stacks)
    alt = words.alt(f"Sentiment by {model.name}: {title}.", *notes, f"{told}.")
    return Drawing(canvas.png(), alt, canvas.width, canvas.height)


def _listed(what: str, stacks: Sequence[Stack]) -> Table:
    labels = order(stacks)
    rows = [
        (stack.name, stack.scores[0].label, *(f"{dict(stack.shares)[label]:.4f}" for label in labels))
        for stack in stacks
    ]
    return words.table((what, "on top", *labels), rows)
