"""Squares of weights between tokens: one head, the mean of a layer, all layers together."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.language import ENGLISH, Language
from core.maps import measures
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.squares import full_table, plan_heatmap, render_heatmap, top_links_table, which_head
from core.render.kit.view import HeadPicture, Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import HOLDS, Finder, in_head
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class HeadView(HeadPicture):
    """What each token looks at in one head.

    Attributes:
        map: The weights.
        layer: Which layer, from 1.
        head: Which head, from 1, or ``None`` for the mean of the layer's heads.
        theme: Dark or light.
        shown: Which tokens to show, see `core.maps.selection`.
        query: The token whose word the finding is about, from 0; without one it is about the strongest link.
        say: The language.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    shown: str = "all"
    query: int | None = None
    say: Language = ENGLISH

    @property
    def weights(self) -> words.Floats:
        """The weights as float32 ``(N, N)``, row = from, column = to."""
        layer, head = self.indices
        weights = self.map.weights[layer].astype(np.float32)
        return weights.mean(axis=0) if head is None else weights[head]

    @property
    def title(self) -> str:
        """Which layer and head, counted from 1, and of what if not of one text that looks at itself."""
        say, which = self.say, which_head(self.say, self.map, self.head)
        title = say("layer {layer} of {layers} · {which}", layer=self.layer, layers=self.map.layers, which=which)
        if self.map.signed:
            return say("Difference · {title}", title=title)
        return say("Cross-attention · {title}", title=title) if self.map.rows else words.opening(title)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What the word looks at, or the strongest link, in one sentence."""
        return Finder(self.say, self.map, quote, self.shown).looks(
            self.weights, in_head(self.say, self.layer, self.head), self.query
        )

    def draw(self) -> Drawing:
        """Draw the weights as a square; of a long text, its first `MOST_TOKENS` tokens."""
        say, plot = self.say, plan_heatmap(self, self.weights, self.title)
        return render_heatmap(plot, say(cautions.for_head(self.map, *self.indices)))

    def table(self) -> Table:
        """List each token with the three that it looks at most."""
        return top_links_table(self, self.weights)

    def full(self) -> Table:
        """List every weight that is shown."""
        return full_table(self, self.weights)


@dataclass(frozen=True, slots=True, eq=False)
class RolloutView(Picture):
    """How much of each input token is in what stands at each position after the last layer (`measures.rollout`).

    Attributes:
        map: The weights.
        theme: Dark or light.
        shown: Which tokens to show, see `core.maps.selection`.
        query: As for a `HeadView`.
        say: The language.
    """

    map: AttentionMap
    theme: Theme = "dark"
    shown: str = "all"
    query: int | None = None
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """What a word is made of beside itself, in one sentence."""
        shares = measures.rollout(self.map.weights)
        return Finder(self.say, self.map, quote, self.shown).link(HOLDS, shares, query=self.query)

    def draw(self) -> Drawing:
        """Draw the shares as a square; of a long text, its first `MOST_TOKENS` tokens."""
        say = self.say
        title = say("Rollout through {count} layers", count=self.map.layers)
        plot = plan_heatmap(self, measures.rollout(self.map.weights), title)
        reading = say("rows = position after the last layer · columns = input token")
        return render_heatmap(replace(plot, reading=reading), say(cautions.ROLLOUT))

    def table(self) -> Table:
        """List each position with the three input tokens that make up most of it."""
        return top_links_table(self, measures.rollout(self.map.weights))

    def full(self) -> Table:
        """List every share that is shown."""
        return full_table(self, measures.rollout(self.map.weights))
