"""How a classifier reads several texts, or the windows of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import words
from core.render.kit.frame import WIDTH, Frame, draw_frame
from core.render.kit.palette import Theme
from core.render.kit.scores import counted, verdict, warnings
from core.render.kit.stacks import ROW, Stack, draw_stacks, order, scale_of
from core.render.kit.view import Picture
from core.results import Drawing, Sentiment, SentimentBatch, Table, Tokenization


@dataclass(frozen=True, slots=True)
class SentimentStrips(Picture):
    """A row for each text: how it begins, the shares of the labels, the label on top.

    Attributes:
        result: The texts and their scores.
        theme: Dark or light.
        say: The language.
    """

    result: SentimentBatch
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw the rows."""
        say, result = self.say, self.result
        return _drawn(self, counted(say, result), result.source, self._stacks())

    def table(self) -> Table:
        """List every text with the labels that it is given and the probability of every label."""
        say = self.say
        return _listed(say, say("text"), self._stacks())

    def _stacks(self) -> list[Stack]:
        return [
            Stack(words.quote(answer.source.text, 60), answer.scores, answer.problem) for answer in self.result.answers
        ]


@dataclass(frozen=True, slots=True)
class WindowStrips(Picture):
    """A row for a long text and for each of its windows: how it begins, the shares of the labels, the label on top.

    Attributes:
        result: What the classifier answered.
        theme: Dark or light.
        say: The language.
    """

    result: Sentiment
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw the rows."""
        say, result = self.say, self.result
        title = verdict(say, result)
        if result.uncertain:
            title = say("Uncertain: {verdict}", verdict=title)
        notes = [
            say("Too long to be read at once: read in {count} windows that overlap.", count=len(result.windows))
            + " "
            + say("The first row is the mean of their logits, weighted by their tokens.")
        ]
        if result.cut:
            notes.append(say("{count:,} characters at the end were not read.", count=len(result.cut)))
        return _drawn(self, title, result.source, self._stacks(), *notes)

    def table(self) -> Table:
        """List every window with the labels that it is given and the probability of every label."""
        say = self.say
        return _listed(say, say("window"), self._stacks())

    def _stacks(self) -> list[Stack]:
        say, text, problem = self.say, self.result.source.text, self.result.problem
        parts = [
            Stack(f"{place}. {words.quote(text[part.start : part.end], 60)}", part.scores, problem)
            for place, part in enumerate(self.result.windows, 1)
        ]
        return [Stack(say("the whole text"), self.result.scores, problem), *parts]


def _drawn(
    view: SentimentStrips | WindowStrips, title: str, source: Tokenization, stacks: Sequence[Stack], *notes: str
) -> Drawing:
    say, labels, model = view.say, order(stacks), source.model
    cautions = warnings(say, stacks[0].problem, len(labels))
    said = (_reading(say, stacks), *notes, *cautions, *words.model_named(say, model))
    canvas, top = draw_frame(Frame(title, (), said, WIDTH, len(stacks) * ROW, view.theme))
    draw_stacks(say, canvas, top, stacks)
    told = ", ".join(f"{words.quoted(say, words.quote(stack.name, 40))} {stack.verdict(say)}" for stack in stacks)
    alt = words.alt(
        say("Sentiment by {model}: {answer}.", model=model.name, answer=title), *notes, f"{told}.", *cautions
    )
    return canvas.drawing(alt)


def _reading(say: Language, stacks: Sequence[Stack]) -> str:
    """What the strips are."""
    scale = scale_of(stacks)
    match scale.problem:
        case "single_label_classification":
            return say("From left to right: {labels}.", labels=", ".join(order(stacks)))
        case "multi_label_classification":
            return say("Each bar: the most probable label, from 0 to 100%.")
        case "regression":
            least, _, most = scale.ticks(say)
            ends = {"least": least, "most": most}
            return say("Each bar: the highest number, from {least} to {most} with zero in the middle.", **ends)


def _listed(say: Language, what: str, stacks: Sequence[Stack]) -> Table:
    labels = order(stacks)
    rows = [
        (
            stack.name,
            ", ".join(score.label for score in stack.given) or say("none"),
            *(words.decimal(say, stack.values[label], 4) for label in labels),
        )
        for stack in stacks
    ]
    return words.table((what, say("on top"), *labels), rows)
