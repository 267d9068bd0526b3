"""Which words speak for a label: two measures side by side, for and against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import cautions, words
from core.render.kit.canvas import Canvas
from core.render.kit.frame import MARGIN, NOTE, WIDTH, Frame, draw_frame
from core.render.kit.labels import visible
from core.render.kit.palette import Theme
from core.render.kit.text import fit, line
from core.render.kit.view import Picture
from core.results import Drawing, Explanation, Table, WordContribution

_ROW, _THICK, _LETTERS, _HEADING = 38, 22, 24, 40  # pixels: row to row, a bar, letters, headings
_NAME, _HALF, _NUMBER, _GAP = 172, 86, 92, 14  # pixels for a word, for half a track, for a number, between columns
_MOST = 24


@dataclass(frozen=True, slots=True)
class AttributionBars(Picture):
    """What each word does for the most probable label.

    Attributes:
        result: The reasons.
        theme: Dark or light.
        say: The language.
    """

    result: Explanation
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw each word with two signed bars on the same scale; of a long text, the strongest."""
        say, result, shown = self.say, self.result, _strongest(self.result.reasons)
        notes = (
            *_method(say, result),
            say("Masked alone: how far the logit falls when that word alone is replaced."),
            say(cautions.SALIENCY),
            *words.model_named(say, result.source.model),
        )
        height, title = _HEADING + len(shown) * _ROW, say("Why {label}?", label=result.label)
        canvas, top = draw_frame(Frame(title, self._lines(len(shown)), notes, WIDTH, height, self.theme))
        _draw_rows(say, canvas, top, shown)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List both measures of every word."""
        say = self.say
        rows = [
            (visible(one.word), words.precise(say, one.gradients), words.precise(say, one.masked))
            for one in self.result.reasons
        ]
        return words.table((say("word"), *_columns(say)), rows)

    def _lines(self, shown: int) -> tuple[str, ...]:
        say, result, count = self.say, self.result, len(self.result.reasons)
        colours = say("Blue (+) speaks for {label}, orange (−) against it; in logits", label=result.label)
        cut = say("the {shown} strongest of {count} words", shown=shown, count=count) if shown < count else ""
        return words.quoted(say, result.source.text), " · ".join(filter(None, [colours, cut]))

    def _alt(self) -> str:
        say, result = self.say, self.result
        strongest = sorted(result.reasons, key=lambda one: -abs(one.gradients))[:12]
        listed = ", ".join(
            f"{visible(one.word)} {words.precise(say, one.gradients)} / {words.precise(say, one.masked)}"
            for one in strongest
        )
        return words.alt(
            say("Which words speak for {label}, by {model}.", label=result.label, model=result.source.model.name),
            say("Integrated gradients / masked alone, in logits: {listed}.", listed=listed),
            *_method(say, result),
            words.text_told(say, result.source.text),
            say(cautions.SALIENCY),
        )


def _columns(say: Language) -> tuple[str, str]:
    return say("integrated gradients"), say("masked alone")


def _method(say: Language, result: Explanation) -> tuple[str, ...]:
    """How the numbers were made, and how far their sum is off."""
    method = say(
        "Integrated gradients from a text of {baseline} (logit {start}) to this one ({logit}), midpoint rule, {steps} "
        "steps; completeness error {error}.",
        baseline=result.baseline,
        start=words.signed(say, result.start),
        logit=words.signed(say, result.logit),
        steps=result.steps,
        error=words.percent(say, result.error),
    )
    told = [method]
    if result.problem == "regression":
        told.append(say("What is called a logit here is the number that the model computes, not a probability."))
    return (*told, say("That error is too large to rely on them.")) if result.error > 0.05 else tuple(told)


def _strongest(reasons: Sequence[WordContribution]) -> list[WordContribution]:
    """The words with the strongest gradients, in reading order."""
    order = sorted(range(len(reasons)), key=lambda number: -abs(reasons[number].gradients))[:_MOST]
    return [reasons[number] for number in sorted(order)]


def _draw_rows(say: Language, canvas: Canvas, top: int, reasons: Sequence[WordContribution]) -> None:
    most = max((abs(amount) for one in reasons for amount in (one.gradients, one.masked)), default=0) or 1.0
    starts = [MARGIN + _NAME + _GAP + column * (2 * _HALF + _NUMBER + _GAP) for column in range(2)]
    for start, heading in zip(starts, _columns(say), strict=True):
        canvas.write(start + _HALF, top + 22, line(heading, NOTE), canvas.colours.dim, align="middle")
    for number, one in enumerate(reasons):
        y = top + _HEADING + number * _ROW + (_ROW - _THICK) // 2
        name = line(fit(visible(one.word), _NAME, _LETTERS), _LETTERS)
        canvas.write(MARGIN + _NAME, y + _THICK - 3, name, align="right")
        for start, amount in zip(starts, (one.gradients, one.masked), strict=True):
            _draw_amount(say, canvas, start, y, amount, most)


def _draw_amount(say: Language, canvas: Canvas, left: int, y: int, amount: float, most: float) -> None:
    """Draw a track with zero in its middle, the amount to one side of that, and its number."""
    palette, middle = canvas.colours, left + _HALF
    canvas.fill((left, y, left + 2 * _HALF, y + _THICK), palette.track)
    end = middle + round(_HALF * amount / most)
    canvas.fill((min(middle, end), y, max(middle, end), y + _THICK), palette.bar if amount > 0 else palette.second)
    canvas.fill((middle - 1, y - 3, middle + 1, y + _THICK + 3), palette.mark)
    number = line(words.precise(say, amount), _LETTERS - 4)
    canvas.write(left + 2 * _HALF + _NUMBER, y + _THICK - 3, number, align="right")
