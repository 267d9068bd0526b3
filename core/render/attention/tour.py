"""The heads most worth seeing on a text, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps.tour import NotableHead, choose_heads
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.heatmap import MOST_TOKENS
from core.render.kit.squares.panels import Panel, Panels, draw_panels
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class TourView(Picture):
    """Up to four heads, each with one sentence of why (`core.maps.tour`).

    Attributes:
        map: The weights.
        theme: Dark or light.
        say: The language.
    """

    map: AttentionMap
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """Why the first of the heads is worth seeing, in one sentence."""
        return self._stops()[0].why(self.say, quote or words.quoting(self.say))

    def draw(self) -> Drawing:
        """Draw the heads in two columns, on one scale, each below the reason why it is worth seeing.

        Raises:
            BadInput: No head stands out.
        """
        say, stops, source = self.say, self._stops(), self.map.source
        names, rows = (labels(tokens)[:MOST_TOKENS] for tokens in (source, self.map.queries))
        reasons = [stop.why(say, words.quoting(say)) for stop in stops]
        panels = [
            Panel(why, self._weights(stop)[: len(rows), : len(names)]) for why, stop in zip(reasons, stops, strict=True)
        ]
        sums = say("each row sums to 0") if self.map.signed else say("each row sums to 1")
        title = say("{count} heads worth seeing", count=len(stops)) if len(stops) > 1 else say("One head worth seeing")
        lines = (
            f"{title} · {source.model.name} · {words.size(say, self.map)}",
            f"{words.reading(say, self.map)} · {sums}",
        )
        caution = say(cautions.for_all(self.map))
        causal, apart = self.map.causal, rows if self.map.rows else None
        canvas = draw_panels(
            Panels(reasons[0], lines, panels, 2, names, (caution,), self.theme, causal, apart, self.map.signed, say)
        )
        alt = words.alt(
            say("{title} in {model}.", title=title, model=source.model.name),
            *reasons,
            caution,
        )
        return canvas.drawing(alt)

    def table(self) -> Table:
        """List the heads, each with what it does, how clearly, and what chance would give."""
        say = self.say
        rows = [
            (
                f"{stop.layer + 1}.{stop.head + 1}",
                say(stop.name),
                words.decimal(say, stop.score),
                words.decimal(say, stop.chance),
            )
            for stop in self._stops()
        ]
        return words.table((say("layer.head"), say("does"), say("share"), say("chance")), rows)

    def _stops(self) -> list[NotableHead]:
        stops = choose_heads(self.map)
        if not stops:
            raise BadInput("No head stands out on this text: try a longer sentence, or choose another picture.")
        return stops

    def _weights(self, stop: NotableHead) -> words.Floats:
        return self.map.weights[stop.layer, stop.head].astype(np.float32)
