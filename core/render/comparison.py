"""One text cut by several tokenizers, one below the other."""

from __future__ import annotations

from dataclasses import dataclass

from core.comparing import Measured, measure
from core.render import words
from core.render.canvas import Canvas, rounded_ink
from core.render.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, framed
from core.render.palette import Theme
from core.render.pills import ROW, Pill, Place, draw_strip, pills, places
from core.render.text import fit, line
from core.results import Comparison, Drawing, Table, Tokenization

_ROWS = 8  # of pills, in all
_HEAD, _BAR, _BREATH = 96, 14, 10  # pixels: above the pills of one tokenizer, a bar, between two tokenizers
_NOTE = (
    "Tokens that a tokenizer adds are not counted. Words are what white space separates; characters are what readers "
    "count. More tokens for the same text: less of it fits into the model, and each costs time (Petrov et al. 2023, "
    "arXiv:2305.15425)."
)


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """The tokens of a text by each of several tokenizers, and how many there are.

    Attributes:
        result: The text as each cuts it.
        theme: Dark or light.
    """

    result: Comparison
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw for each tokenizer its name, a bar as long as its count, and the first rows of its tokens."""
        sources = self.result.sources
        found = [pills(source) for source in sources]
        laid = [places(source, some, _ROWS // len(sources)) for source, some in zip(sources, found, strict=True)]
        heights = [_HEAD + (1 + max((place.row for place in some), default=-1)) * ROW + _BREATH for some in laid]
        cut = any(len(some) < len(all) for some, all in zip(laid, found, strict=True))
        lines = (f"“{words.quote(self.result.source.text)}”", *(("Only the first rows are shown.",) if cut else ()))
        counts = [measure(source) for source in sources]
        title = f"{', '.join(f'{count.tokens:,}' for count in counts[:-1])} or {words.count_tokens(counts[-1].tokens)}"
        canvas, top = framed(Frame(title, lines, (_NOTE,), WIDTH, sum(heights), self.theme))
        most = max(count.tokens for count in counts)
        for part in zip(sources, counts, found, laid, heights, strict=True):
            _draw_one(canvas, top, *part[:4], most)
            top += part[4]
        return Drawing(canvas.png(), self._alt(counts), canvas.width, canvas.height)

    def table(self) -> Table:
        """List how finely each tokenizer cuts."""
        rows = [
            (
                source.model.name.rpartition("/")[2],
                source.kind,
                str(count.tokens),
                f"{count.per_word:.2f}",
                f"{count.per_character:.3f}",
                str(count.unknown),
            )
            for source in self.result.sources
            for count in (measure(source),)
        ]
        return words.table(("tokenizer", "kind", "tokens", "per word", "per character", "unknown"), rows)

    def _alt(self, counts: list[Measured]) -> str:
        told = [
            f"{source.model.name}: {summary(count)}: {' | '.join(pill.label.text for pill in pills(source)[:20])}."
            for source, count in zip(self.result.sources, counts, strict=True)
        ]
        return words.alt(
            f"One text cut by {len(told)} tokenizers.", *told, f"Text: “{words.quote(self.result.source.text)}”"
        )


def summary(count: Measured) -> str:
    """``8 tokens, 2.00 per word, 0.250 per character``."""
    unknown = f", {count.unknown} unknown" if count.unknown else ""
    counted = words.count_tokens(count.tokens)
    return f"{counted}, {count.per_word:.2f} per word, {count.per_character:.2f} per character{unknown}"


def _draw_one(
    canvas: Canvas,
    top: int,
    source: Tokenization,
    count: Measured,
    found: list[Pill],
    laid: list[Place],
    most: int,
) -> None:
    """Draw what one tokenizer does; a bar over the whole width stands for `most` tokens."""
    room, kind = WIDTH - 2 * MARGIN, line(source.kind, NOTE)
    name = fit(source.model.name, room - kind.width - 20, SUBTITLE)
    canvas.write(MARGIN, top + SUBTITLE, line(name, SUBTITLE))
    canvas.write(WIDTH - MARGIN, top + SUBTITLE, kind, canvas.colours.dim, align="right")
    canvas.write(MARGIN, top + SUBTITLE + 27, line(fit(summary(count), room, NOTE), NOTE), canvas.colours.dim)
    track = rounded_ink(room, _BAR, 5, "lr", 0)
    canvas.paint(MARGIN, top + 62, track, canvas.colours.track)
    canvas.paint(MARGIN, top + 62, track[:, : round(room * count.tokens / max(1, most))], canvas.colours.bar)
    draw_strip(canvas, top + _HEAD - 8, source, found, laid)
