"""Several heads as small pictures, one of which fits a description: a question first, then its answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps import measures
from core.maps.measures import BEHAVIOURS
from core.maps.selection import check_head
from core.maps.tour import NotableHead
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.panels import Panel, Panels, draw_panels
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class FourHeads(Picture):
    """Heads side by side, numbered; which they are, and what they do, is shown with the answer only.

    Attributes:
        map: The weights.
        heads: Layer and head of each, from 1.
        pattern: The description, a key of `core.maps.measures.BEHAVIOURS` but "mixed".
        answered: Whether the answer is shown.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such head or description.
    """

    map: AttentionMap
    heads: tuple[tuple[int, int], ...]
    pattern: str
    answered: bool = False
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        for layer, head in self.heads:
            check_head(self.map.layers, self.map.heads, layer, head)
        if self.pattern not in BEHAVIOURS or self.pattern == "mixed":
            raise BadInput("There is no such description of a head.")

    def finding(self, _: words.Quote | None = None) -> str:
        """The question, or its answer."""
        say = self.say
        if not self.answered:
            return say("Which of these heads {does}?", does=say(BEHAVIOURS[self.pattern]))
        number, best = max(enumerate(self._stops(), 1), key=lambda one: one[1].score)
        return say("Picture {number}: {why}", number=number, why=best.why(say))

    def draw(self) -> Drawing:
        """Draw the heads in two columns, on one scale."""
        say, source = self.say, self.map.source
        names, weights = labels(source), [self._weights(layer, head) for layer, head in self.heads]
        panels = [Panel(heading, one) for heading, one in zip(self._headings(), weights, strict=True)]
        lines = (f"{source.model.name} · {words.size(say, self.map)}", words.reading(say, self.map))
        caution = say(cautions.for_all(self.map))
        canvas = draw_panels(
            Panels(self.finding(), lines, panels, 2, names, (caution,), self.theme, self.map.causal, say=say)
        )
        return canvas.drawing(self._alt(caution))

    def table(self) -> Table:
        """List the heads, and how well each fits the description."""
        say = self.say
        rows = [
            (str(number), f"{stop.layer + 1}.{stop.head + 1}", say(stop.name), words.decimal(say, stop.score))
            for number, stop in enumerate(self._stops(), 1)
        ]
        return words.table(("#", say("layer.head"), say("does"), say("share")), rows)

    def _stops(self) -> list[NotableHead]:
        """What each of the heads does of what the description says."""
        scores = measures.fits(self.map)[self.pattern]
        places = [(layer - 1, head - 1) for layer, head in self.heads]
        return [NotableHead(*place, self.pattern, float(scores[place]), 0.0) for place in places]

    def _headings(self) -> list[str]:
        say = self.say
        if not self.answered:
            return [say("Picture {number}", number=number) for number, _ in enumerate(self.heads, 1)]
        return [
            say(
                "Picture {number}: layer {layer}, head {head}, {share:.0%}",
                number=number,
                layer=stop.layer + 1,
                head=stop.head + 1,
                share=stop.score,
            )
            for number, stop in enumerate(self._stops(), 1)
        ]

    def _weights(self, layer: int, head: int) -> words.Floats:
        return self.map.weights[layer - 1, head - 1].astype(np.float32)

    def _alt(self, caution: str) -> str:
        """What can be seen: of each head the strongest links, and with the answer what it does."""
        names = labels(self.map.source)
        seen = list[str]()
        for heading, (layer, head) in zip(self._headings(), self.heads, strict=True):
            links = words.strongest(self._weights(layer, head), names, 4, differences=True)
            listed = ", ".join(
                f"{names[row].spoken} → {names[column].spoken} {words.decimal(self.say, weight)}"
                for row, column, weight in links
            )
            seen.append(f"{heading}: {listed}.")
        return words.alt(words.told(self.finding()), *seen, caution)
