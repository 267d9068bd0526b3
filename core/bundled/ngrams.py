"""What counting can do: baselines that guess a hidden token from how often it stood between its neighbours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from core.bundled.corpus import Ids

# Neighbours by their distance from the hidden token, most telling first: the middle of a 5-gram, of a trigram, the
# second of a bigram, and nothing at all.
CONTEXTS: tuple[tuple[int, ...], ...] = ((-2, -1, 1, 2), (-1, 1), (-1,), ())
EDGE = 2  # ids at each end of a text that are never hidden, so that every context is whole


class NGrams:
    """Counts of words in chosen contexts only: those of the questions, which keeps the tables small."""

    def __init__(self, texts: Sequence[Ids], positions: Sequence[int], words: npt.NDArray[np.bool_]) -> None:
        """Take for each question the text's ids and which of them is hidden, and which ids are words to guess."""
        self._words = words
        self._questions = [
            [int(self._keys(text, context)[at - EDGE]) for context in CONTEXTS]
            for text, at in zip(texts, positions, strict=True)
        ]
        self._wanted = [np.unique([keys[n] for keys in self._questions]) for n in range(len(CONTEXTS))]
        self._counts: list[dict[int, Counter[int]]] = [defaultdict(Counter) for _ in CONTEXTS]

    def _keys(self, ids: Ids, context: tuple[int, ...]) -> Ids:
        """One number for the context of every position but `EDGE` at each end."""
        inner = len(ids) - 2 * EDGE
        keys = np.zeros(inner, dtype=np.int64)
        for offset in context:
            keys = keys * len(self._words) + ids[EDGE + offset : EDGE + offset + inner]
        return keys

    def count(self, texts: Iterable[Ids]) -> None:
        """Read texts, counting what stands in each wanted context."""
        for ids in texts:
            tokens = ids[EDGE:-EDGE]
            for n, context in enumerate(CONTEXTS):
                keys = self._keys(ids, context)
                found = np.isin(keys, self._wanted[n]) & self._words[tokens]
                pairs = np.stack([keys[found], tokens[found]])
                values, times = np.unique(pairs, axis=1, return_counts=True)
                for key, token, often in zip(*values.tolist(), times.tolist(), strict=True):
                    self._counts[n][key][token] += often

    def guesses(self, question: int, top: int, widest: int = 0) -> list[int]:
        """The `top` most frequent tokens, from the context number `widest` down to the next until there are enough."""
        found: dict[int, None] = {}
        for n in range(widest, len(CONTEXTS)):
            counts = self._counts[n].get(self._questions[question][n], Counter())
            found.update(dict.fromkeys(token for token, _ in counts.most_common(top)))
        return list(found)[:top]
