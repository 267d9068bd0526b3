"""The block: how far attention and feed-forward move a token, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.maps.selection import check_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, NOTE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.legend import LEGEND, Rows, draw_legend, plan_legend
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import BlockMoves, Drawing, Table

_ROW, _GAP, _THICK = 30, 16, 22  # pixels from bar to bar, between two layers, and of a bar
_NAME, _NUMBERS, _LETTERS = 120, 190, 20  # pixels for a layer's name, for what stands beside a bar, and of letters


@dataclass(frozen=True, slots=True, eq=False)
class MovesView(Picture):
    """For each layer two bars: what attention and feed-forward add to one token, against what stood there.

    Attributes:
        result: How far each part moves each token.
        position: Which token, from 0.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such token.
    """

    result: BlockMoves
    position: int
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        check_token(self.result.source, self.position)

    def finding(self, quote: words.Quote | None = None) -> str:
        """The part that adds most, and how much that is."""
        say, shares = self.say, self._shares
        layer, part = map(int, np.unravel_index(int(shares.argmax()), shares.shape))
        return say(
            "{word} is moved most by the feed-forward part of layer {layer}: it adds {times} times what stood there"
            if part
            else "{word} is moved most by the attention of layer {layer}: it adds {times} times what stood there",
            word=(quote or words.quoting(say))(self._word),
            layer=layer + 1,
            times=words.decimal(say, float(shares[layer, part])),
        )

    def draw(self) -> Drawing:
        """Draw two bars for each layer; of a deep model as many as fit, evenly spread."""
        say, source, legend = self.say, self.result.source, self._legend()
        count, tall = len(self.result.stream), 2 * _ROW + _GAP
        shown = np.linspace(0, count - 1, min(count, TALLEST // tall - 1)).round().astype(int).tolist()
        more = count - len(shown)
        left_out = [say("and {count:,} more layers between these: “As text” has them", count=more)] if more else []
        notes = (*left_out, say(cautions.MOVES), words.model_named(say, source.model))
        height, warnings = len(shown) * tall + len(legend) * LEGEND, words.unknown_words(say, source)
        frame = Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, warnings=warnings)
        canvas, top = draw_frame(frame)
        draw_legend(canvas, top, legend, 14)
        for number, layer in enumerate(shown):
            self._draw_layer(canvas, top + len(legend) * LEGEND + number * tall + _GAP, layer)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """Every part of every layer."""
        say, found, at = self.say, self.result, self.position
        rows = [
            (
                str(layer + 1),
                say("feed-forward" if part else "attention"),
                words.decimal(say, float(found.stream[layer, part, at])),
                words.decimal(say, float(found.added[layer, part, at])),
                words.decimal(say, float(found.shares[layer, part, at]), 3),
                words.cosine(say, float(found.cosines[layer, part, at]), 3),
            )
            for layer, part in np.ndindex(found.stream.shape[:2])
        ]
        header = (say("layer"), say("part"), say("length before"), say("length added"), say("times"), say("cosine"))
        return words.table(header, rows)

    @property
    def _shares(self) -> words.Floats:
        return self.result.shares[:, :, self.position]

    @property
    def _word(self) -> str:
        return labels(self.result.source)[self.position].spoken

    def _lines(self) -> tuple[str, ...]:
        say, source = self.say, self.result.source
        place = say("token {number} of {count}", number=self.position + 1, count=len(source.tokens))
        return (
            f"{words.quoted(say, source.text)} · {place}",
            say("Right: times as long as what stood there · cosine of the vector before and after"),
            say("Each sum is normed, as in BERT" if self.result.normed else "What goes in is normed, as in GPT-2"),
        )

    def _legend(self) -> Rows:
        say, palette = self.say, colours(self.theme)
        marks = (
            (say("what stood there"), palette.mark),
            (say("attention adds"), palette.bar),
            (say("feed-forward adds"), palette.second),
        )
        return plan_legend(marks, WIDTH)

    def _draw_layer(self, canvas: Canvas, top: int, layer: int) -> None:
        """Draw a bar for each part, which what stood there and what is added share as their lengths do."""
        say, palette = self.say, canvas.colours
        left, right = MARGIN + _NAME, WIDTH - MARGIN - _NUMBERS
        name = fit(say("layer {layer}", layer=layer + 1), _NAME - 8, _LETTERS)
        canvas.write(MARGIN, top + _ROW + _LETTERS // 3, line(name, _LETTERS))
        for part, colour in enumerate((palette.bar, palette.second)):
            share = float(self._shares[layer, part])
            y = top + part * _ROW
            track, kept = (left, y, right, y + _THICK), round((right - left) / (1 + share))
            canvas.bar(track, palette.mark, 5, 0, kept - 1)
            canvas.bar(track, colour, 5, kept + 1)
            baseline, cosine = y + _THICK - 4, words.cosine(say, float(self.result.cosines[layer, part, self.position]))
            times = line(say.number(f"{share:.2f}×"), NOTE)
            canvas.write(right + 84, baseline, times, align="right")
            canvas.write(WIDTH - MARGIN, baseline, line(f"cos {cosine}", NOTE), palette.dim, align="right")

    def _alt(self) -> str:
        say = self.say
        told = [
            say(
                "layer {layer}: attention {attention}, feed-forward {feeds}",
                layer=layer,
                attention=words.decimal(say, attention),
                feeds=words.decimal(say, feeds),
            )
            for layer, (attention, feeds) in enumerate(self._shares.tolist(), 1)
        ]
        return words.alt(
            words.told(self.finding()),
            *map(words.told, words.unknown_words(say, self.result.source)),
            words.told(words.opening("; ".join(told))),
            words.told(self._lines()[-1]),
            words.text_told(say, self.result.source.text),
            say(cautions.MOVES),
        )
