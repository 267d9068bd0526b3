"""Which word does a word look at most in some head? The numbers: layer, head and word, then four words.

Layer and head count from 0; a word is the position of its first token.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

import numpy as np

from core.errors import Expired
from core.maps.measures import Floats
from core.maps.word_links import by_words, written_word
from core.quiz.question import Numbers, Options
from core.results import AttentionMap

LEAST, AHEAD = 0.3, 0.15
"""The share of attention that the word must get that is looked at most, and how far it must be ahead of the next."""

LONGEST_WORD = 30
"""Characters of a word that can be an option."""


def choose(attention: AttentionMap, random: Random) -> Numbers | None:
    """Choose a head, a word that looks at another word more than at anything else there, and three words beside it.

    Whatever is asked about stands in the text once. Words that stand apart come first, for many heads look at
    neighbours. Nothing is chosen where no word stands out, or there are too few.
    """
    words = _Words.of(attention)
    allowed = [word for word in range(len(words.places)) if words.is_clear(word)]
    if len(allowed) < 4:
        return None
    links = [link for link in words.links() if link[2] in allowed and link[3] in allowed and link[2] != link[3]]
    apart = [link for link in links if abs(link[2] - link[3]) > 1]
    if not links:
        return None
    layer, head, query, key = random.choice(apart or links)
    others = [word for word in allowed if word != key]
    seen = [word for word in others if word <= query] if attention.causal else others
    chosen = [key, *random.sample(seen if len(seen) >= 3 else others, 3)]
    random.shuffle(chosen)
    return (layer, head, words.places[query][0], *(words.places[word][0] for word in chosen))


def judge(attention: AttentionMap, numbers: Numbers) -> Options:
    """Say which of four words is looked at most.

    Raises:
        Expired: There are no such words, or no such head.
    """
    words = _Words.of(attention)
    firsts = [places[0] for places in words.places]
    layer, head, query, *keys = numbers if len(numbers) == 7 else (attention.layers, 0, 0)
    if layer >= attention.layers or head >= attention.heads or len({*keys}) < 4 or not {*firsts} >= {query, *keys}:
        raise Expired
    shares = words.shares[layer, head, firsts.index(query)]
    right = max(range(4), key=lambda place: float(shares[firsts.index(keys[place])]))
    return Options(tuple(written_word(attention.source, key) for key in keys), right)


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The words of a map.

    Attributes:
        names: Each as it is written.
        places: The positions of the tokens of each.
        shares: Of attention between them, ``(layers, heads, words, words)``.
        rest: The largest share that each gives to a single token that is no word, ``(layers, heads, words)``.
    """

    names: list[str]
    places: list[tuple[int, ...]]
    shares: Floats
    rest: Floats

    @classmethod
    def of(cls, attention: AttentionMap) -> _Words:
        places, _, shares = by_words(attention, attention.weights)
        inside = {place for word in places for place in word}
        special = [place for place in range(len(attention.source.tokens)) if place not in inside]
        weights = attention.weights.astype(np.float32)[..., special]
        given = [weights[:, :, list(word)].mean(axis=2).max(axis=-1, initial=0.0) for word in places]
        rest = np.stack(given, axis=-1) if given else np.zeros(shares.shape[:3], np.float32)
        return cls([written_word(attention.source, word[0]) for word in places], places, shares, rest)

    def is_clear(self, word: int) -> bool:
        """Whether a word can be asked about: it stands there once, and is short enough."""
        name, count = self.names[word], Counter(name.casefold() for name in self.names)
        known = any(sign.isalnum() for sign in name) and len(name) <= LONGEST_WORD
        return known and count[name.casefold()] == 1

    def links(self) -> list[tuple[int, int, int, int]]:
        """Layer, head, and two words, of which the first looks at the second clearly more than at anything else."""
        if len(self.places) < 2:
            return []
        ordered = np.sort(self.shares, axis=-1)
        most, next_most = ordered[..., -1], np.maximum(ordered[..., -2], self.rest)
        clear = (most >= LEAST) & (most - next_most >= AHEAD)
        best = self.shares.argmax(axis=-1)
        return [(*place, int(best[tuple(place)])) for place in np.argwhere(clear).tolist()]  # type: ignore[misc]
