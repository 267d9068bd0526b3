"""Attention by hand: the small matrices of an exercise, as people type them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.errors import BadInput

Matrix: TypeAlias = npt.NDArray[np.float32]

LARGEST = 8
"""Rows and columns, so that every number can be read on a phone."""

GREATEST = 1000
"""The largest number that may be typed, so that it fits into its cell."""

SHAPE, SEED = "3 4", 42
"""Of the example that is shown when nothing is typed: three positions, four numbers for each."""

SEEDS = 2**32

MASKED_BELOW = -1e8
"""A masked score below this was hidden: see `core.attention.HIDDEN`."""


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """What to work out: three typed matrices, or a shape and the seed of random ones.

    Attributes:
        matrices: Query ``(N, d_k)``, key ``(M, d_k)`` and value ``(M, d_v)``; ``None`` to draw them at random.
        shape: ``(N, d)`` of the random ones: one row per position.
        seed: Where the random numbers begin.
        mask: ``(N, M)``; 1 hides a key from a query.
    """

    matrices: tuple[Matrix, Matrix, Matrix] | None = None
    shape: tuple[int, int] = (3, 4)
    seed: int = SEED
    mask: Matrix | None = None


def parse_exercise(
    *, query: str = "", key: str = "", value: str = "", mask: str = "", shape: str = "", seed: int | None = None
) -> Exercise:
    """Read an exercise. What is left out: a key is the query, a value is the key, as in self-attention.

    Args:
        query: Rows separated by ``;`` or lines, numbers by spaces or commas; brackets do no harm.
        key: The same.
        value: The same.
        mask: ``causal``, or a matrix of 0 and 1 (1 hides a key); empty or ``none`` for no mask.
        shape: Rows and columns of random matrices, such as ``3 4``.
        seed: Of the random numbers.

    Raises:
        BadInput: It cannot be read, or the shapes do not fit together.
    """
    if not query.strip():
        if key.strip() or value.strip():
            raise BadInput("A key or a value needs a query: type all three, or leave all three out for random ones.")
        rows, columns = _shape(shape or SHAPE)
        seed = SEED if seed is None else seed
        if not 0 <= seed < SEEDS:
            raise BadInput("A seed goes from 0 to {most:,}: choose one of these.", most=SEEDS - 1)
        return Exercise(None, (rows, columns), seed, _mask(mask, rows, rows))
    if shape.strip() or seed is not None:
        raise BadInput("A shape and a seed are for random matrices: leave them out, or leave out the typed ones.")
    typed = _matrix("query", query)
    keys = _matrix("key", key) if key.strip() else typed
    values = _matrix("value", value) if value.strip() else keys
    if typed.shape[1] != keys.shape[1]:
        raise BadInput(
            "The query has {of_query} columns and the key {of_key}: QKᵀ needs as many columns in both, so change one.",
            of_query=typed.shape[1],
            of_key=keys.shape[1],
        )
    if len(keys) != len(values):
        raise BadInput(
            "The key has {of_key} rows and the value {of_value}: each key needs one value, so change one.",
            of_key=len(keys),
            of_value=len(values),
        )
    return Exercise((typed, keys, values), mask=_mask(mask, len(typed), len(keys)))


def _matrix(name: str, text: str) -> Matrix:
    """Read ``1 0; 0 1``, ``1,0;0,1`` or ``[[1, 0], [0, 1]]``."""
    plain = re.sub(r"\]\s*,?", ";", text).replace("[", " ").replace("−", "-")
    rows = [re.split(r"[\s,]+", row.strip(" \t,")) for row in re.split(r"[;\n]", plain) if row.strip(" \t,")]
    try:
        numbers = [[float(cell) for cell in row] for row in rows]
    except ValueError:
        raise BadInput(
            "The {name} has something in it that is not a number: "
            "write it as `1 0; 0 1`, rows separated by semicolons.",
            name=name,
        ) from None
    if not numbers:
        raise BadInput("The {name} is empty: write it as `1 0; 0 1`, rows separated by semicolons.", name=name)
    if len({len(row) for row in numbers}) > 1:
        raise BadInput(
            "The rows of the {name} have different lengths: give each row as many numbers as the first.", name=name
        )
    if max(len(numbers), len(numbers[0])) > LARGEST:
        raise BadInput(
            "The {name} is larger than {most} × {most}: leave out some rows or columns.", name=name, most=LARGEST
        )
    if not all(math.isfinite(number) and abs(number) <= GREATEST for row in numbers for number in row):
        raise BadInput(
            "The {name} has a number that is too large: use numbers from −{most:,} to {most:,}.",
            name=name,
            most=GREATEST,
        )
    return np.array(numbers, np.float32)


def _shape(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,3})\s*[\s,x×]\s*(\d{1,3})\s*", text)
    if not found:
        raise BadInput("That shape cannot be read: write rows and columns, such as `3 4`.")
    rows, columns = int(found[1]), int(found[2])
    if not (1 <= rows <= LARGEST and 1 <= columns <= LARGEST):
        raise BadInput("A shape goes from 1 × 1 to {most} × {most}: choose a smaller one.", most=LARGEST)
    return rows, columns


def _mask(text: str, rows: int, columns: int) -> Matrix | None:
    """The mask of a word or of a matrix; a causal one hides what comes after a position."""
    match text.strip().casefold():
        case "" | "none":
            return None
        case "causal":
            if rows != columns:
                raise BadInput(
                    "A causal mask needs as many queries as keys, and there are {rows} and {columns}: "
                    "type a mask of 0 and 1 instead.",
                    rows=rows,
                    columns=columns,
                )
            return np.triu(np.ones((rows, columns), np.float32), k=1)
        case _:
            mask = _matrix("mask", text)
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
