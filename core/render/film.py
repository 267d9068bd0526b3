"""Depth as a film: one head, or the mean of the heads, layer after layer."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np

from core.language import ENGLISH, Language
from core.render.heads import HeadView
from core.render.kit import cautions, words
from core.render.kit.canvas import Canvas
from core.render.kit.findings import Finder, Mark, in_head
from core.render.kit.heatmap import draw_heatmap
from core.render.kit.labels import labels
from core.render.kit.palette import Theme
from core.render.kit.squares import plan_heatmap, which_head
from core.render.kit.view import Picture
from core.results import AttentionMap, Drawing, Table

LARGEST_FILE = 2_000_000  # bytes
_TOKENS = (60, 40, 24, 16)  # how many are shown, fewer if the file would be too large
_MOST_FRAMES = 12
_MILLISECONDS, _LAST_MILLISECONDS = 900, 2000  # how long each layer stands, and the last


@dataclass(frozen=True, slots=True, eq=False)
class LayerFilm(Picture):
    """One frame per layer, all on one scale, as a GIF.

    A GIF, because Discord animates it in every client; it makes a still picture of an animated PNG
    (github.com/discord/lilliput/issues/101) and animated WebP only came in 2024. 256 colours are what pictures here
    have anyway.

    Attributes:
        map: The weights.
        head: Which head, from 0, or ``None`` for the mean of each layer's heads.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: The model has no such head.
    """

    map: AttentionMap
    head: int | None
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        HeadView(self.map, 0, self.head)

    def finding(self, mark: Mark | None = None) -> str:
        """The strongest link of all frames, in one sentence."""
        views = self._views()
        frames = np.stack([view.weights for view in views])[:, None]
        where = [[in_head(self.say, view.layer, self.head)] for view in views]
        return Finder(self.say, self.map, mark).strongest(frames, where)

    def draw(self) -> Drawing:
        """Draw the frames; `Drawing.png` holds the GIF. A long text is cut until the file is small enough."""
        views = self._views()
        frames, film = self._film(views, _TOKENS[0])
        for most in _TOKENS[1:]:
            if len(film) > LARGEST_FILE:
                frames, film = self._film(views, most)
        return Drawing(film, self._alt(views), frames[0].width, frames[0].height, "gif")

    def table(self) -> Table:
        """List the strongest link of every layer, and the share of its weight on special tokens."""
        say, names, looking = self.say, labels(self.map.source), labels(self.map.queries)
        apart = looking if self.map.rows else None
        written = words.precise if self.map.signed else words.decimal
        rows: list[tuple[str, ...]] = []
        for view in self._views():
            link = words.strongest(view.weights, names, 1, apart, self.map.signed)
            share = words.special_share(view.weights, names, apart)
            cells = [f"{looking[row].numbered} → {names[to].numbered} {written(say, w)}" for row, to, w in link]
            rows.append((str(view.layer + 1), *(cells or [""]), "" if share is None else written(say, share)))
        strongest = say("largest change") if self.map.signed else say("strongest link")
        return words.table((say("layer"), strongest, say("special")), rows)

    def _views(self) -> list[HeadView]:
        """One view per layer; of a deep model, `_MOST_FRAMES` layers spread evenly, the first and last among them."""
        chosen = np.linspace(0, self.map.layers - 1, min(self.map.layers, _MOST_FRAMES)).round().astype(int)
        return [HeadView(self.map, layer, self.head, self.theme, say=self.say) for layer in chosen.tolist()]

    def _film(self, views: list[HeadView], most: int) -> tuple[list[Canvas], bytes]:
        """Draw the first `most` tokens of every view; return the frames and the file."""
        say, finding = self.say, self.finding()
        plots = [replace(plan_heatmap(view, view.weights, view.title, most), finding=finding) for view in views]
        top = max(plot.largest for plot in plots)
        frames = [draw_heatmap(replace(plot, top=top, footer=(say(cautions.MIXED), *plot.footer))) for plot in plots]
        first, *others = [frame.picture() for frame in frames]
        stored, durations = io.BytesIO(), [_MILLISECONDS] * len(others) + [_LAST_MILLISECONDS]
        first.save(stored, "GIF", save_all=True, append_images=others, duration=durations, loop=0)
        return frames, stored.getvalue()

    def _alt(self, views: list[HeadView]) -> str:
        say = self.say
        film = say(
            "Film of {count} layers of {model}, {which}, {size}, all on one square-root scale.",
            count=len(views),
            model=self.map.source.model.name,
            which=which_head(say, self.map, self.head),
            size=words.size(say, self.map),
        )
        links = "; ".join(
            f"{say('layer {layer}', layer=layer)}: {link}" for layer, link, _ in self.table().rows if link
        )
        strongest = say(
            "Largest differences: {links}." if self.map.signed else "Strongest links between ordinary tokens: {links}.",
            links=links,
        )
        return words.alt(self.finding(), film, strongest if links else "", say(cautions.MIXED))
