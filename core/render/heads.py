"""One head of a model, or the mean of a layer's heads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
        if not 0 <= self.layer < self.map.layers:
            raise BadInput(f"This model has {self.map.layers} layers: choose one from 1 to {self.map.layers}.")
        if self.head is not None and not 0 <= self.head < self.map.heads:
            raise BadInput(
                f"This model has {self.map.heads} heads in each layer: choose one from 1 to {self.map.heads}."
            )

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
        source, weights = self.map.source, self.weights
        names = labels(source)
        shown = names[:MOST_TOKENS]
        size = words.count_tokens(len(names)) if len(shown) == len(names) else f"tokens 1–{len(shown)} of {len(names)}"
        plot = Plot(
            self.title,
            f"{source.model.name} · {size}",
            weights[: len(shown), : len(shown)],
            shown,
            (cautions.for_head(self.layer, self.head, self.map.causal), *words.bundled_note(source.model)),
            self.theme,
            self.map.causal,
        )
        canvas = draw_heatmap(plot)
        alt = words.alt(
            f"Attention of {source.model.name}. {self.title}, {size}.",
            f"Rows look, columns are looked at; square-root colour scale from 0 to {plot.weights.max(initial=0):.2f}.",
            *words.link_sentences(weights, names),
        )
        return Drawing(canvas.png(), alt, canvas.width, canvas.height)

    def table(self) -> Table:
        """List each token with the three that it looks at most."""
        return words.link_table(self.weights, labels(self.map.source))
