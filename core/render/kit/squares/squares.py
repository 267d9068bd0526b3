"""What all squares of weights between tokens share, whatever the weights are: the plan, the words, the tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from core.language import Language
from core.maps.selection import MERGED, ORDINARY, PARTS, Selection, select_tokens
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.heatmap import MOST_TOKENS, Plot, draw_heatmap
from core.render.kit.wording import words
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table, Tokenization

_LOOKS = {
    "aa": "The first text looks at the first",
    "ab": "The first text looks at the second",
    "ba": "The second text looks at the first",
    "bb": "The second text looks at the second",
}


class Square(Protocol):
    """A view of some ``(N, N)`` weights between the tokens of a map."""

    @property
    def map(self) -> AttentionMap:
        """The map."""
        ...

    @property
    def theme(self) -> Theme:
        """Dark or light."""
        ...

    @property
    def shown(self) -> str:
        """Which tokens to show, see `core.maps.selection`."""
        ...

    @property
    def query(self) -> int | None:
        """The token that it is about, from 0."""
        ...

    @property
    def say(self) -> Language:
        """The language."""
        ...

    def finding(self) -> str:
        """What is found in it."""
        ...


def plan_heatmap(view: Square, weights: words.Floats, title: str) -> Plot:
    """Plan the picture of some ``(N, N)`` weights between the tokens of a text, at most the first `MOST_TOKENS`."""
    say, attention, part = view.say, view.map, _part(view, weights)
    columns = labels(part.columns)[:MOST_TOKENS]
    rows = columns if part.rows is part.columns else labels(part.rows)[:MOST_TOKENS]
    square, hidden = attention.rows is None and view.shown not in PARTS, _hidden(view, part)
    model = attention.source.model
    return Plot(
        title,
        f"{model.name} · {_size(say, attention, part, len(rows), len(columns))}",
        part.weights[: len(rows), : len(columns)],
        columns,
        (*filter(None, [hidden]), *_changed(view)),
        view.theme,
        words.reading(say, attention),
        causal=attention.causal and square,
        rows=None if square else rows,
        divide=min(part.columns.second, len(columns)) if square else 0,
        signed=attention.signed,
        say=say,
        hidden=hidden,
        finding=view.finding(),
        outlined=part.row(view.query),
    )


def render_heatmap(plot: Plot, caution: str) -> Drawing:
    """Draw a plot with a caution below it."""
    say, canvas = plot.say, draw_heatmap(replace(plot, footer=(caution, *plot.footer)))
    alt = words.alt(
        plot.finding,
        say("{title}: attention of {model_and_size}.", title=plot.title, model_and_size=plot.subtitle),
        say("{reading}; square-root colour scale from {ends}.", reading=words.opening(plot.reading), ends=_ends(plot)),
        *words.link_sentences(say, plot.weights, plot.labels, plot.rows, plot.signed),
        plot.hidden,
        caution,
    )
    return canvas.drawing(alt)


def top_links_table(view: Square, weights: words.Floats) -> Table:
    """List each token with the three that it looks at most."""
    part = _part(view, weights)
    return words.link_table(view.say, part.weights, labels(part.rows), labels(part.columns), view.map.signed)


def full_table(view: Square, weights: words.Floats) -> Table:
    """List every weight: a row for each token that looks, a column for each that is looked at."""
    say, part = view.say, _part(view, weights)
    names = [label.numbered for label in labels(part.rows)]
    cells = ([words.decimal(say, weight, 6) for weight in row] for row in part.weights.tolist())
    rows = [(name, *row) for name, row in zip(names, cells, strict=True)]
    return words.table((say("from"), *(label.numbered for label in labels(part.columns))), rows)


def which_head(say: Language, attention: AttentionMap, head: int | None) -> str:
    """``head 2 of 4``, or ``mean of 4 heads``."""
    if head is None:
        return say("mean of {heads} heads", heads=attention.heads)
    return say("head {head} of {heads}", head=head, heads=attention.heads)


def _part(view: Square, weights: words.Floats) -> Selection:
    return select_tokens(view.map.source, weights, view.shown, view.map.rows)


def _size(say: Language, attention: AttentionMap, part: Selection, rows: int, columns: int) -> str:
    """How many tokens there are, and which of them are drawn."""
    size = _counted(say, attention.source, part.columns, columns)
    if attention.rows is None:
        return size
    return words.look_at(say, _counted(say, attention.rows, part.rows, rows), size)


def _counted(say: Language, source: Tokenization, shown: Tokenization, drawn: int) -> str:
    total = len(source.tokens)
    if drawn < len(shown.tokens):
        return say("tokens 1–{drawn} of {total}", drawn=drawn, total=total)
    return words.count_tokens(say, total)


def _ends(plot: Plot) -> str:
    say, largest, most = plot.say, plot.largest, float(plot.weights.max(initial=0))
    return say("−{most:.2f} to +{most:.2f}", most=largest) if plot.signed else say("0 to {most:.2f}", most=most)


def _hidden(view: Square, part: Selection) -> str:
    """Say what is hidden, and how much is shown; nothing where all is."""
    say = view.say
    what = say(_LOOKS[view.shown]) if view.shown in PARTS else ""
    what = say("Special tokens are hidden") if view.shown in ORDINARY else what
    if not what or view.map.signed:
        return say("{what}; nothing is normalised anew.", what=what) if what else ""
    share = words.percent(say, part.kept)
    return say("Shown: {share} of each row on average. {what}; nothing is normalised anew.", share=share, what=what)


def _changed(view: Square) -> list[str]:
    """Say what is merged, and what is only in one of two texts."""
    say, notes = view.say, list[str]()
    if view.shown in MERGED:
        notes.append(say("Words of several pieces: weights to them are summed, those from them averaged."))
    if view.map.signed and view.map.rows:
        notes.append(say("A word that only one of the texts has is a column, but no row."))
    return notes
