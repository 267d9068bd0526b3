"""The facts of a picture in words: numbers as text, alternative texts and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from core.language import Language
from core.maps.measures import Behaviour
from core.render.kit.drawing.runs import clusters
from core.render.kit.drawing.text import shorten
from core.render.kit.wording.labels import Label, visible
from core.results import AttentionMap, ModelInfo, Table, Tokenization

Quote = Callable[[str], str]
"""How a text of people stands in a sentence: in a picture in quotation marks, on a card in a code span."""

Floats = npt.NDArray[np.float32]
ALT_LIMIT = 1024  # characters that Discord accepts as a description
_HARMFUL = ("Cc", "Cf", "Cs")
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}  # which emoji and Indic words are made with


def percent(say: Language, probability: float) -> str:
    """``33.5%``; never 0 or 100 for what is neither."""
    shown = 100 * probability
    if 99.95 <= shown < 100:
        return say.number(">99.9%")
    return say.number("<0.1%" if 0 < shown < 0.05 else f"{shown:.1f}%")


def decimal(say: Language, value: float, decimals: int = 2) -> str:
    """``0.31``."""
    return say.number(f"{value:.{decimals}f}")


def cosine(say: Language, value: float, decimals: int = 2) -> str:
    """``0.31`` or ``−0.08``; never ``−0.00``."""
    return say.number(f"{value:z.{decimals}f}").replace("-", "−")


def behaves(say: Language, kind: Behaviour) -> str:
    """``previous 0.98``."""
    return f"{say(kind.name)} {decimal(say, kind.score)}"


def model_named(say: Language, model: ModelInfo) -> str:
    """A line that names a model."""
    return say("Model: {name}", name=model.name)


def unknown_words(say: Language, *sources: Tokenization) -> tuple[str, ...]:
    """A warning of what the vocabulary lacks of some texts; nothing where it has all."""
    lacked = list(dict.fromkeys(word for source in sources for word in source.unknown))
    listed = ", ".join(quoted(say, shorten(visible(word), 20)) for word in lacked[:5])
    more = "…" if len(lacked) > 5 else ""
    return (say("The model saw only “unknown” for {words}", words=listed + more),) if lacked else ()


def count_tokens(say: Language, count: int) -> str:
    """``1 token``, ``8 tokens``."""
    return say("{count:,} token" if count == 1 else "{count:,} tokens", count=count)


def size(say: Language, attention: AttentionMap) -> str:
    """How many tokens a map is about."""
    looked = count_tokens(say, len(attention.source.tokens))
    return look_at(say, count_tokens(say, len(attention.rows.tokens)), looked) if attention.rows else looked


def look_at(say: Language, looking: str, looked: str) -> str:
    """``3 tokens look at 8 tokens``."""
    return say("{looking} look at {looked}", looking=looking, looked=looked)


def reading(say: Language, attention: AttentionMap) -> str:
    """What the rows and columns of a map are."""
    if attention.signed:
        return say("rows = from · columns = to · orange: more in the second text, blue: less")
    if attention.rows:
        return say("rows = token being written (query) · columns = token read (key)")
    return say("rows = from (query) · columns = to (key)")


def quoting(say: Language) -> Quote:
    """How a picture quotes a word or the beginning of a text."""
    return lambda text: say("“{text}”", text=quote(text, 40) or visible(text))


def quoted(say: Language, text: str) -> str:
    """``“The cat sat.”``, on one line; of a long text its beginning."""
    return say("“{text}”", text=quote(text))


def told(finding: str) -> str:
    """What stands alone in a picture, as a sentence between others."""
    return finding if finding.endswith((".", "?", "!", "…")) else f"{finding}."


def text_told(say: Language, text: str) -> str:
    """The end of an alternative text: ``Text: “The cat sat.”``."""
    return say("Text: {quoted}", quoted=quoted(say, text))


def opening(text: str) -> str:
    """A text that begins a line: its first letter as a capital."""
    return text[:1].upper() + text[1:]


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
    weights: Floats,
    labels: Sequence[Label],
    limit: int = 3,
    rows: Sequence[Label] | None = None,
    differences: bool = False,
) -> list[tuple[int, int, float]]:
    """Find the strongest links between different ordinary tokens: (from, to, weight), the strongest first.

    Of differences the largest between any tokens, up or down: between two texts of one word each, nothing else differs.

    `labels` are the columns, and the rows too unless those are given.
    """
    ordinary = np.array([not label.special for label in labels])
    if differences:
        chosen = np.ones_like(weights, dtype=bool)
    elif rows is None:
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


def signed(say: Language, value: float, decimals: int = 2) -> str:
    """``+0.31`` or ``−0.08``."""
    return say.number(f"{value:+.{decimals}f}").replace("-", "−")


def precise(say: Language, value: float) -> str:
    """``+0.53``, ``−0.10``, ``+2e−05``: a sign also where the colour cannot be seen, and never 0 for what is not."""
    shown = f"{value:+.2f}" if abs(value) >= 0.005 else f"{value:+.1g}" if value else "0"
    return say.number(shown).replace("-", "−", 1)


def link_sentences(
    say: Language,
    weights: Floats,
    labels: Sequence[Label],
    rows: Sequence[Label] | None = None,
    differences: bool = False,
) -> list[str]:
    """The strongest links and the share of special tokens, as sentences; `rows` as in `strongest`."""
    written = precise if differences else decimal
    links = ", ".join(
        f"{(rows or labels)[row].spoken} → {labels[column].spoken} {written(say, value)}"
        for row, column, value in strongest(weights, labels, rows=rows, differences=differences)
    )
    if differences:
        return [say("Largest differences: {links}.", links=links) if links else say("Nothing differs.")]
    whole = rows is None or weights.sum(axis=1).min(initial=1) > 0.98
    share = special_share(weights, labels, rows) if whole else None
    found = [say("Strongest links between ordinary tokens: {links}.", links=links)] if links else []
    if share is None:
        return found
    return [*found, say("{share} of the ordinary tokens' weight is on special tokens.", share=percent(say, share))]


def link_table(
    say: Language, weights: Floats, names: Sequence[Label], labels: Sequence[Label], differences: bool = False
) -> Table:
    """List each of the rows `names` with the three of the columns `labels` that it looks at most.

    Of differences, with the three to which its attention has changed most.
    """
    written = precise if differences else decimal
    rows: list[tuple[str, ...]] = []
    for index, row in enumerate(weights):
        targets: list[int] = np.argsort(-abs(row), kind="stable")[:3].tolist()
        cells = [f"{labels[target].numbered} {written(say, row[target])}" for target in targets if row[target]]
        rows.append((names[index].numbered, *cells, *[""] * (3 - len(cells))))
    most = say("to (most changed)") if differences else say("to (strongest)")
    return table((say("from"), most, say("second"), say("third")), rows)


def quote(text: str, limit: int = 200) -> str:
    """Put a text on one line, of a long one its beginning."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else "".join(clusters(flat[:limit])[:-1]).rstrip() + "…"
