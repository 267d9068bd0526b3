"""What counting can do: baselines that guess a hidden token from how often it stood between its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from training.corpus import Ids

# Neighbours by their distance from the hidden token, most telling first: the middle of a 5-gram, of a trigram, the
# second of a bigram, and nothing at all.
CONTEXTS: tuple[tuple[int, ...], ...] = ((-2, -1, 1, 2), (-1, 1), (-1,), ())
EDGE = 2  # ids at each end of a text that are never hidden, so that every context is whole


class NGrams:
    """Counts of words in chosen contexts only: those of the questions, so that they fit into one table."""

    def __init__(self, texts: Sequence[Ids], positions: Sequence[int], words: npt.NDArray[np.bool_]) -> None:
        """Take for each question the text's ids and which of them is hidden, and which ids are words to guess."""
        self._words = words
        asked = np.array(
            [
                [self._keys(text, context)[at - EDGE] for context in CONTEXTS]
                for text, at in zip(texts, positions, strict=True)
            ]
        )
        found = [np.unique(column, return_inverse=True) for column in asked.T]
        self._wanted = [keys for keys, _ in found]
        self._rows = [rows for _, rows in found]
        self._counts = [np.zeros((len(keys), len(words)), dtype=np.int32) for keys in self._wanted]

    def _keys(self, ids: Ids, context: tuple[int, ...]) -> Ids:
        """One number for the context of every position but `EDGE` at each end."""
        inner = len(ids) - 2 * EDGE
        keys = np.zeros(inner, dtype=np.int64)
        for offset in context:
            keys = keys * len(self._words) + ids[EDGE + offset : EDGE + offset + inner]
        return keys

    def count(self, texts: Iterable[Ids]) -> None:
        """Read texts, counting the words that stand in each wanted context."""
        for ids in texts:
            tokens = ids[EDGE:-EDGE]
            for context, wanted, counts in zip(CONTEXTS, self._wanted, self._counts, strict=True):
                keys = self._keys(ids, context)
                rows = np.searchsorted(wanted, keys).clip(max=len(wanted) - 1)
                hit = (wanted[rows] == keys) & self._words[tokens]
                np.add.at(counts, (rows[hit], tokens[hit]), 1)

    def guesses(self, question: int, top: int, widest: int = 0) -> list[int]:
        """The `top` most frequent words, from the context number `widest` down to the next until there are enough."""
        found: dict[int, None] = {}
        for rows, counts in list(zip(self._rows, self._counts, strict=True))[widest:]:
            seen = counts[rows[question]]
            best = np.argsort(-seen, kind="stable")[:top]
            found.update(dict.fromkeys(best[seen[best] > 0].tolist()))
        return list(found)[:top]
