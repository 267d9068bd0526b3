"""One text cut by several tokenizers, one below the other."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.reading.comparison import Fertility, measure_fertility
from core.render.kit import words
from core.render.kit.canvas import Canvas
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.palette import Theme
from core.render.kit.pills import ROW, Pill, Place, draw_strip, pills, places
from core.render.kit.text import fit, line
from core.render.kit.view import Picture
from core.results import Drawing, Table, Tokenization, TokenizerComparison

_ROWS = 8  # of pills, in all
_HEAD, _BAR, _BREATH = 96, 14, 10  # pixels: above the pills of one tokenizer, a bar, between two tokenizers
_NOTE = (
    "Tokens that a tokenizer adds are not counted. Words are what white space separates; characters are what readers "
    "count. More tokens for the same text: less of it fits into the model, and each costs time (Petrov et al. 2023, "
    "arXiv:2305.15425)."
)


@dataclass(frozen=True, slots=True)
class ComparisonView(Picture):
    """The tokens of a text by each of several tokenizers, and how many there are.

    Attributes:
        result: The text as each cuts it.
        theme: Dark or light.
        say: The language.
    """

    result: TokenizerComparison
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw for each tokenizer its name, a bar as long as its count, and the first rows of its tokens."""
        say, sources = self.say, self.result.sources
        found = [pills(source) for source in sources]
        laid = [places(source, some, _ROWS // len(sources)) for source, some in zip(sources, found, strict=True)]
        heights = [_HEAD + (1 + max((place.row for place in some), default=-1)) * ROW + _BREATH for some in laid]
        cut = any(len(some) < len(all) for some, all in zip(laid, found, strict=True))
        lines = (
            words.quoted(say, self.result.source.text),
            *((say("Only the first rows are shown."),) if cut else ()),
        )
        counts = [measure_fertility(source) for source in sources]
        *others, last = [count.tokens for count in counts]
        numbers = ", ".join(say.number(f"{count:,}") for count in others)
        title = say("{numbers} or {tokens}", numbers=numbers, tokens=words.count_tokens(say, last))
        canvas, top = draw_frame(Frame(title, lines, (say(_NOTE),), WIDTH, sum(heights), self.theme))
        most = max(count.tokens for count in counts)
        for part in zip(sources, counts, found, laid, heights, strict=True):
            _draw_one(say, canvas, top, *part[:4], most)
            top += part[4]
        return canvas.drawing(self._alt(counts))

    def table(self) -> Table:
        """List how finely each tokenizer cuts."""
        say = self.say
        rows = [
            (
                source.model.name.rpartition("/")[2],
                source.kind,
                str(count.tokens),
                words.decimal(say, count.per_word),
                words.decimal(say, count.per_character, 3),
                str(count.unknown),
            )
            for source in self.result.sources
            for count in (measure_fertility(source),)
        ]
        counted = (say("tokens"), say("per word"), say("per character"), say("unknown"))
        return words.table((say("tokenizer"), say("kind"), *counted), rows)

    def _alt(self, counts: list[Fertility]) -> str:
        say = self.say
        told = [
            f"{source.model.name}: {summary(say, count)}: {' | '.join(pill.label.text for pill in pills(source)[:20])}."
            for source, count in zip(self.result.sources, counts, strict=True)
        ]
        cut = say("One text cut by {count} tokenizers.", count=len(told))
        return words.alt(cut, *told, words.text_told(say, self.result.source.text))


def summary(say: Language, count: Fertility) -> str:
    """``8 tokens, 2.00 per word, 0.25 per character``."""
    shares = {"per_word": count.per_word, "per_character": count.per_character}
    counted = words.count_tokens(say, count.tokens)
    told = say("{tokens}, {per_word:.2f} per word, {per_character:.2f} per character", tokens=counted, **shares)
    return say("{told}, {count} unknown", told=told, count=count.unknown) if count.unknown else told


def _draw_one(
    say: Language,
    canvas: Canvas,
    top: int,
    source: Tokenization,
    count: Fertility,
    found: list[Pill],
    laid: list[Place],
    most: int,
) -> None:
    """Draw what one tokenizer does; a bar over the whole width stands for `most` tokens."""
    room, kind = WIDTH - 2 * MARGIN, line(source.kind, NOTE)
    name = fit(source.model.name, room - kind.width - 20, SUBTITLE)
    canvas.write(MARGIN, top + SUBTITLE, line(name, SUBTITLE))
    canvas.write(WIDTH - MARGIN, top + SUBTITLE, kind, canvas.colours.dim, align="right")
    canvas.write(MARGIN, top + SUBTITLE + 27, line(fit(summary(say, count), room, NOTE), NOTE), canvas.colours.dim)
    track = (MARGIN, top + 62, MARGIN + room, top + 62 + _BAR)
    canvas.bar(track, canvas.colours.track, 5)
    canvas.bar(track, canvas.colours.bar, 5, 0, round(room * count.tokens / max(1, most)))
    draw_strip(canvas, top + _HEAD - 8, source, found, laid)
