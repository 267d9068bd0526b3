"""Which words speak for a label: two measures side by side, for and against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.render import cautions, words
from core.render.canvas import Canvas
from core.render.frame import MARGIN, NOTE, WIDTH, Frame, framed
from core.render.labels import visible
from core.render.palette import Theme
from core.render.text import fit, line
from core.results import Drawing, Explained, Reason, Table

_ROW, _THICK, _LETTERS, _HEADING = 38, 22, 24, 40  # pixels: row to row, a bar, letters, headings
_NAME, _HALF, _NUMBER, _GAP = 172, 86, 92, 14  # pixels for a word, for half a track, for a number, between columns
_MOST = 24
_COLUMNS = ("integrated gradients", "masked alone")


@dataclass(frozen=True, slots=True)
class WhyBars:
    """What each word does for the most probable label.

    Attributes:
        result: The reasons.
        theme: Dark or light.
    """

    result: Explained
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw each word with two signed bars on the same scale; of a long text, the strongest."""
        result, shown = self.result, _strongest(self.result.reasons)
        count = len(result.reasons)
        cut = f" · the {len(shown)} strongest of {count} words" if len(shown) < count else ""
        lines = (
            f"“{words.quote(result.source.text)}”",
            f"Blue (+) speaks for {result.label}, orange (−) against it; in logits{cut}",
        )
        notes = (
            _method(result),
            "Masked alone: how far the logit falls when that word alone is replaced.",
            cautions.SALIENCY,
            f"Model: {result.source.model.name}",
            *words.bundled_note(result.source.model),
        )
        height = _HEADING + len(shown) * _ROW
        canvas, top = framed(Frame(f"Why {result.label}?", lines, notes, WIDTH, height, self.theme))
        _draw_rows(canvas, top, shown)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List both measures of every word."""
        rows = [(visible(one.word), _signed(one.gradients), _signed(one.masked)) for one in self.result.reasons]
        return words.table(("word", *_COLUMNS), rows)

    def _alt(self) -> str:
        result = self.result
        strongest = sorted(result.reasons, key=lambda one: -abs(one.gradients))[:12]
        listed = ", ".join(f"{visible(one.word)} {_signed(one.gradients)} / {_signed(one.masked)}" for one in strongest)
        return words.alt(
            f"Which words speak for {result.label}, by {result.source.model.name}.",
            f"Integrated gradients / masked alone, in logits: {listed}.",
            _method(result),
            f"Text: “{words.quote(result.source.text)}”",
        )


def _method(result: Explained) -> str:
    """How the numbers were made, and how far their sum is off."""
    doubt = ": too large to rely on" if result.error > 0.05 else ""
    return (
        f"Integrated gradients from a text of {result.baseline} (logit {words.signed(result.start)}) to this one "
        f"({words.signed(result.logit)}), midpoint rule, {result.steps} steps; completeness error "
        f"{words.percent(result.error)}{doubt}."
    )


def _strongest(reasons: Sequence[Reason]) -> list[Reason]:
    """The words with the strongest gradients, in reading order."""
    order = sorted(range(len(reasons)), key=lambda number: -abs(reasons[number].gradients))[:_MOST]
    return [reasons[number] for number in sorted(order)]


def _draw_rows(canvas: Canvas, top: int, reasons: Sequence[Reason]) -> None:
    most = max((abs(amount) for one in reasons for amount in (one.gradients, one.masked)), default=0) or 1.0
    starts = [MARGIN + _NAME + _GAP + column * (2 * _HALF + _NUMBER + _GAP) for column in range(2)]
    for start, heading in zip(starts, _COLUMNS, strict=True):
        canvas.write(start + _HALF, top + 22, line(heading, NOTE), canvas.colours.dim, align="middle")
    for number, one in enumerate(reasons):
        y = top + _HEADING + number * _ROW + (_ROW - _THICK) // 2
        name = line(fit(visible(one.word), _NAME, _LETTERS), _LETTERS)
        canvas.write(MARGIN + _NAME, y + _THICK - 3, name, align="right")
        for start, amount in zip(starts, (one.gradients, one.masked), strict=True):
            _draw_amount(canvas, start, y, amount, most)


def _draw_amount(canvas: Canvas, left: int, y: int, amount: float, most: float) -> None:
    """Draw a track with zero in its middle, the amount to one side of that, and its number."""
    palette, middle = canvas.colours, left + _HALF
    canvas.fill((left, y, left + 2 * _HALF, y + _THICK), palette.track)
    end = middle + round(_HALF * amount / most)
    canvas.fill((min(middle, end), y, max(middle, end), y + _THICK), palette.bar if amount > 0 else palette.second)
    canvas.fill((middle - 1, y - 3, middle + 1, y + _THICK + 3), palette.mark)
    number = line(_signed(amount), _LETTERS - 4)
    canvas.write(left + 2 * _HALF + _NUMBER, y + _THICK - 3, number, align="right")


def _signed(amount: float) -> str:
    """``+0.53``, ``−0.10``; a sign also where the colour cannot be seen."""
    shown = f"{amount:+.2f}" if abs(amount) >= 0.005 else f"{amount:+.1g}" if amount else "0"
    return shown.replace("-", "−", 1)
