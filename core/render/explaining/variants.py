"""Versions of a text side by side: what their differences do to every label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.language import ENGLISH, Language
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, colours, label_colours
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.passage import LINE, Spot, Stretch, draw_passage, spots, stretches
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.scores import Scale, amount, caution, change
from core.results import Drawing, Table, Tokenization, Variants

_NAME, _MARK = 36, 0.4  # pixels for the name of a version; how thick a mark is
_MOST_LINES, _BEFORE = 6, 15  # lines of a version, and words before the first change of a long one


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

    def finding(self, quote: words.Quote | None = None) -> str:
        """Which label moves most, and between which versions."""
        say, result, write = self.say, self.result, quote or words.quoting(self.say)
        label = max(self._labels(), key=lambda label: _span(result.values(label)))
        values = result.values(label)
        written = [amount(say, value, result.problem) for value in values]
        if result.template:
            low, high = values.index(min(values)), values.index(max(values))
            names = [write(name) if name else say("(nothing)") for name in result.names]
            return say(
                "{label} is highest with {most} ({high}), lowest with {least} ({low})",
                label=label,
                most=names[high],
                high=written[high],
                least=names[low],
                low=written[low],
            )
        before, *_, after = written
        if before == after:
            return say("Hardly any change: {label} stays at {value}", label=label, value=after)
        return say("Most changed: {label}, from {before} to {after}", label=label, before=before, after=after)

    def draw(self) -> Drawing:
        """Draw a group of bars for each label; of two labels that add up to 1, one is enough for a template.

        Two versions of a text stand above them, with a mark below each word that only one of them has.
        """
        say, result = self.say, self.result
        scale = Scale.of(result.problem, (value for label in self._labels() for value in result.values(label)))
        passages = [] if result.template else _versions(result)
        laid = [(passage, spots(passage, _MOST_LINES)) for passage in passages]
        above = sum(_height(found) for _, found in laid)
        chart = Chart.of(self._groups(), scale, TALLEST - above)
        said = words.quoted(say, result.template) if result.template else say("Marked: what only one of them says")
        notes, warnings = (self._caution(), words.model_named(say, result.source.model)), self._warnings()
        height = above + chart.height
        frame = Frame(self.finding(), (said,), notes, WIDTH, height, self.theme, warnings=warnings)
        canvas, top = draw_frame(frame)
        for name, (passage, found) in zip(self._names(), laid, strict=False):
            _draw_version(canvas, top, name, passage, found)
            top += _height(found)
        chart.draw(say, canvas, top)
        return canvas.drawing(self._alt(warnings))

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

    def _groups(self) -> list[Group]:
        result, palette = self.result, colours(self.theme)
        painted, names = label_colours(result.labels, palette), self._names()
        return [
            Group(
                f"{label}: {self._difference(label)}",
                [Bar(name, value, painted[label]) for name, value in zip(names, result.values(label), strict=True)],
            )
            for label in self._labels()
        ]

    def _difference(self, label: str) -> str:
        say, values, problem = self.say, self.result.values(label), self.result.problem
        if len(values) == 2:
            return change(say, *values, problem)
        least, most = (amount(say, value, problem) for value in (min(values), max(values)))
        return say("from {least} to {most}", least=least, most=most)

    def _warnings(self) -> tuple[str, ...]:
        return words.unknown_words(self.say, *(answer.source for answer in self.result.answers))

    def _caution(self) -> str:
        say, problem = self.say, self.result.problem
        if self.result.template and problem != "regression":
            return say(cautions.BIAS)
        return say(cautions.CALIBRATION) if problem == "single_label_classification" else caution(say, problem, 2)

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result, told = self.say, self.result, list[str]()
        for label in self._labels():
            pairs = zip(self._names(), result.values(label), strict=True)
            listed = ", ".join(f"{name} {amount(say, value, result.problem)}" for name, value in pairs)
            told.append(f"{label} ({self._difference(label)}): {listed}.")
        scored = say("Scored by {model}.", model=result.source.model.name)
        texts = [words.quoted(say, result.template)] if result.template else self._quoted()
        return words.alt(words.told(self.finding()), scored, *map(words.told, warnings), *told, *texts, self._caution())

    def _quoted(self) -> list[str]:
        pairs = zip(self._names(), self.result.answers, strict=True)
        return [f"{name}: {words.quoted(self.say, answer.source.text)}" for name, answer in pairs]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """How far some values lie apart, and which way: what one of two labels loses the other gains, which is told."""
    return round(max(values) - min(values), 6), values[-1] - values[0]


def _versions(result: Variants) -> list[list[Stretch]]:
    """The words of two versions, marked where only one has them; of long ones the part around the first change."""
    before, after = (_written(answer.source) for answer in result.answers)
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    found: list[list[Stretch]] = []
    for side, (text, written) in enumerate(zip(result.answers, (before, after), strict=True)):
        kept = {block[side] + step for block in same for step in range(block.size)}
        passage = stretches(text.source.text, written, [0 if place in kept else _MARK for place in range(len(written))])
        changed = next((place for place, word in enumerate(passage) if word.mark), 0)
        start = max(0, changed - _BEFORE) if changed > 2 * _BEFORE else 0
        found.append([*[Stretch("…", spaced=False)] * (start > 0), *passage[start:]])
    return found


def _written(source: Tokenization) -> list[str]:
    return [text.strip() or text for text in map(source.written, source.words)]


def _height(found: Sequence[Spot]) -> int:
    return _NAME + LINE * (1 + max((spot.row for spot in found), default=0))


def _draw_version(canvas: Canvas, top: int, name: str, passage: Sequence[Stretch], found: Sequence[Spot]) -> None:
    """Write a version under its name."""
    canvas.write(MARGIN, top + SUBTITLE, line(name, SUBTITLE), canvas.colours.dim)
    draw_passage(canvas, top + _NAME, passage, found, canvas.colours.text)
