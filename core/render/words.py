"""The facts of a picture in words: numbers as text, alternative texts and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from core.render.labels import Label
from core.render.runs import clusters
from core.results import AttentionMap, ModelInfo, Table

Floats = npt.NDArray[np.float32]
ALT_LIMIT = 1024  # characters that Discord accepts as a description
_HARMFUL = ("Cc", "Cf", "Cs")
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}  # which emoji and Indic words are made with


def percent(probability: float) -> str:
    """``33.5%``; never 0 or 100 for what is neither."""
    shown = 100 * probability
    if 99.95 <= shown < 100:
        return ">99.9%"
    if 0 < shown < 0.05:
        return "<0.1%"
    return f"{shown:.1f}%"


def bundled_note(model: ModelInfo) -> tuple[str, ...]:
    """A sentence about the small models that come with the bot, for those only."""
    note = "This is a small model that comes with the bot: expect less of it than of a full-size one."
    return (note,) if model.bundled else ()


def count_tokens(count: int) -> str:
    """``1 token``, ``8 tokens``."""
    return f"{count:,} token{'' if count == 1 else 's'}"


def size(attention: AttentionMap) -> str:
    """How many tokens a map is about."""
    looked = count_tokens(len(attention.source.tokens))
    return f"{count_tokens(len(attention.rows.tokens))} look at {looked}" if attention.rows else looked


def reading(attention: AttentionMap) -> str:
    """What the rows and columns of a map are."""
    if attention.signed:
        return "rows = from · columns = to · orange: more in the second text, blue: less"
    if attention.rows:
        return "rows = token being written (query) · columns = token read (key)"
    return "rows = from (query) · columns = to (key)"


def plain(text: str) -> str:
    """Take out what could turn or hide the words around it: controls, direction marks, halves of characters."""
    return "".join(
        char if unicodedata.category(char) not in _HARMFUL or char in _JOINERS else "\ufffd" for char in text
    )


def alt(*sentences: str) -> str:
    """Join sentences to an alternative text, cut to what Discord accepts."""
    text = plain(" ".join(sentence for sentence in sentences if sentence))
    return text if len(text) <= ALT_LIMIT else text[: ALT_LIMIT - 1] + "…"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Make a table of plain text."""
    return Table(tuple(header), tuple(tuple(plain(cell) for cell in row) for row in rows))


def strongest(
    weights: Floats, labels: Sequence[Label], limit: int = 3, rows: Sequence[Label] | None = None
) -> list[tuple[int, int, float]]:
    """Find the strongest links between different ordinary tokens: (from, to, weight), the strongest first.

    Of differences the largest, up or down.

    `labels` are the columns, and the rows too unless those are given.
    """
    ordinary = np.array([not label.special for label in labels])
    if rows is None:
        chosen = np.outer(ordinary, ordinary) & ~np.eye(len(labels), dtype=bool)
    else:
        chosen = np.outer([not label.special for label in rows], ordinary)
    links = np.where(chosen, weights, 0)
    order = np.argsort(-abs(links), axis=None, kind="stable")[:limit]
    pairs = [(int(place) // len(labels), int(place) % len(labels)) for place in order]
    return [(row, column, float(links[row, column])) for row, column in pairs if links[row, column]]


def special_share(weights: Floats, labels: Sequence[Label], rows: Sequence[Label] | None = None) -> float | None:
    """The mean share of an ordinary token's attention that goes to special tokens; ``None`` without either kind."""
    special = np.array([label.special for label in labels])
    looking = special if rows is None else np.array([label.special for label in rows])
    if looking.all() or not special.any():
        return None
    return float(weights[~looking][:, special].sum(axis=1).mean())


def signed(value: float, decimals: int = 2) -> str:
    """``+0.31`` or ``−0.08``."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def link_sentences(
    weights: Floats, labels: Sequence[Label], rows: Sequence[Label] | None = None, differences: bool = False
) -> list[str]:
    """The strongest links and the share of special tokens, as sentences; `rows` as in `strongest`."""
    found = [
        f"{(rows or labels)[row].spoken} → {labels[column].spoken} {signed(value) if differences else f'{value:.2f}'}"
        for row, column, value in strongest(weights, labels, rows=rows)
    ]
    if differences:
        return [f"Largest differences: {', '.join(found)}." if found else "Nothing differs."]
    whole = rows is None or weights.sum(axis=1).min(initial=1) > 0.98
    share = special_share(weights, labels, rows) if whole else None
    return [
        f"Strongest links: {', '.join(found)}." if found else "",
        "" if share is None else f"{percent(share)} of the ordinary tokens' weight is on special tokens.",
    ]


def link_table(weights: Floats, names: Sequence[Label], labels: Sequence[Label], differences: bool = False) -> Table:
    """List each of the rows `names` with the three of the columns `labels` that it looks at most.

    Of differences, with the three to which its attention has changed most.
    """
    rows: list[tuple[str, ...]] = []
    for index, row in enumerate(weights):
        targets: list[int] = np.argsort(-abs(row), kind="stable")[:3].tolist()
        cells = [
            f"{labels[target].numbered} {signed(row[target]) if differences else f'{row[target]:.2f}'}"
            for target in targets
            if row[target]
        ]
        rows.append((names[index].numbered, *cells, *[""] * (3 - len(cells))))
    return table(("from", "to (most changed)" if differences else "to (strongest)", "second", "third"), rows)


def quote(text: str, limit: int = 200) -> str:
    """Put a text on one line, of a long one its beginning."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else "".join(clusters(flat[:limit])[:-1]).rstrip() + "…"
