"""How two classifiers read a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.drawing.palette import Theme, colours, label_colours
from core.render.kit.frame import TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.stacks import Stack
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.scores import Scale, answer, change
from core.render.two_models.naming import both_named, by_model, short_names, unknown_to
from core.results import Drawing, Sentiment, Table, TwoSentiments


@dataclass(frozen=True, slots=True)
class TwoSentimentBars(Picture):
    """The probabilities of all labels by two models: label by label where both have the same, else model by model.

    Attributes:
        result: What both answered.
        theme: Dark or light.
        say: The language.
    """

    result: TwoSentiments
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """Whether both say the same, and what."""
        say, (first, second) = self.say, self.result.answers
        names = dict(zip(("first", "second"), short_names(self.result, quote), strict=True))
        told = {"one": _verdict(say, first), "other": _verdict(say, second)}
        if not self.result.comparable or first.problem != "single_label_classification":
            return say("{first}: {one} · {second}: {other}", **names, **told)
        if first.scores[0].label == second.scores[0].label:
            return say("Both agree · {first}: {one} · {second}: {other}", **names, **told)
        return say("They disagree · {first}: {one} · {second}: {other}", **names, **told)

    def draw(self) -> Drawing:
        """Draw a group of bars for each label or, where the labels differ, for each model, on a scale of its own."""
        say, result = self.say, self.result
        charts, warnings = self._charts(), unknown_to(say, result)
        notes = (say(cautions.OWN_LABELS), both_named(say, result))
        lines, height = (words.quoted(say, result.source.text), *self._apart()), sum(chart.height for chart in charts)
        frame = Frame(self.finding(), lines, notes, WIDTH, height, self.theme, warnings=warnings)
        canvas, top = draw_frame(frame)
        for chart in charts:
            chart.draw(say, canvas, top)
            top += chart.height
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List every label of each model with its probability, or its number; where both have the same, the change."""
        say, result = self.say, self.result
        if not result.comparable:
            rows = [
                (model.name, score.label, words.decimal(say, score.value, 6))
                for model, one in zip(result.models, result.answers, strict=True)
                for score in one.scores
            ]
            return words.table((say("model"), say("label"), say("value")), rows)
        first, second = (Stack("", one.scores).values for one in result.answers)
        rows = [
            (
                label,
                *(words.decimal(say, values[label], 6) for values in (first, second)),
                words.signed(say, second[label] - first[label], 6),
            )
            for label in first
        ]
        return words.table((say("label"), *(model.name for model in result.models), say("difference")), rows)

    def _apart(self) -> tuple[str, ...]:
        """That nothing is compared, where it cannot be."""
        say = self.say
        if self.result.comparable:
            return ()
        return (say("Their labels are not the same: each keeps its own, and no number is set against another."),)

    def _charts(self) -> list[Chart]:
        result = self.result
        if result.comparable:
            values = (score.value for one in result.answers for score in one.scores)
            return [Chart.of(self._by_label(), Scale.of(result.answers[0].problem, values))]
        room = TALLEST // 2
        return [
            Chart.of([Group(model.name, self._bars(one))], Scale.of(one.problem, (s.value for s in one.scores)), room)
            for model, one in zip(result.models, result.answers, strict=True)
        ]

    def _by_label(self) -> list[Group]:
        say, problem = self.say, self.result.answers[0].problem
        first, second = (Stack("", one.scores).values for one in self.result.answers)
        painted, names = label_colours(first, colours(self.theme)), short_names(self.result)
        return [
            Group(
                f"{label}: {change(say, first[label], second[label], problem)}",
                [Bar(name, values[label], painted[label]) for name, values in zip(names, (first, second), strict=True)],
            )
            for label in first
        ]

    def _bars(self, one: Sentiment) -> list[Bar]:
        painted = label_colours((score.label for score in one.scores), colours(self.theme))
        return [Bar(score.label, score.value, painted[score.label]) for score in one.scores]

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        told = (
            f"{name}: {', '.join(answer(say, score, one.problem) for score in one.scores)}."
            for name, one in by_model(result)
        )
        return words.alt(
            words.told(self.finding()),
            *self._apart(),
            *map(words.told, warnings),
            *told,
            words.text_told(say, result.source.text),
            say(cautions.OWN_LABELS),
        )


def _verdict(say: Language, one: Sentiment) -> str:
    """``POSITIVE 98.0%``, and whether that is too close to call."""
    told = Stack("", one.scores, one.problem).verdict(say)
    return say("{answer} (unsure)", answer=told) if one.uncertain else told
