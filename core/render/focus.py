"""One token in one head: what it looks at, and what looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.render import cautions, words
from core.render.bars import Bar, Group, draw_chart
from core.render.heads import HeadView
from core.render.labels import Label, labels
from core.render.palette import Colour, Theme, colours
from core.results import AttentionMap, Drawing, Table

_MOST_BARS = 8


@dataclass(frozen=True, slots=True, eq=False)
class TokenView:
    """What one token looks at, and what looks at it; in cross-attention, what a token being written looks at.

    Attributes:
        map: The weights.
        layer: Which layer, from 0.
        head: Which head, from 0, or ``None`` for the mean of the layer's heads.
        position: Which token of those that look, from 0.
        theme: Dark or light.

    Raises:
        BadInput: There is no such layer, head or token, or the weights are differences.
    """

    map: AttentionMap
    layer: int
    head: int | None
    position: int
    theme: Theme = "dark"

    def __post_init__(self) -> None:
        count = len(self.map.looking.tokens)
        if self.map.signed:
            raise BadInput("A difference has no picture of one token: choose another picture.")
        if not 0 <= self.position < count:
            raise BadInput("This text has {count} tokens: choose one from 1 to {count}.", count=count)
        HeadView(self.map, self.layer, self.head)

    def draw(self) -> Drawing:
        """Draw its row and its column as bars, the longest of each."""
        source, palette, view = self.map.source, colours(self.theme), HeadView(self.map, self.layer, self.head)
        names, looking = labels(source), labels(self.map.looking)
        name, (row, column) = looking[self.position], self._weights()
        which = f"token {self.position + 1} of {len(looking)}"
        groups = [
            Group(f"“{name.numbered}” looks at (shares of its attention)", _bars(names, row, palette.bar, palette.dim))
        ]
        if column:
            by = f"“{name.numbered}” is looked at by (shares of their attention)"
            groups.append(Group(by, _bars(names, column, palette.second, palette.dim)))
        notes = (
            "Grey bars: special tokens. Only the longest bars are shown.",
            cautions.for_head(self.map, self.layer, self.head),
            *words.bundled_note(source.model),
        )
        lines = (f"{view.title} · {which}", source.model.name)
        canvas = draw_chart(f"“{name.numbered}”", lines, notes, groups, self.theme)
        alt = words.alt(
            f"Attention of {name.spoken}, {which}, in {source.model.name}. {view.title}.",
            f"It looks at {_listed(names, row)}.",
            f"It is looked at by {_listed(names, column)}." if column else "",
        )
        return Drawing(canvas.png(), alt, canvas.width, canvas.height)

    def table(self) -> Table:
        """List every token with the weight to it and the weight from it."""
        columns = [[f"{weight:.4f}" for weight in weights] for weights in self._weights() if weights]
        rows = zip((label.numbered for label in labels(self.map.source)), *columns, strict=True)
        return words.table(("token", "looked at", "looks back")[: 1 + len(columns)], rows)

    def _weights(self) -> tuple[list[float], list[float]]:
        """The row (to every token), and the column (from every token) if tokens of the same text look back."""
        weights = HeadView(self.map, self.layer, self.head).weights
        return weights[self.position].tolist(), weights[:, self.position].tolist() if self.map.plain else []


def _strongest(weights: list[float], limit: int) -> list[int]:
    order = np.argsort(-np.array(weights), kind="stable")[:limit]
    return [index for index in order.tolist() if weights[index] > 0]


def _bars(names: list[Label], weights: list[float], colour: Colour, special: Colour) -> list[Bar]:
    return [
        Bar(names[index].numbered, weights[index], special if names[index].special else colour)
        for index in _strongest(weights, _MOST_BARS)
    ]


def _listed(names: list[Label], weights: list[float]) -> str:
    """The five strongest, in words."""
    found = [f"{names[index].spoken} {words.percent(weights[index])}" for index in _strongest(weights, 5)]
    return ", ".join(found) or "nothing"
