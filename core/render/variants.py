"""Versions of a text side by side: what their differences do to every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import cautions, words
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.palette import Theme, colours
from core.results import Drawing, Table, Variants


@dataclass(frozen=True, slots=True)
class VariantBars:
    """The probability of each label for each version of a text.

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
                    Bar(name, share, palette.bar)
                    for name, share in zip(self._names(), result.shares(label), strict=True)
                ],
            )
            for label in self._labels()
        ]
        notes = (self._caution(), *words.model_named(say, result.source.model))
        canvas = draw_chart(say, self._title(), self._quoted(), notes, groups, self.theme)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every version with the probability of every label; of two versions, also the difference."""
        say, labels = self.say, self.result.labels
        columns = [self.result.shares(label) for label in labels]
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
        if len(labels) != 2 or not self.result.template:
            return labels
        return [next((label for label in labels if label.casefold().startswith("pos")), labels[0])]

    def _difference(self, label: str) -> str:
        say, shares = self.say, self.result.shares(label)
        if len(shares) == 2:
            return say("{points} points", points=words.signed(say, 100 * (shares[1] - shares[0]), 1))
        least, most = words.percent(say, min(shares)), words.percent(say, max(shares))
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

    def _caution(self) -> str:
        return self.say(cautions.BIAS if self.result.template else cautions.CALIBRATION)

    def _alt(self) -> str:
        say, told = self.say, list[str]()
        for label in self._labels():
            pairs = zip(self._names(), self.result.shares(label), strict=True)
            listed = ", ".join(f"{name} {words.percent(say, share)}" for name, share in pairs)
            told.append(f"{label} ({self._difference(label)}): {listed}.")
        title = f"{self._title()}." if self.result.template else self._title()
        scored = say("Scored by {model}.", model=self.result.source.model.name)
        return words.alt(title, scored, *told, *self._quoted(), self._caution())
