"""Attention weighed by what it passes on, and the same sentence through three lenses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.language import ENGLISH, Language
from core.maps import measures
from core.maps.word_links import word_link
from core.render.attention.heads import HeadView
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.heatmap import MOST_TOKENS
from core.render.kit.squares.panels import Panel, Panels, draw_panels
from core.render.kit.squares.squares import full_table, plan_heatmap, render_heatmap, top_links_table, which_head
from core.render.kit.view import HeadPicture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import ADDS, ADDS_WRITING, Finder, in_head
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class NormView(HeadPicture):
    """How much each token adds to each position in one head, by length (`measures.norm_weighted`).

    Attributes:
        map: The weights, with norms.
        layer: Which layer, from 1.
        head: Which head, from 1, or ``None`` for all heads of the layer together.
        theme: Dark or light.
        shown: Which tokens to show, see `core.maps.selection`.
        query: As for a `HeadView`.
        say: The language.

    Raises:
        BadInput: The model has no such layer or head, or its norms are not known.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    shown: str = "all"
    query: int | None = None
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        HeadPicture.__post_init__(self)
        self.shares  # noqa: B018 - so that what is missing is noticed here

    @property
    def shares(self) -> words.Floats:
        """Float32 ``(M, N)``; rows sum to 1."""
        return measures.norm_weighted(self.map, *self.indices)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What is added to a word, in one sentence."""
        say, where = self.say, in_head(self.say, self.layer, self.head)
        if self.head is None:
            where = say("in layer {layer}", layer=self.layer)
        about = ADDS_WRITING if self.map.rows else ADDS
        return Finder(say, self.map, quote, self.shown).link(about, self.shares, where, self.query)

    def draw(self) -> Drawing:
        """Draw the shares; of a long text, its first `MOST_TOKENS` tokens."""
        say, attention = self.say, self.map
        which = which_head(say, attention, self.head)
        if self.head is None:
            which = say("all {heads} heads", heads=attention.heads)
        where = say("layer {layer} of {layers} · {which}", layer=self.layer, layers=attention.layers, which=which)
        reading = say("rows = added to · columns = comes from")
        title = say("Norm-weighted · {title}", title=where)
        if attention.rows:
            reading = say("rows = token being written · columns = comes from")
            title = say("Norm-weighted cross-attention · {title}", title=where)
        plot = plan_heatmap(self, self.shares, title)
        return render_heatmap(replace(plot, reading=reading), say(cautions.for_norms(self.map, self.head)))

    def table(self) -> Table:
        """List each position with the three tokens that add most to it."""
        return top_links_table(self, self.shares)

    def full(self) -> Table:
        """List every share that is shown."""
        return full_table(self, self.shares)


@dataclass(frozen=True, slots=True, eq=False)
class LensesView(HeadPicture):
    """Weights, norm-weighted attention and rollout of the same sentence, one above the other.

    Attributes:
        map: The weights; without norms, two lenses remain.
        layer: Which layer, from 1; rollout goes up to it.
        head: Which head, from 1, or ``None`` for the whole layer. Rollout always means all heads.
        theme: Dark or light.
        query: As for a `HeadView`.
        say: The language.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    query: int | None = None
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """What one word looks at most through each lens, in one sentence; without one, that of the strongest link."""
        say, lenses = self.say, self._lenses()
        finder = Finder(say, self.map, quote)
        first = word_link(self.map, self._head().weights, self.query)
        if not first:
            return ""
        found = {name: word_link(self.map, lens, first[0]) for name, lens in lenses.items()}
        links = ", ".join(
            f"{finder.word(self.map.source, link[1])} {words.percent(say, link[2])} ({name})"
            for name, link in found.items()
            if link
        )
        word = finder.word(self.map.queries, first[0])
        return say("Strongest other word for {word}: {links}.", word=word, links=links)

    def draw(self) -> Drawing:
        """Draw the squares on one scale, and say how much of each is on special tokens."""
        say, source, lenses = self.say, self.map.source, self._lenses()
        names = labels(source)
        shown = names[:MOST_TOKENS]
        panels = [Panel(words.opening(name), lens[: len(shown), : len(shown)]) for name, lens in lenses.items()]
        lines = (
            f"{self._head().title} · {source.model.name} · {words.count_tokens(say, len(names))}",
            f"{words.reading(say, self.map)} · {say('each row sums to 1')}",
        )
        note = self._special(lenses)
        caution = say(cautions.SMALL_VECTORS)
        notes = (*filter(None, [note]), caution)
        title = say("Two lenses on one sentence" if len(lenses) == 2 else "Three lenses on one sentence")
        finding = self.finding()
        head = (finding, (f"{title} · {lines[0]}", lines[1])) if finding else (title, lines)
        canvas = draw_panels(Panels(*head, panels, 1, shown, notes, self.theme, self.map.causal, say=say))
        alt = words.alt(finding, f"{title}: {', '.join(lenses)}. {lines[0]}.", note, self._links(lenses), caution)
        return canvas.drawing(alt)

    def table(self) -> Table:
        """List each token with the one that it looks at most through each lens."""
        say, names, lenses = self.say, labels(self.map.source), self._lenses()
        columns = [
            [f"{names[int(row.argmax())].numbered} {words.decimal(say, row.max())}" for row in lens]
            for lens in lenses.values()
        ]
        rows = zip((label.numbered for label in names), *columns, strict=True)
        return words.table((say("from"), *lenses), rows)

    def _head(self) -> HeadView:
        return HeadView(self.map, self.layer, self.head, say=self.say)

    def _lenses(self) -> dict[str, words.Floats]:
        say, known = self.say, self.map.norms is not None
        return {
            say("weight"): self._head().weights,
            **({say("norm-weighted"): measures.norm_weighted(self.map, *self.indices)} if known else {}),
            say("rollout to layer {layer}", layer=self.layer): measures.rollout(self.map.weights[: self.layer]),
        }

    def _special(self, lenses: dict[str, words.Floats]) -> str:
        """How much of each is on special tokens; nothing without any."""
        kept = {name: words.special_share(lens, labels(self.map.source)) for name, lens in lenses.items()}
        shares = (f"{name} {words.percent(self.say, share)}" for name, share in kept.items() if share is not None)
        listed, say = ", ".join(shares), self.say
        return say("On special tokens: {shares}.", shares=listed) if listed else ""

    def _links(self, lenses: dict[str, words.Floats]) -> str:
        """The strongest link through each lens, in words."""
        say, names = self.say, labels(self.map.source)
        links = "; ".join(
            f"{name}: {names[row].spoken} → {names[column].spoken} {words.decimal(say, weight)}"
            for name, lens in lenses.items()
            for row, column, weight in words.strongest(lens, names, 1)
        )
        return say("Strongest links between ordinary tokens: {links}.", links=links) if links else ""
