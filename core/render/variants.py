"""Versions of a text side by side: what their differences do to every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import cautions, words
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.palette import Theme, colours
from core.render.kit.scores import Scale, amount, change
from core.render.kit.view import Picture
from core.results import Drawing, Table, Variants


@dataclass(frozen=True, slots=True)
class VariantBars(Picture):
    """The probability of each label, or its number, for each version of a text.

    Attributes:
        result: The versions and their scores.
        theme: Dark or light.
        say: The language.
    """

    result: Variants
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw a group of bars for each label; of two labels that add up to 1, one is enough for a template."""
        say, result, palette = self.say, self.result, colours(self.theme)
        groups = [
            Group(
                f"{label}: {self._difference(label)}",
                [
                    Bar(name, value, palette.bar)
                    for name, value in zip(self._names(), result.values(label), strict=True)
                ],
            )
            for label in self._labels()
        ]
        notes = (*self._cautions(), *words.model_named(say, result.source.model))
        scale = Scale.of(result.problem, (bar.value for group in groups for bar in group.bars))
        canvas = draw_chart(say, self._title(), self._quoted(), notes, groups, self.theme, scale)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every version with the probability of every label; of two versions, also the difference."""
        say, labels = self.say, self.result.labels
        columns = [self.result.values(label) for label in labels]
        rows = [
            (name, *(words.decimal(say, share, 6) for share in row))
            for name, *row in zip(self._names(), *columns, strict=True)
        ]
        if len(rows) == 2:
            differences = (words.signed(say, second - first, 6) for first, second in columns)
            rows.append((say("difference"), *differences))
        return words.table((say("version"), *labels), rows)

    def _names(self) -> list[str]:
        say = self.say
        if not self.result.template:
            return [say("as it was"), say("changed")]
        return [name or say("(nothing)") for name in self.result.names]

    def _labels(self) -> Sequence[str]:
        labels = self.result.labels
        halves = self.result.problem == "single_label_classification" and len(labels) == 2
        if not halves or not self.result.template:
            return labels
        return [next((label for label in labels if label.casefold().startswith("pos")), labels[0])]

    def _difference(self, label: str) -> str:
        say, values, problem = self.say, self.result.values(label), self.result.problem
        if len(values) == 2:
            return change(say, *values, problem)
        least, most = (amount(say, value, problem) for value in (min(values), max(values)))
        return say("from {least} to {most}", least=least, most=most)

    def _title(self) -> str:
        say, count = self.say, len(self.result.names)
        return say("{count} fillings of one text", count=count) if self.result.template else say("What if?")

    def _quoted(self) -> tuple[str, ...]:
        say = self.say
        if self.result.template:
            return (words.quoted(say, self.result.template),)
        pairs = zip(self._names(), self.result.answers, strict=True)
        return tuple(f"{name}: {words.quoted(say, answer.source.text)}" for name, answer in pairs)

    def _cautions(self) -> list[str]:
        say, problem, first = self.say, self.result.problem, list[str]()
        if problem == "multi_label_classification":
            first.append(say(cautions.ON_THEIR_OWN))
        elif problem == "regression":
            first.append(say(cautions.NUMBERS))
        if self.result.template:
            return [*first, say(cautions.BIAS)]
        return first if problem == "regression" else [*first, say(cautions.CALIBRATION)]

    def _alt(self) -> str:
        say, told = self.say, list[str]()
        for label in self._labels():
            pairs = zip(self._names(), self.result.values(label), strict=True)
            listed = ", ".join(f"{name} {amount(say, value, self.result.problem)}" for name, value in pairs)
            told.append(f"{label} ({self._difference(label)}): {listed}.")
        title = f"{self._title()}." if self.result.template else self._title()
        scored = say("Scored by {model}.", model=self.result.source.model.name)
        return words.alt(title, scored, *told, *self._quoted(), *self._cautions())
