"""Versions of a text side by side: what their differences do to every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.render import cautions, words
from core.render.bars import Bar, Group, draw_chart
from core.render.palette import Theme, colours
from core.results import Drawing, Table, Variants

_NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class VariantBars:
    """The probability of each label for each version of a text.

    Attributes:
        result: The versions and their scores.
        theme: Dark or light.
    """

    result: Variants
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw a group of bars for each label; of two labels that add up to 1, one is enough for a template."""
        result, palette = self.result, colours(self.theme)
        model = result.source.model
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
        caution = cautions.BIAS if result.template else cautions.CALIBRATION
        notes = (caution, f"Model: {model.name}", *words.bundled_note(model))
        canvas = draw_chart(self._title().rstrip("."), self._quoted(), notes, groups, self.theme)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every version with the probability of every label; of two versions, also the difference."""
        labels = self.result.labels
        columns = [self.result.shares(label) for label in labels]
        rows = [(name, *(f"{share:.6f}" for share in row)) for name, *row in zip(self._names(), *columns, strict=True)]
        if len(rows) == 2:
            rows.append(("difference", *(f"{second - first:+.6f}" for first, second in columns)))
        return words.table(("version", *labels), rows)

    def _names(self) -> list[str]:
        return [name or _NOTHING for name in self.result.names]

    def _labels(self) -> Sequence[str]:
        labels = self.result.labels
        if len(labels) != 2 or not self.result.template:
            return labels
        return [next((label for label in labels if label.casefold().startswith("pos")), labels[0])]

    def _difference(self, label: str) -> str:
        shares = self.result.shares(label)
        if len(shares) == 2:
            return f"{100 * (shares[1] - shares[0]):+.1f} points".replace("-", "−")
        return f"from {words.percent(min(shares))} to {words.percent(max(shares))}"

    def _title(self) -> str:
        return f"{len(self.result.names)} fillings of one text." if self.result.template else "What if?"

    def _quoted(self) -> tuple[str, ...]:
        if self.result.template:
            return (f"“{words.quote(self.result.template)}”",)
        pairs = zip(self.result.names, self.result.answers, strict=True)
        return tuple(f"{name}: “{words.quote(answer.source.text)}”" for name, answer in pairs)

    def _alt(self) -> str:
        told = []
        for label in self._labels():
            pairs = zip(self._names(), self.result.shares(label), strict=True)
            listed = ", ".join(f"{name} {words.percent(share)}" for name, share in pairs)
            told.append(f"{label} ({self._difference(label)}): {listed}.")
        return words.alt(f"{self._title()} Scored by {self.result.source.model.name}.", *told, *self._quoted())
