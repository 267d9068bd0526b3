"""How a classifier reads several texts, or the windows of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.frame import WIDTH, Frame, draw_frame
from core.render.kit.legend import LEGEND, draw_legend, plan_legend
from core.render.kit.stacks import ROW, Stack, draw_stacks, marks_of, order, scale_of
from core.render.kit.view import Picture
from core.render.kit.wording import words
from core.render.kit.wording.scores import amount, answer, caution, counted, verdict
from core.results import Drawing, Sentiment, SentimentBatch, Table


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

    def finding(self, quote: words.Quote | None = None) -> str:
        """How many texts have which label, and where a number is highest."""
        say, answers = self.say, self.result.answers
        top = max((one for one in answers if one.scores), key=lambda one: one.scores[0].value, default=None)
        if top is None:
            return counted(say, self.result)
        return say(
            "{counted}; highest: {answer} for {text}",
            counted=counted(say, self.result),
            answer=answer(say, top.scores[0], top.problem),
            text=(quote or words.quoting(say))(top.source.text),
        )

    def draw(self) -> Drawing:
        """Draw the rows."""
        sources = [answer.source for answer in self.result.answers]
        return _drawn(self, self._stacks(), words.unknown_words(self.say, *sources))

    def table(self) -> Table:
        """List every text with the labels that it is given and the probability of every label."""
        say = self.say
        return _listed(say, say("text"), self._stacks())

    def _stacks(self) -> list[Stack]:
        return [
            Stack(f"{place}. {words.quote(one.source.text, 60)}", one.scores, one.problem)
            for place, one in enumerate(self.result.answers, 1)
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

    def finding(self, _: words.Quote | None = None) -> str:
        """What the classifier says of the whole, and which window says so most."""
        say, result, label = self.say, self.result, self.result.scores[0].label
        values = [part.value for window in result.windows for part in window.scores if part.label == label]
        most = max(range(len(values)), key=values.__getitem__)
        return say(
            "{finding}; most in window {number}: {value}",
            finding=verdict(say, result),
            number=most + 1,
            value=amount(say, values[most], result.problem),
        )

    def draw(self) -> Drawing:
        """Draw the rows."""
        say, cut = self.say, len(self.result.cut)
        unread = (say("{count:,} characters at the end were not read.", count=cut),) if cut else ()
        return _drawn(self, self._stacks(), (*unread, *words.unknown_words(say, self.result.source)), self._read())

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

    def _read(self) -> str:
        say = self.say
        return say(
            "Read in {count} windows that overlap; first row: the mean of their logits, weighted by their tokens.",
            count=len(self.result.windows),
        )


def _drawn(
    view: SentimentStrips | WindowStrips, stacks: Sequence[Stack], warnings: Sequence[str], *lines: str
) -> Drawing:
    say, model, problem = view.say, view.result.source.model, view.result.problem
    note = caution(say, problem, len(order(stacks)))
    marks = marks_of(stacks, colours(view.theme)) if problem == "single_label_classification" else []
    legend = plan_legend(marks, WIDTH)
    above = len(legend) * LEGEND
    notes, height = (note, words.model_named(say, model)), above + len(stacks) * ROW
    lines = (*lines, *_scale(say, stacks))
    canvas, top = draw_frame(Frame(view.finding(), lines, notes, WIDTH, height, view.theme, warnings=tuple(warnings)))
    draw_legend(canvas, top, legend, 16)
    draw_stacks(say, canvas, top + above, stacks)
    told = ", ".join(f"{words.quoting(say)(stack.name)} {stack.verdict(say)}" for stack in stacks)
    by = say("Sentiment by {model}: {answer}.", model=model.name, answer=told)
    alt = words.alt(words.told(view.finding()), *map(words.told, warnings), *lines, by, note)
    return canvas.drawing(alt)


def _scale(say: Language, stacks: Sequence[Stack]) -> tuple[str, ...]:
    """What the strips are, where they are not divided among the labels of the legend."""
    scale = scale_of(stacks)
    match scale.problem:
        case "single_label_classification":
            return ()
        case "multi_label_classification":
            return (say("Each bar: the most probable label, from 0 to 100%."),)
        case "regression":
            least, _, most = scale.ticks(say)
            ends = {"least": least, "most": most}
            return (say("Each bar: the highest number, from {least} to {most} with zero in the middle.", **ends),)


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
