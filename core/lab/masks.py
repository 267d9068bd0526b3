"""Masks: which keys are hidden from which query."""

from __future__ import annotations

import re

import numpy as np

from core.errors import BadInput
from core.lab.matrices import Matrix, read_matrix, spell_matrix

_WORD = re.compile(r"causal|local\s*:?\s*(\d{1,3})")


def read_mask(text: str, rows: int, columns: int) -> Matrix | None:
    """The mask ``(rows, columns)`` of words or of a matrix, 1 for what is hidden.

    ``causal`` hides what comes after a position, ``local:2`` what is more than two positions away; both may be said.

    Raises:
        BadInput: It is neither, or does not fit the scores.
    """
    plain = text.strip().casefold()
    if plain in ("", "none"):
        return None
    words = list(_WORD.finditer(plain))
    if words and not re.sub(r"[\s,+]", "", _WORD.sub("", plain)):
        if rows != columns:
            raise BadInput(
                "That mask needs as many queries as keys, and there are {rows} and {columns}: "
                "type a mask of 0 and 1 instead.",
                rows=rows,
                columns=columns,
            )
        ahead = np.arange(columns) - np.arange(rows)[:, None]
        hidden = [abs(ahead) > int(word[1]) if word[1] else ahead > 0 for word in words]
        return np.any(hidden, axis=0).astype(np.float32)
    mask = read_matrix("mask", text)
    if mask.shape != (rows, columns):
        raise BadInput(
            "The mask is {height} × {width} and the scores are {rows} × {columns}: "
            "give it a row for each query and a column for each key.",
            height=mask.shape[0],
            width=mask.shape[1],
            rows=rows,
            columns=columns,
        )
    if not np.isin(mask, (0, 1)).all():
        raise BadInput("The mask has a number that is neither 0 nor 1: write 1 to hide a key from a query, else 0.")
    return mask


def spell_mask(text: str, mask: Matrix) -> str:
    """A mask as `read_mask` reads it again, of the text that it was read from: words as words."""
    words = [re.sub(r"\s", "", word[0]) for word in _WORD.finditer(text.casefold())]
    return " ".join(words) or spell_matrix(mask)
