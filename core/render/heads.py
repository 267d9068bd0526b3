"""Squares of weights between tokens: one head, the mean of a layer, all layers together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core import measures
from core.errors import BadInput
from core.render import cautions, words
from core.render.heatmap import MOST_TOKENS, Plot, draw_heatmap
from core.render.labels import labels
from core.render.palette import Theme
from core.results import AttentionMap, Drawing, Table, Tokenization
from core.shown import MERGED, ORDINARY, PARTS, Shown, show

KEPT = "Shown:"
"""Begins the note that says how much of the weights is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadView:
    """What each token looks at in one head.

    Attributes:
        map: The weights.
        layer: Which layer, from 0.
        head: Which head, from 0, or ``None`` for the mean of the layer's heads.
        theme: Dark or light.
        shown: Which tokens to show, see `core.shown`.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    shown: str = "all"

    def __post_init__(self) -> None:
        check_head(self.map, self.layer, self.head)

    @property
    def weights(self) -> words.Floats:
        """The weights as float32 ``(N, N)``, row = from, column = to."""
        layer = self.map.weights[self.layer].astype(np.float32)
        return layer.mean(axis=0) if self.head is None else layer[self.head]

    @property
    def title(self) -> str:
        """Which layer and head, counted from 1, and of what if not of one text that looks at itself."""
        which = f"mean of {self.map.heads} heads" if self.head is None else f"head {self.head + 1} of {self.map.heads}"
        title = f"layer {self.layer + 1} of {self.map.layers} · {which}"
        what = "Difference · " if self.map.signed else "Cross-attention · " if self.map.rows else ""
        return what + title if what else title.capitalize()

    def draw(self) -> Drawing:
        """Draw the weights as a square; of a long text, its first `MOST_TOKENS` tokens."""
        plot = square(self.map, self.weights, self.title, self.theme, shown=self.shown)
        caution = cautions.for_head(self.map, self.layer, self.head)
        return drawn(replace(plot, footer=(caution, *plot.footer)))

    def table(self) -> Table:
        """List each token with the three that it looks at most."""
        return table(self.map, self.weights, self.shown)

    def full(self) -> Table:
        """List every weight that is shown."""
        return full(self.map, self.weights, self.shown)


@dataclass(frozen=True, slots=True, eq=False)
class RolloutView:
    """How much of each input token is in what stands at each position after the last layer (`measures.rollout`).

    Attributes:
        map: The weights.
        theme: Dark or light.
        shown: Which tokens to show, see `core.shown`.
    """

    map: AttentionMap
    theme: Theme = "dark"
    shown: str = "all"

    def draw(self) -> Drawing:
        """Draw the shares as a square; of a long text, its first `MOST_TOKENS` tokens."""
        title = f"Rollout through {self.map.layers} layers"
        plot = square(self.map, measures.rollout(self.map.weights), title, self.theme, shown=self.shown)
        reading = "rows = position after the last layer · columns = input token"
        return drawn(replace(plot, reading=reading, footer=(cautions.ROLLOUT, *plot.footer)))

    def table(self) -> Table:
        """List each position with the three input tokens that make up most of it."""
        return table(self.map, measures.rollout(self.map.weights), self.shown)

    def full(self) -> Table:
        """List every share that is shown."""
        return full(self.map, measures.rollout(self.map.weights), self.shown)


def check_head(attention: AttentionMap, layer: int, head: int | None) -> None:
    """Raise `BadInput` if there is no such layer or head (``None``, for the mean, always is)."""
    if not 0 <= layer < attention.layers:
        raise BadInput("This model has {count} layers: choose one from 1 to {count}.", count=attention.layers)
    if head is not None and not 0 <= head < attention.heads:
        raise BadInput(
            "This model has {count} heads in each layer: choose one from 1 to {count}.", count=attention.heads
        )


def square(
    attention: AttentionMap,
    weights: words.Floats,
    title: str,
    theme: Theme,
    most: int = MOST_TOKENS,
    shown: str = "all",
) -> Plot:
    """Plan the picture of some ``(N, N)`` weights between the tokens of a text, at most the first `most`."""
    source, part = attention.source, show(attention.source, weights, shown, attention.rows)
    columns = labels(part.columns)[:most]
    rows = columns if part.rows is part.columns else labels(part.rows)[:most]
    square = attention.rows is None and shown not in PARTS
    return Plot(
        title,
        f"{source.model.name} · {_size(attention, part, len(rows), len(columns))}",
        part.weights[: len(rows), : len(columns)],
        columns,
        (*_left_out(attention, part, shown), *words.bundled_note(source.model)),
        theme,
        attention.causal and square,
        reading=words.reading(attention),
        rows=None if square else rows,
        divide=min(part.columns.second, len(columns)) if square else 0,
        signed=attention.signed,
    )


def drawn(plot: Plot) -> Drawing:
    """Draw a plot."""
    canvas = draw_heatmap(plot)
    alt = words.alt(
        f"{plot.title}: attention of {plot.subtitle}.",
        f"{plot.reading.capitalize()}; square-root colour scale from {_ends(plot)}.",
        *words.link_sentences(plot.weights, plot.labels, plot.rows, plot.signed),
        *(note for note in plot.footer if note.startswith(KEPT)),
    )
    return Drawing(canvas.png(), alt, canvas.width, canvas.height)


def table(attention: AttentionMap, weights: words.Floats, shown: str) -> Table:
    """List each token with the three that it looks at most."""
    part = show(attention.source, weights, shown, attention.rows)
    return words.link_table(part.weights, labels(part.rows), labels(part.columns), attention.signed)


def full(attention: AttentionMap, weights: words.Floats, shown: str) -> Table:
    """List every weight: a row for each token that looks, a column for each that is looked at."""
    part = show(attention.source, weights, shown, attention.rows)
    names = [label.numbered for label in labels(part.rows)]
    rows = [(name, *(f"{weight:.6f}" for weight in row)) for name, row in zip(names, part.weights, strict=True)]
    return words.table(("from", *(label.numbered for label in labels(part.columns))), rows)


def _size(attention: AttentionMap, part: Shown, rows: int, columns: int) -> str:
    """How many tokens there are, and which of them are drawn."""
    size = _counted(attention.source, part.columns, columns)
    return size if attention.rows is None else f"{_counted(attention.rows, part.rows, rows)} look at {size}"


def _counted(source: Tokenization, shown: Tokenization, drawn: int) -> str:
    total = len(source.tokens)
    return f"tokens 1–{drawn} of {total}" if drawn < len(shown.tokens) else words.count_tokens(total)


def _ends(plot: Plot) -> str:
    return f"−{plot.largest:.2f} to +{plot.largest:.2f}" if plot.signed else f"0 to {plot.weights.max(initial=0):.2f}"


def _left_out(attention: AttentionMap, part: Shown, shown: str) -> list[str]:
    """Say what is hidden and merged."""
    lacking = attention.signed and attention.rows
    new = "A word that only one of the texts has is a column, but no row." if lacking else ""
    if shown == "all":
        return [new] if new else []
    merged = "Words of several pieces: weights to them are summed, those from them averaged." if shown in MERGED else ""
    what = "Special tokens are hidden" if shown in ORDINARY else ""
    if shown in PARTS:
        names = {"a": "first", "b": "second"}
        what = f"The {names[shown[0]]} text looks at the {names[shown[1]]}"
    kept = "" if attention.signed else f"{KEPT} {words.percent(part.kept)} of each row on average. "
    return [note for note in (f"{kept}{what}; nothing is normalised anew." if what else "", merged, new) if note]
