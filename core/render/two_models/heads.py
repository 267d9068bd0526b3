"""One head of each of two models, one above the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.language import ENGLISH, Language
from core.maps.selection import PARTS, Selection, select_tokens
from core.maps.two_models import Place, counterpart
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.heatmap import MOST_TOKENS
from core.render.kit.squares.panels import Panel, Panels, draw_panels
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import Finder
from core.render.kit.wording.labels import labels
from core.render.two_models.naming import both_named, short_names
from core.render.two_models.places import check_places, heading, hidden, weights_at
from core.results import Drawing, Table, TwoMaps

IN_ONE = "Of the other words, {word} looks most at {other} in {first}: {share}"
IN_BOTH = "Of the other words, {word} looks most at {other} in {first} ({share}), at {another} in {second} ({rest})"
IN_ONE_PART = "Of the other words shown, {word} looks most at {other} in {first}: {share}"
IN_BOTH_PART = (
    "Of the other words shown, {word} looks most at {other} in {first} ({share}), at {another} in {second} ({rest})"
)
"""What is said of all words, and of the shown part of a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class TwoHeads(Picture):
    """What each token looks at in a head of one model, and in a head of another.

    Attributes:
        result: The maps of both.
        first: The layer of the first model and its head, from 1; ``None`` for the mean of the layer's heads.
        second: The same of the second model.
        theme: Dark or light.
        shown: Which tokens to show, see `core.maps.selection`.
        query: The first model's token that the finding is about, from 0; without one, that of its strongest link.
        say: The language.

    Raises:
        BadInput: A model has no such layer or head.
    """

    result: TwoMaps
    first: Place = (1, None)
    second: Place = (1, None)
    theme: Theme = "dark"
    shown: str = "all"
    query: int | None = None
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        check_places(self.result, *self.places)

    @property
    def places(self) -> tuple[Place, Place]:
        """Layer and head of each."""
        return self.first, self.second

    def finding(self, quote: words.Quote | None = None) -> str:
        """What one word looks at in each, in one sentence."""
        say, (one, other), part = self.say, self.result.maps, self.shown in PARTS
        found = self._links()
        if not found or not found[0]:
            return say("Two models on one text")
        (looks, looked, share), rest = found
        finders = [Finder(say, attention, quote, self.shown) for attention in (one, other)]
        told = {
            "word": finders[0].word(one.source, looks),
            "other": finders[0].word(one.source, looked),
            "share": words.percent(say, share),
            **dict(zip(("first", "second"), short_names(self.result, quote), strict=True)),
        }
        if not rest:
            return say(IN_ONE_PART if part else IN_ONE, **told)
        told |= {"another": finders[1].word(other.source, rest[1]), "rest": words.percent(say, rest[2])}
        return say(IN_BOTH_PART if part else IN_BOTH, **told)

    def draw(self) -> Drawing:
        """Draw both squares on one scale; of a long text, its first `MOST_TOKENS` tokens."""
        say, parts = self.say, self._parts()
        notes = (*hidden(say, self.shown), say(cautions.HEADS_APART), both_named(say, self.result))
        reading = say("rows = from (query) · columns = to (key)")
        sums = [say("each row sums to 1")] if self.shown == "all" else []
        lines = (words.quoted(say, self.result.source.text), " · ".join([reading, *sums]), *self._apart())
        panels = [self._panel(n, part) for n, part in enumerate(parts)]
        canvas = draw_panels(Panels(self.finding(), lines, panels, 1, [], notes, self.theme, say=say))
        return canvas.drawing(self._alt(panels))

    def table(self) -> Table:
        """List each token with the three that it looks at most, model by model."""
        say, rows = self.say, list[tuple[str, ...]]()
        header: tuple[str, ...] = ()
        for model, part in zip(self.result.models, self._parts(), strict=True):
            listed = words.link_table(say, part.weights, labels(part.rows), labels(part.columns))
            header, rows = listed.header, [*rows, *((model.name, *row) for row in listed.rows)]
        return words.table((say("model"), *header), rows)

    def full(self) -> Table:
        """List every weight that is shown: its model, from where, to where."""
        say, rows = self.say, list[tuple[str, ...]]()
        for model, part in zip(self.result.models, self._parts(), strict=True):
            names, columns = labels(part.rows), labels(part.columns)
            rows += [
                (model.name, names[row].numbered, columns[column].numbered, words.decimal(say, float(weight), 6))
                for (row, column), weight in np.ndenumerate(part.weights)
            ]
        return words.table((say("model"), say("from"), say("to"), say("weight")), rows)

    def _parts(self) -> list[Selection]:
        """What is shown of each."""
        return [
            select_tokens(attention.source, weights_at(attention, place), self.shown)
            for attention, place in zip(self.result.maps, self.places, strict=True)
        ]

    def _panel(self, number: int, part: Selection) -> Panel:
        attention = self.result.maps[number]
        rows, columns = (labels(side)[:MOST_TOKENS] for side in (part.rows, part.columns))
        links, square = self._links(), self.shown not in PARTS
        about = part.row(links[number][0]) if links and links[number] else None
        weights = part.weights[: len(rows), : len(columns)]
        own = () if square else rows
        return Panel(self._headings()[number], weights, columns, own, attention.causal and square, about)

    def _headings(self) -> list[str]:
        """Which head each square is: ``bundled/minilm · layer 4 of 6 · head 2 of 12 · 16 tokens``."""
        return [
            heading(self.say, attention, place, model.name, encoder=attention is not answer)
            for attention, place, model, answer in zip(
                self.result.maps, self.places, self.result.models, self.result.answers, strict=True
            )
        ]

    def _links(self) -> list[Any]:
        """For each model what the word looks at most: its position, the other's, the share; nothing where none is."""
        one, other = self.result.maps
        finders = [Finder(self.say, attention, shown=self.shown) for attention in (one, other)]
        own = finders[0].largest(weights_at(one, self.places[0]), self.query)
        if not own:
            return []
        there = counterpart(one.source, other.source, own[0])
        return [own, None if there is None else finders[1].largest(weights_at(other, self.places[1]), there)]

    def _apart(self) -> tuple[str, ...]:
        """That there is no difference to see, where the models read other tokens."""
        say = self.say
        if self.result.comparable:
            return ()
        return (say("They cut the text into different tokens: each has its own, and no difference can be taken."),)

    def _alt(self, panels: list[Panel]) -> str:
        say = self.say
        told = (
            f"{panel.heading}: {' '.join(words.link_sentences(say, panel.weights, panel.labels, panel.rows or None))}"
            for panel in panels
        )
        return words.alt(
            words.told(self.finding()), *told, *self._apart(), *hidden(say, self.shown), say(cautions.HEADS_APART)
        )
