"""Attention weighed by what it passes on, and the same sentence through three lenses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import measures
from core.render import cautions, words
from core.render.heads import HeadView, drawn, full, square, table
from core.render.heatmap import MOST_TOKENS
from core.render.labels import labels
from core.render.palette import Theme
from core.render.panels import Panel, Panels, draw_panels
from core.results import AttentionMap, Drawing, Table


@dataclass(frozen=True, slots=True, eq=False)
class NormView:
    """How much each token adds to each position in one head, by length (`measures.norm_weighted`).

    Attributes:
        map: The weights, with norms.
        layer: Which layer, from 0.
        head: Which head, from 0, or ``None`` for all heads of the layer together.
        theme: Dark or light.
        shown: Which tokens to show, see `core.shown`.

    Raises:
        BadInput: The model has no such layer or head, or its norms are not known.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"
    shown: str = "all"

    def __post_init__(self) -> None:
        HeadView(self.map, self.layer, self.head)
        self.shares  # noqa: B018 - so that what is missing is noticed here

    @property
    def shares(self) -> words.Floats:
        """Float32 ``(M, N)``; rows sum to 1."""
        return measures.norm_weighted(self.map, self.layer, self.head)

    def draw(self) -> Drawing:
        """Draw the shares; of a long text, its first `MOST_TOKENS` tokens."""
        which = f"all {self.map.heads} heads" if self.head is None else f"head {self.head + 1} of {self.map.heads}"
        kind = "Norm-weighted cross-attention" if self.map.rows else "Norm-weighted"
        title = f"{kind} · layer {self.layer + 1} of {self.map.layers} · {which}"
        plot = square(self.map, self.shares, title, self.theme, shown=self.shown)
        added = "token being written" if self.map.rows else "added to"
        reading = f"rows = {added} · columns = comes from"
        caution = cautions.RESIDUAL if self.head is None else cautions.SMALL_VECTORS
        return drawn(replace(plot, reading=reading, footer=(caution, *plot.footer)))

    def table(self) -> Table:
        """List each position with the three tokens that add most to it."""
        return table(self.map, self.shares, self.shown)

    def full(self) -> Table:
        """List every share that is shown."""
        return full(self.map, self.shares, self.shown)


@dataclass(frozen=True, slots=True, eq=False)
class LensesView:
    """Weights, norm-weighted attention and rollout of the same sentence, side by side.

    Attributes:
        map: The weights; without norms, two lenses remain.
        layer: Which layer, from 0; rollout goes up to it.
        head: Which head, from 0, or ``None`` for the whole layer. Rollout always means all heads.
        theme: Dark or light.

    Raises:
        BadInput: The model has no such layer or head.
    """

    map: AttentionMap
    layer: int
    head: int | None
    theme: Theme = "dark"

    def __post_init__(self) -> None:
        HeadView(self.map, self.layer, self.head)

    def draw(self) -> Drawing:
        """Draw the squares on one scale, and say how much of each is on special tokens."""
        source, view, lenses = self.map.source, HeadView(self.map, self.layer, self.head), self._lenses()
        names = labels(source)
        shown = names[:MOST_TOKENS]
        panels = [Panel(name, lens[: len(shown), : len(shown)]) for name, lens in lenses.items()]
        lines = (
            f"{view.title} · {source.model.name} · {words.count_tokens(len(names))}",
            "rows = from (query) · columns = to (key) · each row sums to 1",
        )
        kept = {name: words.special_share(lens, names) for name, lens in lenses.items()}
        shares = (f"{name.lower()} {words.percent(share)}" for name, share in kept.items() if share is not None)
        special = ", ".join(shares)
        note = f"On special tokens: {special}." if special else ""
        notes = (*filter(None, [note]), cautions.SMALL_VECTORS, *words.bundled_note(source.model))
        count = {2: "Two", 3: "Three"}[len(lenses)]
        title = f"{count} lenses on one sentence"
        canvas = draw_panels(Panels(title, lines, panels, len(panels), shown, notes, self.theme, self.map.causal))
        alt = words.alt(f"{title}: {', '.join(lenses).lower()}. {lines[0]}.", note, *self._links(lenses))
        return Drawing(canvas.png(), alt, canvas.width, canvas.height)

    def table(self) -> Table:
        """List each token with the one that it looks at most through each lens."""
        names, lenses = labels(self.map.source), self._lenses()
        best = {name: lens.argmax(axis=1).tolist() for name, lens in lenses.items()}
        rows = [
            (label.numbered, *(f"{names[best[name][n]].numbered} {lens[n].max():.2f}" for name, lens in lenses.items()))
            for n, label in enumerate(names)
        ]
        return words.table(("from", *(name.lower() for name in lenses)), rows)

    def _lenses(self) -> dict[str, words.Floats]:
        known = self.map.norms is not None
        return {
            "Weight": HeadView(self.map, self.layer, self.head).weights,
            **({"Norm-weighted": measures.norm_weighted(self.map, self.layer, self.head)} if known else {}),
            f"Rollout to layer {self.layer + 1}": measures.rollout(self.map.weights[: self.layer + 1]),
        }

    def _links(self, lenses: dict[str, words.Floats]) -> list[str]:
        """The strongest link through each lens, in words."""
        names = labels(self.map.source)
        return [
            f"{name}: {names[row].spoken} → {names[column].spoken} {weight:.2f}."
            for name, lens in lenses.items()
            for row, column, weight in words.strongest(lens, names, 1)
        ]
