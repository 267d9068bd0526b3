"""An answer layer by layer: the logit lens as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import visible
from core.results import Drawing, LayerPrediction, LayerPredictions, Table, settling_layer

_ROW, _THICK, _LETTERS, _HEADING = 36, 20, 22, 44  # pixels: row to row, a bar, letters, the heading of a mask
_LAYER, _WORD, _RANK = 130, 190, 130  # pixels for the columns beside the bars


@dataclass(frozen=True, slots=True)
class LogitLensBars(Picture):
    """What each layer would put at each mask.

    Attributes:
        result: The guesses of every layer.
        theme: Dark or light.
        say: The language.
    """

    result: LayerPredictions
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """The answer for each mask, and since which layer it is settled."""
        write = quote or words.quoting(self.say)
        return "; ".join(_since(self.say, mask, write(mask[-1].word)) for mask in self.result.masks)

    def draw(self) -> Drawing:
        """Draw a row for each layer: its word, and how probable it and the final answer are."""
        say, source, masks = self.say, self.result.source, self.result.masks
        shown = [_spread(mask, len(masks)) for mask in masks]
        lines = (
            words.quoted(say, source.text),
            say(
                "Each row: the word on top after that layer · grey: its probability · blue: that of the last layer's "
                "answer · right: the answer's rank"
            ),
        )
        notes = (*_left_out(say, masks[0], shown[0]), say(cautions.LENS), words.model_named(say, source.model))
        height = sum(len(rows) * _ROW + (_HEADING if len(masks) > 1 else 0) for rows in shown)
        warnings = words.unknown_words(say, source)
        canvas, top = draw_frame(Frame(self.finding(), lines, notes, WIDTH, height, self.theme, warnings=warnings))
        for number, rows in enumerate(shown, 1):
            if len(masks) > 1:
                heading = line(say("mask {number} of {count}", number=number, count=len(masks)), SUBTITLE)
                canvas.write(MARGIN, top + _HEADING - 12, heading, canvas.colours.dim)
                top += _HEADING
            _draw_rows(say, canvas, top, rows)
            top += len(rows) * _ROW
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every layer's word, and the probability and rank of the final answer there."""
        say = self.say
        rows = [
            (
                str(number),
                _name(say, layer),
                _word(guess),
                words.decimal(say, guess.probability, 4),
                words.decimal(say, guess.answer, 4),
                str(guess.rank),
            )
            for number, mask in enumerate(self.result.masks, 1)
            for layer, guess in enumerate(mask)
        ]
        header = (say("mask"), say("layer"), say("word"), say("probability"), say("answer"), say("rank"))
        return words.table(header, rows)

    def _alt(self) -> str:
        say, source = self.say, self.result.source
        rows = [
            ", ".join(
                f"{_name(say, layer)} {_word(guess)} {words.percent(say, guess.probability)}"
                for layer, guess in enumerate(mask)
            )
            for mask in self.result.masks
        ]
        return words.alt(
            say("The answer layer by layer, by {model}: {words}.", model=source.model.name, words=self.finding()),
            *map(words.told, words.unknown_words(say, source)),
            *(say("Mask {number}: {words}.", number=number, words=row) for number, row in enumerate(rows, 1)),
            words.text_told(say, source.text),
            say(cautions.LENS),
        )


def _spread(mask: Sequence[LayerPrediction], masks: int) -> list[tuple[int, LayerPrediction]]:
    """The layers of one of several masks with what they say; of a deep model as many as fit, evenly spread."""
    most = (TALLEST // masks - _HEADING) // _ROW
    chosen = np.linspace(0, len(mask) - 1, min(len(mask), most)).round().astype(int)
    return [(layer, mask[layer]) for layer in chosen.tolist()]


def _left_out(say: Language, mask: Sequence[LayerPrediction], shown: Sequence[object]) -> tuple[str, ...]:
    """How many layers are not drawn."""
    more = len(mask) - len(shown)
    return (say("and {count:,} more layers between these: “As text” has them", count=more),) if more else ()


def _draw_rows(say: Language, canvas: Canvas, top: int, rows: Sequence[tuple[int, LayerPrediction]]) -> None:
    palette = canvas.colours
    left, right = MARGIN + _LAYER + _WORD + 14, WIDTH - MARGIN - _RANK
    for row, (layer, guess) in enumerate(rows):
        y = top + row * _ROW + (_ROW - _THICK) // 2
        baseline = y + _THICK - 3
        canvas.write(MARGIN, baseline, line(fit(_name(say, layer), _LAYER, _LETTERS - 2), _LETTERS - 2), palette.dim)
        name = line(fit(_word(guess), _WORD, _LETTERS), _LETTERS)
        canvas.write(MARGIN + _LAYER + _WORD, baseline, name, palette.text, align="right")
        shares = ((1.0, palette.track), (guess.probability, palette.mark), (guess.answer, palette.bar))
        for share, colour in shares:
            canvas.bar((left, y, right, y + _THICK), colour, 5, 0, round((right - left) * share))
        rank = say("on top") if guess.rank == 1 else say("rank {rank:,}", rank=guess.rank)
        colour = palette.text if guess.rank == 1 else palette.dim
        canvas.write(WIDTH - MARGIN, baseline, line(rank, _LETTERS - 2), colour, align="right")


def _name(say: Language, layer: int) -> str:
    return say("layer {layer}", layer=layer) if layer else say("input")


def _word(guess: LayerPrediction) -> str:
    return visible(guess.word.strip() or guess.word)


def _since(say: Language, mask: tuple[LayerPrediction, ...], word: str) -> str:
    """The answer, and when it was settled, in words."""
    layer = settling_layer(mask)
    if layer == len(mask) - 1:
        return say("{word} is on top only after the last layer", word=word)
    return say("{word} is on top from {layer} on", word=word, layer=_name(say, layer))
