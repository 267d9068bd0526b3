"""One text cut by several tokenizers, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.reading.comparison import Fertility, measure_fertility
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.pills import BARE, Pill, Place, bare_pills, draw_strip, pills, places
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.results import Drawing, Table, Tokenization, TokenizerComparison

_HEAD, _LINE, _BAR, _BREATH = 88, 30, 14, 16  # pixels: above pills, a line more there, a bar, between tokenizers
_TALLEST = 3600  # pixels of the drawing: its head and foot are short


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

    def finding(self, quote: words.Quote | None = None) -> str:
        """Which tokenizer needs fewest tokens for the text itself, and whether it knows all of it."""
        say, sources, write = self.say, self.result.sources, quote or (lambda name: name)
        counts = [measure_fertility(source) for source in sources]
        fewest = min(count.tokens for count in counts)
        first = [place for place, count in enumerate(counts) if count.tokens == fewest]
        if len(first) < len(sources):  # of equals, those that know the most of the text
            known = min(counts[place].unknown for place in first)
            first = [place for place in first if counts[place].unknown == known]
        unknown = max(counts[place].unknown for place in first)
        told = words.count_tokens(say, fewest)
        told = say("{told}, {count} unknown", told=told, count=unknown) if unknown else told
        if len(first) == len(sources):
            two = len(sources) == 2
            return say("Both need equally many: {tokens}" if two else "All need equally many: {tokens}", tokens=told)
        names = ", ".join(write(sources[place].model.name) for place in first)
        if len(first) > 1:
            return say("{names} need fewest: {tokens}", names=names, tokens=told)
        return say("{name} needs fewest: {tokens}", name=names, tokens=told)

    def draw(self) -> Drawing:
        """Draw for each tokenizer its name, a bar as long as its count, and all its tokens if there is room."""
        say, parts = self.say, _parts(self.result.sources)
        counts = [part.count for part in parts]
        lines = (words.quoted(say, self.result.source.text), *counting(say, self.result))
        height = sum(part.height for part in parts)
        frame = Frame(self.finding(), lines, (say(cautions.LENGTH),), WIDTH, height, self.theme)
        canvas, top = draw_frame(frame)
        most = max(count.tokens for count in counts)
        for part in parts:
            _draw_one(say, canvas, top, part, most)
            top += part.height
        return canvas.drawing(self._alt(counts))

    def table(self) -> Table:
        """List how finely each tokenizer cuts."""
        say = self.say
        rows = [
            (
                source.model.name.rpartition("/")[2],
                source.kind,
                str(count.tokens),
                str(count.added),
                words.decimal(say, count.per_word),
                words.decimal(say, count.per_character, 3),
                str(count.unknown),
            )
            for source in self.result.sources
            for count in (measure_fertility(source),)
        ]
        counted = (say("tokens"), say("added"), say("per word"), say("per character"), say("unknown"))
        return words.table((say("tokenizer"), say("kind"), *counted), rows)

    def _alt(self, counts: list[Fertility]) -> str:
        say = self.say
        told = [
            f"{source.model.name}: {summary(say, count)}: {' | '.join(pill.label.text for pill in pills(source)[:20])}."
            for source, count in zip(self.result.sources, counts, strict=True)
        ]
        counted = counting(say, self.result)
        return words.alt(words.told(self.finding()), *counted, *told, words.text_told(say, self.result.source.text))


def counting(say: Language, result: TokenizerComparison) -> tuple[str, ...]:
    """That tokens which a tokenizer adds are not counted, where there are any."""
    added = any(token.special for source in result.sources for token in source.tokens)
    return (say("Counted without added tokens."),) if added else ()


def summary(say: Language, count: Fertility) -> str:
    """``9 tokens (+2 added), 2.00 per word, 0.25 per character``."""
    shares = {"per_word": count.per_word, "per_character": count.per_character}
    counted = words.count_tokens(say, count.tokens)
    if count.added:
        counted = say("{tokens} (+{count} added)", tokens=counted, count=count.added)
    told = say("{tokens}, {per_word:.2f} per word, {per_character:.2f} per character", tokens=counted, **shares)
    return say("{told}, {count} unknown", told=told, count=count.unknown) if count.unknown else told


@dataclass(frozen=True, slots=True)
class _Part:
    """What one tokenizer does, and where its tokens stand."""

    source: Tokenization
    count: Fertility
    found: list[Pill]
    laid: list[Place]
    seen: int

    @property
    def top(self) -> int:
        """Pixels above the pills."""
        return _HEAD + (_LINE if self.count.unknown else 0)

    @property
    def height(self) -> int:
        """All its pixels."""
        return self.top + _rows(self.laid) * BARE + _BREATH


def _parts(sources: Sequence[Tokenization]) -> list[_Part]:
    """All tokens of each; of long texts as many rows as there is room for, where short ones leave theirs to others."""
    room = (_TALLEST - len(sources) * (_HEAD + _LINE + _BREATH)) // BARE
    found = [bare_pills(source) for source in sources]
    laid = [places(source, some, room) for source, some in zip(sources, found, strict=True)]
    rows = [_rows(some) for some in laid]
    most = next(limit for limit in range(room, 0, -1) if sum(min(limit, row) for row in rows) <= room)
    kept = [[place for place in some if place.row < most] for some in laid]
    seen = [
        sum(len(pill.ids) for pill in pills(source)[: len(some)]) for source, some in zip(sources, kept, strict=True)
    ]
    counts = [measure_fertility(source) for source in sources]
    return [_Part(*part) for part in zip(sources, counts, found, kept, seen, strict=True)]


def _rows(laid: Sequence[Place]) -> int:
    return 1 + max((place.row for place in laid), default=-1)


def _draw_one(say: Language, canvas: Canvas, top: int, part: _Part, most: int) -> None:
    """Draw what one tokenizer does; a bar over the whole width stands for `most` tokens."""
    source, room, colours = part.source, WIDTH - 2 * MARGIN, canvas.colours
    seen, count = part.seen, len(source.tokens)
    shown = say("showing 1–{seen} of {count:,}", seen=seen, count=count) if seen < count else ""
    kind = line(" · ".join(filter(None, [source.kind, shown])), NOTE)
    name = fit(source.model.name, room - kind.width - 20, SUBTITLE)
    canvas.write(MARGIN, top + SUBTITLE, line(name, SUBTITLE))
    canvas.write(WIDTH - MARGIN, top + SUBTITLE, kind, colours.dim, align="right")
    canvas.write(MARGIN, top + SUBTITLE + _LINE, line(fit(summary(say, part.count), room, NOTE), NOTE), colours.dim)
    y = top + SUBTITLE + _LINE + 14
    if part.count.unknown:
        lacked = ", ".join(words.quoted(say, word) for word in dict.fromkeys(source.unknown))
        warning = "⚠ " + say("Unknown to its vocabulary: {words}.", words=lacked)
        canvas.write(MARGIN, y + 14, line(fit(warning, room, NOTE), NOTE), colours.unknown)
        y += _LINE
    track = (MARGIN, y, MARGIN + room, y + _BAR)
    canvas.bar(track, colours.track, 5)
    canvas.bar(track, colours.bar, 5, 0, round(room * part.count.tokens / max(1, most)))
    draw_strip(canvas, top + part.top, source, part.found, part.laid, BARE)
