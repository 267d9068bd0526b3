"""One token, or the word it is a piece of, in one head: what it looks at, and what looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps.selection import Selection, check_token, select_tokens
from core.render.attention.heads import HeadView
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.drawing.palette import Colour, Theme, colours
from core.render.kit.view import HeadPicture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import Label, labels
from core.results import AttentionMap, Drawing, Table

_MOST_BARS = 8


@dataclass(frozen=True, slots=True, eq=False)
class TokenView(HeadPicture):
    """What one token looks at, and what looks at it; in cross-attention, what a token being written looks at.

    Words of several pieces are one (`core.maps.selection`), as in what is said of them.

    Attributes:
        map: The weights.
        layer: Which layer, from 1.
        head: Which head, from 1, or ``None`` for the mean of the layer's heads.
        position: Which token of those that look, from 0.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such layer, head or token, or the weights are differences.
    """

    map: AttentionMap
    layer: int
    head: int | None
    position: int
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        HeadPicture.__post_init__(self)
        if self.map.signed:
            raise BadInput("A difference has no picture of one token: choose another picture.")
        check_token(self.map.queries, self.position)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What its word looks at, in one sentence; nothing of a special token, which is no word."""
        return HeadView(self.map, self.layer, self.head, query=self.position, say=self.say).finding(quote)

    def draw(self) -> Drawing:
        """Draw its row and its column as bars, the longest of each."""
        say, model, view = self.say, self.map.source.model, HeadView(self.map, self.layer, self.head, say=self.say)
        notes = [
            say("Grey bars: special tokens. Only the longest bars are shown."),
            say(cautions.for_head(self.map, *self.indices)),
        ]
        if self._merged:
            notes.append(say("Words of several pieces: weights to them are summed, those from them averaged."))
        name = words.quoted(say, self._token.numbered)
        lines = (f"{name} · {self._which()} · {view.title}", model.name)
        canvas = draw_chart(say, self.finding() or name, lines, notes, self._groups(), self.theme)
        return canvas.drawing(self._alt(view))

    def table(self) -> Table:
        """List every word with the weight to it and the weight from it."""
        say = self.say
        columns = [[words.decimal(say, weight, 4) for weight in weights] for weights in self._weights() if weights]
        rows = zip((label.numbered for label in labels(self._part().columns)), *columns, strict=True)
        header = (say("token"), say("looked at"), say("looks back"))
        return words.table(header[: 1 + len(columns)], rows)

    @property
    def _token(self) -> Label:
        return labels(self._part().rows)[self._row()]

    @property
    def _merged(self) -> bool:
        part, map = self._part(), self.map
        return len(part.rows.tokens) < len(map.queries.tokens) or len(part.columns.tokens) < len(map.source.tokens)

    def _part(self) -> Selection:
        return select_tokens(self.map.source, HeadView(self.map, self.layer, self.head).weights, "words", self.map.rows)

    def _row(self) -> int:
        """The token's word's place among the words that look."""
        return self._part().row(self.position) or 0

    def _which(self) -> str:
        say, count = self.say, len(self.map.queries.tokens)
        return say("token {number} of {count}", number=self.position + 1, count=count)

    def _groups(self) -> list[Group]:
        say, palette, names, name = self.say, colours(self.theme), labels(self._part().columns), self._token.numbered
        row, column = self._weights()
        at = say("“{token}” looks at (shares of its attention)", token=name)
        groups = [Group(at, _bars(names, row, palette.bar, palette.dim))]
        if column:
            by = say("“{token}” is looked at by (shares of their attention)", token=name)
            groups.append(Group(by, _bars(names, column, palette.second, palette.dim)))
        return groups

    def _alt(self, view: HeadView) -> str:
        say, names, (row, column) = self.say, labels(self._part().columns), self._weights()
        whose = {"token": self._token.spoken, "which": self._which(), "model": self.map.source.model.name}
        return words.alt(
            self.finding(),
            say("Attention of {token}, {which}, in {model}. {title}.", **whose, title=view.title),
            say("It looks at {tokens}.", tokens=_listed(say, names, row)),
            say("It is looked at by {tokens}.", tokens=_listed(say, names, column)) if column else "",
            say(cautions.for_head(self.map, *self.indices)),
        )

    def _weights(self) -> tuple[list[float], list[float]]:
        """The row (to every word), and the column (from every word) if words of the same text look back."""
        weights, row = self._part().weights, self._row()
        return weights[row].tolist(), weights[:, row].tolist() if self.map.is_self_attention else []


def _strongest(weights: list[float], limit: int) -> list[int]:
    order = np.argsort(-np.array(weights), kind="stable")[:limit]
    return [index for index in order.tolist() if weights[index] > 0]


def _bars(names: list[Label], weights: list[float], colour: Colour, special: Colour) -> list[Bar]:
    return [
        Bar(names[index].numbered, weights[index], special if names[index].special else colour)
        for index in _strongest(weights, _MOST_BARS)
    ]


def _listed(say: Language, names: list[Label], weights: list[float]) -> str:
    """The five strongest, in words."""
    found = [f"{names[index].spoken} {words.percent(say, weights[index])}" for index in _strongest(weights, 5)]
    return ", ".join(found) or say("nothing")
