"""Depth as a film: what one word looks at, layer after layer."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.maps.selection import Selection, check_token, select_tokens
from core.render.attention.heads import HeadView
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import Finder, in_head
from core.render.kit.wording.labels import Label, labels
from core.render.kit.wording.scores import Scale
from core.results import AttentionMap, Drawing, Table

_MOST_BARS, _MOST_FRAMES = 16, 12
_MILLISECONDS, _LAST_MILLISECONDS = 900, 2000  # how long each layer stands, and the last


@dataclass(frozen=True, slots=True, eq=False)
class LayerFilm(Picture):
    """What one word looks at in the mean of a layer's heads: one frame per layer, all on one scale, as a GIF.

    The mean, because heads of the same number in two layers have nothing to do with each other; one word, because its
    row is the same row in every layer, that of the same position.

    A GIF, because Discord animates it in every client; it makes a still picture of an animated PNG
    (github.com/discord/lilliput/issues/101) and animated WebP only came in 2024. 256 colours are what pictures here
    have anyway.

    Attributes:
        map: The weights.
        position: A token of the word, from 0.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such token.
    """

    map: AttentionMap
    position: int
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        check_token(self.map.queries, self.position)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What the word looks at most in any layer, in one sentence."""
        layers = list(self._rows())
        where = [[in_head(self.say, layer + 1, None)] for layer in layers]
        means = np.stack([HeadView(self.map, layer + 1, None).weights for layer in layers])
        return Finder(self.say, self.map, quote).strongest(means[:, None], where, self.position)

    def draw(self) -> Drawing:
        """Draw the frames, with a bar for each word that is ever looked at much; `Drawing.png` holds the GIF."""
        rows = self._rows()
        order = np.argsort(-np.max([abs(row) for row in rows.values()], axis=0), kind="stable")
        shown = sorted(order[:_MOST_BARS].tolist())
        scale = Scale.of("regression", [float(row[n]) for row in rows.values() for n in shown])
        scale = scale if self.map.signed else Scale()
        names, title = labels(self._part(0).columns), self.finding() or self._title()
        frames = [
            self._frame(title, layer, [(names[n], float(row[n])) for n in shown], scale) for layer, row in rows.items()
        ]
        first, *others = [frame.picture() for frame in frames]
        stored, durations = io.BytesIO(), [_MILLISECONDS] * len(others) + [_LAST_MILLISECONDS]
        first.save(stored, "GIF", save_all=True, append_images=others, duration=durations, loop=0)
        return Drawing(stored.getvalue(), self._alt(), frames[0].width, frames[0].height, "gif")

    def table(self) -> Table:
        """List of every layer the three words that it looks at most; of a difference those that change most."""
        say, names = self.say, labels(self._part(0).columns)
        written = words.precise if self.map.signed else words.decimal
        rows: list[tuple[str, ...]] = []
        for layer, row in self._rows().items():
            order = [column for column in np.argsort(-abs(row), kind="stable")[:3].tolist() if row[column]]
            cells = [f"{names[column].numbered} {written(say, float(row[column]))}" for column in order]
            rows.append((str(layer + 1), *cells, *[""] * (3 - len(cells))))
        most = say("to (most changed)") if self.map.signed else say("to (strongest)")
        return words.table((say("layer"), most, say("second"), say("third")), rows)

    def _part(self, layer: int) -> Selection:
        return select_tokens(self.map.source, HeadView(self.map, layer + 1, None).weights, "words", self.map.rows)

    def _rows(self) -> dict[int, words.Floats]:
        """The word's row in each layer; of a deep model, in `_MOST_FRAMES` spread evenly, first and last among them."""
        chosen = np.linspace(0, self.map.layers - 1, min(self.map.layers, _MOST_FRAMES)).round().astype(int)
        row = self._part(0).row(self.position)
        return {layer: self._part(layer).weights[row] for layer in chosen.tolist()}

    def _frame(self, title: str, layer: int, shares: Iterable[tuple[Label, float]], scale: Scale) -> Canvas:
        """One layer, said in a line of its own, so that all frames have as many lines."""
        say, palette = self.say, colours(self.theme)
        bars: list[Bar] = []
        for label, weight in shares:
            colour = palette.dim if label.special else palette.bar
            if self.map.signed:
                weight, colour = round(weight, 3), palette.second if weight > 0 else palette.bar
            bars.append(Bar(label.numbered, weight, colour))
        lines = (HeadView(self.map, layer + 1, None, say=say).title, f"{self._title()} · {self.map.source.model.name}")
        return draw_chart(say, title, lines, self._notes(), [Group("", bars)], self.theme, scale)

    def _title(self) -> str:
        say, part = self.say, self._part(0)
        word = labels(part.rows)[part.row(self.position) or 0].numbered
        if self.map.signed:
            return say("What “{word}” looks at: the change, layer by layer", word=word)
        return say("What “{word}” looks at, layer by layer", word=word)

    def _notes(self) -> tuple[str, ...]:
        say = self.say
        key = say("Grey bars: special tokens. Only the longest bars are shown.")
        if self.map.signed:
            key = say("Orange: more in the second text, blue: less. Only the longest bars are shown.")
        mean = say("The mean of each layer: heads of the same number in two layers have nothing to do with each other.")
        return (key, mean, say(cautions.MIXED))

    def _alt(self) -> str:
        say, table = self.say, self.table()
        layers = ((layer, [cell for cell in cells if cell]) for layer, *cells in table.rows)
        told = "; ".join(f"{say('layer {layer}', layer=layer)}: {', '.join(cells)}" for layer, cells in layers if cells)
        film = say("Film of {count} layers of {model}.", count=len(table.rows), model=self.map.source.model.name)
        return words.alt(
            self.finding(), f"{self._title()}.", film, f"{words.opening(told)}." if told else "", say(cautions.MIXED)
        )
