"""The bottleneck: one vector for a whole sentence against looking back, by how long the sentence is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour, Theme, colours
from core.render.kit.drawing.text import fit, line, wrap
from core.render.kit.frame import MARGIN, NOTE, WIDTH, Frame, draw_frame
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.results import Bottleneck, BottleneckRow, Drawing, Table

_ROW, _GAP, _THICK = 26, 16, 18  # pixels from bar to bar, between two lengths, and of a bar
_NAME, _NUMBER = 130, 96  # pixels for the words counted, and for a percentage
_LINE, _MARK = 30, 30  # pixels from line to line of what was written, and for a mark before it
_LINES = 2  # of what was written


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said in one colour: what it is, and the lines that were written."""

    heading: str
    colour: Colour | None
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class BottleneckView(Picture):
    """For each length of a sentence three bars: how many words come right; below, what was written to all of it.

    Attributes:
        result: What was written.
        theme: Dark or light.
        say: The language.
    """

    result: Bottleneck
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """How many words of the whole sentence come right in each way."""
        say, row = self.say, self.result.rows[-1]
        whole, one, cut = (_share(say, way.right) for way in row.ways)
        return say(
            "{count} words: {whole} come right looking back, {one} through one vector, {cut} with neither",
            count=row.words,
            whole=whole,
            one=one,
            cut=cut,
        )

    def draw(self) -> Drawing:
        """Draw what was written to the whole sentence, and the bars."""
        say, rows, said = self.say, self.result.rows, self._said()
        tall = len(rows[-1].ways) * _ROW + _GAP
        texts = sum(1 + len(one.lines) for one in said) * _LINE
        notes = (say(cautions.LOOKED_BACK), words.model_named(say, self.result.model))
        height = texts + len(rows) * tall + _GAP
        canvas, top = draw_frame(Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme))
        for one in said:
            top = _write(canvas, top, one)
        for row in rows:
            self._draw_row(canvas, top + _GAP, row)
            top += tall
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """Every length: what was to be written, what was written, and how much of that is right."""
        say = self.say
        rows = [
            (str(row.words), row.expected, *(cell for way in row.ways for cell in (way.text, _share(say, way.right))))
            for row in self.result.rows
        ]
        ways = (cell for way in self._ways() for cell in (way, say("right")))
        return words.table((say("words"), say("to be written"), *ways), rows)

    def _ways(self) -> tuple[str, str, str]:
        say = self.say
        return (
            say("looks back at every word"),
            say("one vector: the mean of the encoder's states"),
            say("cut off: every cross-attention adds zero"),
        )

    def _lines(self) -> tuple[str, ...]:
        say = self.say
        return (
            say("A model that says sentences backwards: {quoted}", quoted=words.quoted(say, self.result.rows[-1].text)),
            say("Bars: share of the words that come, in their order"),
        )

    def _said(self) -> list[_Said]:
        """What was to be written to the whole sentence, and what was."""
        say, row = self.say, self.result.rows[-1]
        texts = (row.expected, *(way.text for way in row.ways))
        headings = (say("to be written"), *self._ways())
        room = WIDTH - 2 * MARGIN - _MARK
        return [
            _Said(heading, colour, wrap(words.plain(text) or say("nothing"), room, NOTE, limit=_LINES))
            for heading, colour, text in zip(headings, (None, *self._painted()), texts, strict=True)
        ]

    def _painted(self) -> tuple[Colour, Colour, Colour]:
        palette = colours(self.theme)
        return palette.bar, palette.second, palette.mark

    def _draw_row(self, canvas: Canvas, top: int, row: BottleneckRow) -> None:
        """Draw the bars of one length."""
        say, left, right = self.say, MARGIN + _NAME, WIDTH - MARGIN - _NUMBER
        name = fit(say("{count} words", count=row.words), _NAME - 8, NOTE)
        canvas.write(MARGIN, top + 3 * _ROW // 2 + NOTE // 3, line(name, NOTE))
        for number, (way, colour) in enumerate(zip(row.ways, self._painted(), strict=True)):
            y = top + number * _ROW + (_ROW - _THICK) // 2
            track = (left, y, right, y + _THICK)
            canvas.bar(track, canvas.colours.track, 5)
            canvas.bar(track, colour, 5, 0, round((right - left) * way.right))
            canvas.write(WIDTH - MARGIN, y + _THICK - 2, line(_share(say, way.right), NOTE), align="right")

    def _alt(self) -> str:
        say = self.say
        shares = ((row.words, ", ".join(_share(say, way.right) for way in row.ways)) for row in self.result.rows)
        told = [say("{count} words: {shares}.", count=count, shares=found) for count, found in shares]
        written = [f"{one.heading}: {' '.join(one.lines)}" for one in self._said()]
        return words.alt(
            words.told(self.finding()),
            *(words.told(words.opening(text)) for text in written),
            *told,
            say(cautions.LOOKED_BACK),
        )


def _share(say: Language, share: float) -> str:
    return say.number(f"{share:.0%}")


def _write(canvas: Canvas, top: int, said: _Said) -> int:
    """Write a heading with its mark, and the lines below it; return where the next one begins."""
    palette, left = canvas.colours, MARGIN + _MARK
    if said.colour:
        canvas.fill((MARGIN, top + 12, MARGIN + _MARK - 8, top + 26), said.colour)
    canvas.write(left, top + 26, line(fit(said.heading, WIDTH - MARGIN - left, NOTE), NOTE), palette.dim)
    for number, text in enumerate(said.lines, 1):
        canvas.write(left, top + 26 + number * _LINE, line(text, NOTE))
    return top + (1 + len(said.lines)) * _LINE
