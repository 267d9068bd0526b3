"""The logit lens over a whole sentence: the top word of every layer at every position, and a word's rank below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.render.explaining import rank_curves
from core.render.fillings import display_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, readable_on
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, NOTE, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import draw_scale, levels, scale_height
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import Drawing, LensMap, Table, WordPath

_LAYER, _HEADING, _ROW, _GAP = 96, 36, 36, 2  # pixels: for names at the left and above, of a row, between cells
_COLUMNS = 7
"""Positions beside each other: with more, words would have no room on a phone."""
_TALL = 1800  # pixels of all cells


@dataclass(frozen=True, slots=True)
class LensGrid(Picture):
    """The top word of every layer at every position, coloured by its probability; below it the rank of one word.

    Special tokens are left out, and of a long text what is far from the gap: the table has all.

    Attributes:
        result: What each layer would put.
        followed: Which of the words that are followed is drawn, from 1.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such word.
    """

    result: LensMap
    followed: int = 1
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        if not 1 <= self.followed <= len(self.result.paths):
            raise BadInput("{count} words are followed: choose one from 1 on.", count=len(self.result.paths))

    @property
    def path(self) -> WordPath:
        """The word that is followed."""
        return self.result.paths[self.followed - 1]

    def finding(self, quote: words.Quote | None = None) -> str:
        """From which layer on the word is on top, or how near it comes to that."""
        say, path = self.say, self.path
        word = (quote or words.quoting(say))(display_token(path.word))
        if path.settled is None:
            best = min(path.ranks)
            where = self._named(path.ranks.index(best))
            told = {"word": word, "best": best, "layer": where, "last": path.ranks[-1]}
            if best == 1:
                return say("{word} is on top at {layer}, but ends on rank {last:,}", **told)
            return say("{word} gets no higher than rank {best:,} ({layer}), and ends on rank {last:,}", **told)
        if path.settled == self.result.layers:
            return say("{word} is on top only after the last layer", word=word)
        return say("{word} is on top from {layer} on", word=word, layer=self._named(path.settled))

    def draw(self) -> Drawing:
        """Draw bands of a few positions each, the layers below one another, and the ranks."""
        say, result, columns = self.say, self.result, self._columns()
        rows = self._rows()
        per_band = -(-len(columns) // -(-len(columns) // _COLUMNS))
        bands = [columns[start : start + per_band] for start in range(0, len(columns), per_band)]
        above = len(bands) * (_HEADING + len(rows) * _ROW) + scale_height(WIDTH)
        notes = (*self._left_out(columns, rows), say(cautions.LENS), words.model_named(say, result.source.model))
        warnings = words.unknown_words(say, result.source)
        height = above + rank_curves.HEIGHT
        canvas, top = draw_frame(
            Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, warnings=warnings)
        )
        width = (WIDTH - 2 * MARGIN - _LAYER) // per_band
        for number, band in enumerate(bands):
            self._draw_band(canvas, top + number * (_HEADING + len(rows) * _ROW), width, band, rows)
        told = [say("probability of the word, square-root")]
        draw_scale(say, canvas, MARGIN, top + above - scale_height(WIDTH), 1.0, told)
        paths = [path for path in result.paths if path.position == self.path.position]
        names = [fit(self._short(layer), _LAYER, NOTE) for layer in range(result.layers + 1)]
        rank_curves.draw_ranks(say, canvas, top + above, paths, self.path, names)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List the top word of every layer at every position; then the words that are followed, with their ranks."""
        say, result, names = self.say, self.result, self._names()
        rows = [
            (self._named(layer), names[place], display_token(word), self._chance(layer, place), "1")
            for layer, line_of_words in enumerate(result.best)
            for place, word in enumerate(line_of_words)
        ]
        rows += [
            (self._named(layer), names[path.position], display_token(path.word), words.decimal(say, chance, 4), f"{n}")
            for path in result.paths
            for layer, (chance, n) in enumerate(zip(path.probabilities, path.ranks, strict=True))
        ]
        return words.table((say("layer"), say("token"), say("word"), say("probability"), say("rank")), rows)

    def _draw_band(self, canvas: Canvas, top: int, width: int, band: Sequence[int], rows: Sequence[int]) -> None:
        palette, names, left = canvas.colours, labels(self.result.source), MARGIN + _LAYER
        shades = levels(self.result.probabilities, 1.0)
        for row, layer in enumerate(rows):
            baseline = top + _HEADING + row * _ROW + 25
            canvas.write(
                left - 12, baseline, line(fit(self._short(layer), _LAYER - 14, NOTE), NOTE), palette.dim, align="right"
            )
        for column, place in enumerate(band):
            x, answers = left + column * width, place in self.result.places
            name = line(fit(names[place].numbered, width - 8, NOTE), NOTE, unknown := names[place].unknown, unknown)
            colour = palette.bar if answers else palette.unknown if unknown else palette.dim
            canvas.write(x + width // 2, top + _HEADING - 12, name, colour, align="middle")
            for row, layer in enumerate(rows):
                y, ground = top + _HEADING + row * _ROW, canvas.colour_of(int(shades[layer, place]))
                canvas.fill((x, y, x + width - _GAP, y + _ROW - _GAP), ground)
                word = line(fit(display_token(self.result.best[layer][place]), width - 10, NOTE), NOTE)
                canvas.write(x + (width - _GAP) // 2, y + 24, word, readable_on(ground), ground, "middle", steps=3)
            if answers:
                bottom = top + _HEADING + len(rows) * _ROW
                canvas.frame((x - 2, top + _HEADING - 2, x + width, bottom), palette.bar, 3)

    def _columns(self) -> list[int]:
        """The positions that are drawn: those that no tokenizer added, of many those around the gap."""
        tokens, path = self.result.source.tokens, self.path
        places = [n for n, token in enumerate(tokens) if not token.special or n in self.result.places]
        most = _COLUMNS * max(1, _TALL // (_HEADING + len(self._rows()) * _ROW))
        start = max(0, min(places.index(path.position) - most // 2, len(places) - most))
        return places[start : start + most]

    def _rows(self) -> list[int]:
        """The layers that are drawn: of a deep model as many as fit, evenly spread."""
        count = self.result.layers + 1
        return np.linspace(0, count - 1, min(count, (_TALL - _HEADING) // _ROW)).round().astype(int).tolist()

    def _left_out(self, columns: Sequence[int], rows: Sequence[int]) -> list[str]:
        """What is not drawn, and what could not be followed."""
        say, result = self.say, self.result
        notes = list[str]()
        if more := result.layers + 1 - len(rows):
            notes.append(say("and {count:,} more layers between these: “As text” has them", count=more))
        ordinary = sum(not token.special or place in result.places for place, token in enumerate(result.source.tokens))
        if len(columns) < ordinary:
            told = {"first": columns[0] + 1, "last": columns[-1] + 1, "total": len(result.source.tokens)}
            notes.append(say("Shown: tokens {first}–{last} of {total}. “As text” has all.", **told))
        if result.split:
            listed = ", ".join(map(words.quoting(say), result.split))
            notes.append(say("Not followed, because they are several pieces: {words}", words=listed))
        return notes

    def _lines(self) -> tuple[str, ...]:
        say, source = self.say, self.result.source
        if source.masks:
            cells = say("Each cell: the word that the layer would put there, if the model ended after it")
        else:
            cells = say("Each cell: the word that would come next, if the model ended after the layer")
        return words.quoted(say, source.text), cells

    def _names(self) -> list[str]:
        return [f"{n}. {label.numbered}" for n, label in enumerate(labels(self.result.source), 1)]

    def _named(self, layer: int) -> str:
        return self.say("layer {layer}", layer=layer) if layer else self.say("input")

    def _short(self, layer: int) -> str:
        return str(layer) if layer else self.say("input")

    def _chance(self, layer: int, place: int) -> str:
        return words.decimal(self.say, float(self.result.probabilities[layer, place]), 4)

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result, path = self.say, self.result, self.path
        ranks = ", ".join(f"{self._named(layer)} {rank:,}" for layer, rank in enumerate(path.ranks))
        places = self._columns()
        at = ", ".join(
            f"{self._named(layer)} {display_token(row[path.position])}" for layer, row in enumerate(result.best)
        )
        last = " ".join(display_token(result.best[-1][place]) for place in places)
        return words.alt(
            words.told(self.finding()),
            say(
                "The top word of {layers} layers at {count} positions, by {model}.",
                layers=result.layers,
                count=len(places),
                model=result.source.model.name,
            ),
            *map(words.told, warnings),
            say("Rank of {word}: {ranks}.", word=words.quoting(say)(display_token(path.word)), ranks=ranks),
            say("On top there: {words}.", words=at),
            say("After the last layer: {words}.", words=last),
            words.text_told(say, result.source.text),
            say(cautions.LENS),
        )
