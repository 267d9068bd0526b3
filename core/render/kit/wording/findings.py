"""What a picture of attention shows, in one sentence: the picture's title, and what stands above it on a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.language import Language
from core.maps.measures import BEHAVIOURS, Behaviour
from core.maps.selection import PARTS, cut_part
from core.maps.word_links import by_words, word_link
from core.render.kit.wording.labels import labels, visible
from core.render.kit.wording.words import Floats, Quote, percent, precise, quoting, strongest
from core.results import AttentionMap, Tokenization

LOOKS = "Of the other words, {word} looks most at {other}: {share} {where}."
WRITES = "Where {word} is written, the word looked at most is {other}: {share} {where}."
STRONGEST = "The strongest link between words {where}: {word} looks at {other}, {share}."
ADDS = "Of the other words, {other} adds most to {word}: {share} {where}."
ADDS_WRITING = "Where {word} is written, the word that adds most is {other}: {share} {where}."
HOLDS = "Of the other words, {other} has the largest share in {word} after the last layer: {share}."
LOOKS_SHOWN = "Of the other words shown, {word} looks most at {other}: {share} {where}."
STRONGEST_SHOWN = "The strongest link between words shown {where}: {word} looks at {other}, {share}."
ADDS_SHOWN = "Of the other words shown, {other} adds most to {word}: {share} {where}."
HOLDS_SHOWN = "Of the other words shown, {other} has the largest share in {word} after the last layer: {share}."
CHANGES = "The largest change {where}: from {word} to {other}, {share}."

IN_PART = {LOOKS: LOOKS_SHOWN, STRONGEST: STRONGEST_SHOWN, ADDS: ADDS_SHOWN, HOLDS: HOLDS_SHOWN}
"""What is said of the shown part of a pair, where words that are not shown may get more."""


@dataclass(frozen=True, slots=True, eq=False)
class Finder:
    """Says what is found in the pictures of one map.

    Attributes:
        say: The language.
        map: The map.
        quote: How words of the text are quoted; as pictures do it if this is left out.
        shown: Which tokens are shown, see `core.maps.selection`: nothing is found in a part of a pair that is not.
    """

    say: Language
    map: AttentionMap
    quote: Quote | None = None
    shown: str = "all"

    def link(self, sentence: str, weights: Floats, where: str = "", query: int | None = None) -> str:
        """One of the sentences above, about the largest link in weights ``(M, N)``, or about that of one word.

        Of a difference, about the largest change. Nothing where no word gets anything.
        """
        say = self.say
        if self.map.signed:
            return self._change(weights, where)
        if not (found := self.largest(weights, query)):
            return ""
        if self.shown in PARTS:
            sentence = IN_PART[sentence]
        looks, looked, share = found
        names = {"word": self.word(self.map.queries, looks), "other": self.word(self.map.source, looked)}
        return say(sentence, share=percent(say, share), where=where, **names)

    def largest(self, weights: Floats, query: int | None = None) -> tuple[int, int, float] | None:
        """The largest link that is shown, or that of one word: see `word_link`."""
        if self.shown in PARTS:
            weights = cut_part(self.map.source, weights, self.shown)
        return word_link(self.map, weights, self._seen(query))

    def looks(self, weights: Floats, where: str, query: int | None) -> str:
        """What one word looks at; else the largest link of all."""
        about = WRITES if self.map.rows else LOOKS
        return self.link(STRONGEST if self._seen(query) is None else about, weights, where, query)

    def strongest(
        self, maps: npt.NDArray[np.floating], where: Sequence[Sequence[str]], query: int | None = None
    ) -> str:
        """The largest link of several heads, or of one word in them.

        Args:
            maps: Weights ``(layers, heads, M, N)``.
            where: A name for each head.
            query: A token of the word.
        """
        if query is not None:
            asked = self.map.queries.word_at(query)
            maps = np.where(np.isin(np.arange(maps.shape[2]), asked)[:, None], maps, 0)
        words = np.abs(maps if self.map.signed else by_words(self.map, maps)[2])
        if self.map.is_self_attention:
            words = np.where(np.eye(words.shape[-1], dtype=bool), 0, words)
        if not words.size:
            return ""
        layer, head = map(int, np.unravel_index(int(words.argmax()), words.shape)[:2])
        return self.looks(maps[layer, head].astype(np.float32), where[layer][head], query)

    def common(self, kinds: list[list[Behaviour]]) -> str:
        """What most heads do, of the things that can be seen."""
        say = self.say
        counts = Counter(kind.name for row in kinds for kind in row if kind.name != "mixed")
        total = sum(map(len, kinds))
        if not counts:
            return say("None of the {total} heads follows a single pattern here.", total=total)
        name, count = counts.most_common(1)[0]
        done = {"count": count, "total": total, "does": say(BEHAVIOURS[name])}
        return say("The commonest pattern, in {count} of {total} heads: {does}.", **done)

    def word(self, source: Tokenization, position: int) -> str:
        """The word that a token belongs to, as it is written; which of several such words, if there are any."""
        found = [source.written(places).strip() for places in source.words]
        mine = next((n for n, places in enumerate(source.words) if position in places), None)
        if mine is None or not found[mine]:
            return self._quoted(labels(source)[position].spoken)
        same = [n for n, word in enumerate(found) if word.casefold() == found[mine].casefold()]
        return self._quoted(visible(found[mine])) + (f" ({same.index(mine) + 1})" if len(same) > 1 else "")

    def _seen(self, query: int | None) -> int | None:
        """The token that is asked about, if its row is shown."""
        if query is None or self.shown not in PARTS:
            return query
        return query if (query >= self.map.source.second) == (self.shown[0] == "b") else None

    def _change(self, weights: Floats, where: str) -> str:
        say, names, looking = self.say, labels(self.map.source), labels(self.map.queries)
        for row, column, change in strongest(weights, names, 1, looking, differences=True):
            word, other = self._quoted(looking[row].spoken), self._quoted(names[column].spoken)
            return say(CHANGES, word=word, other=other, share=precise(say, change), where=where)
        return say("Nothing differs.")

    def _quoted(self, word: str) -> str:
        return (self.quote or quoting(self.say))(word)


def in_head(say: Language, layer: int, head: int | None) -> str:
    """``in layer 4, head 2``, or ``in the mean of layer 4``."""
    if head is None:
        return say("in the mean of layer {layer}", layer=layer)
    return say("in layer {layer}, head {head}", layer=layer, head=head)
