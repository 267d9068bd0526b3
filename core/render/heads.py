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
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class HeadView:
    """What each token looks at in one head.

    Attributes:
        map: The weights.
        layer: Which layer, from 0.
        head: Which head, from 0, or ``None`` for the mean of the layer's heads.
        theme: Dark or light.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"

    def __post_init__(self) -> None:
        check_head(self.map, self.layer, self.head)

    @property
    def weights(self) -> words.Floats:
        """The weights as float32 ``(N, N)``, row = from, column = to."""
        layer = self.map.weights[self.layer].astype(np.float32)
        return layer.mean(axis=0) if self.head is None else layer[self.head]

    @property
    def title(self) -> str:
        """Which layer and head, counted from 1."""
        which = f"mean of {self.map.heads} heads" if self.head is None else f"head {self.head + 1} of {self.map.heads}"
        return f"Layer {self.layer + 1} of {self.map.layers} · {which}"

    def draw(self) -> Drawing:
        """Draw the weights as a square; of a long text, its first `MOST_TOKENS` tokens."""
        plot = square(self.map, self.weights, self.title, self.theme)
        caution = cautions.for_head(self.layer, self.head, self.map.causal)
        return drawn(replace(plot, footer=(caution, *plot.footer)), self.map, self.weights)

    def table(self) -> Table:
        """List each token with the three that it looks at most."""
        return words.link_table(self.weights, labels(self.map.source))


@dataclass(frozen=True, slots=True, eq=False)
class RolloutView:
    """How much of each input token is in what stands at each position after the last layer (`measures.rollout`).

    Attributes:
        map: The weights.
        theme: Dark or light.
    """

    map: AttentionMap
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw the shares as a square; of a long text, its first `MOST_TOKENS` tokens."""
        shares = measures.rollout(self.map.weights)
        plot = square(self.map, shares, f"Rollout through {self.map.layers} layers", self.theme)
        reading = "rows = position after the last layer · columns = input token"
        return drawn(replace(plot, reading=reading, footer=(cautions.ROLLOUT, *plot.footer)), self.map, shares)

    def table(self) -> Table:
        """List each position with the three input tokens that make up most of it."""
        return words.link_table(measures.rollout(self.map.weights), labels(self.map.source))


def check_head(attention: AttentionMap, layer: int, head: int | None) -> None:
    """Raise `BadInput` if there is no such layer or head (``None``, for the mean, always is)."""
    if not 0 <= layer < attention.layers:
        raise BadInput(f"This model has {attention.layers} layers: choose one from 1 to {attention.layers}.")
    if head is not None and not 0 <= head < attention.heads:
        raise BadInput(f"This model has {attention.heads} heads in each layer: choose one from 1 to {attention.heads}.")


def square(attention: AttentionMap, weights: words.Floats, title: str, theme: Theme, most: int = MOST_TOKENS) -> Plot:
    """Plan the picture of some ``(N, N)`` weights between the tokens of a text, at most the first `most`."""
    source, names = attention.source, labels(attention.source)
    shown = names[:most]
    size = words.count_tokens(len(names)) if len(shown) == len(names) else f"tokens 1–{len(shown)} of {len(names)}"
    part = weights[: len(shown), : len(shown)]
    footer = words.bundled_note(source.model)
    return Plot(title, f"{source.model.name} · {size}", part, shown, footer, theme, attention.causal)


def drawn(plot: Plot, attention: AttentionMap, weights: words.Floats) -> Drawing:
    """Draw a plot of all or the first tokens of a text, whose weights are `weights`."""
    canvas = draw_heatmap(plot)
    names = plot.labels if len(plot.labels) == len(weights) else labels(attention.source)
    alt = words.alt(
        f"{plot.title}: attention of {plot.subtitle}.",
        f"{plot.reading.capitalize()}; square-root colour scale from 0 to {plot.weights.max(initial=0):.2f}.",
        *words.link_sentences(weights, names),
    )
    return Drawing(canvas.png(), alt, canvas.width, canvas.height)
