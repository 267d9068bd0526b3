"""Matrices, shapes and numbers as people type them."""

from __future__ import annotations

import math
import re
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


def read_matrix(name: str, text: str) -> Matrix:
    """Read ``1 0; 0 1``, ``1,0;0,1`` or ``[[1, 0], [0, 1]]``.

    Raises:
        BadInput: It is no matrix, or too large.
    """
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


def spell_matrix(matrix: Matrix) -> str:
    """A matrix as `read_matrix` reads exactly the same again, such as ``1 0; 0 1``."""
    return "; ".join(" ".join(str(np.float32(number)).removesuffix(".0") for number in row) for row in matrix)


def read_shape(text: str) -> tuple[int, int, int]:
    """Queries, keys and the numbers in each, of ``3 4`` (as many keys as queries) or ``3 5 4``.

    Raises:
        BadInput: It is no shape, or too large.
    """
    found = re.fullmatch(r"\s*(\d{1,3})(?:[\s,x×]+(\d{1,3}))?[\s,x×]+(\d{1,3})\s*", text)
    if not found:
        raise BadInput("That shape cannot be read: write rows and columns, such as `3 4`.")
    queries, keys, depth = int(found[1]), int(found[2] or found[1]), int(found[3])
    if not (min(queries, keys, depth) >= 1 and max(queries, keys, depth) <= LARGEST):
        raise BadInput("A shape goes from 1 × 1 to {most} × {most}: choose a smaller one.", most=LARGEST)
    return queries, keys, depth


def read_scale(text: str) -> bool | float | None:
    """Whether scores are divided by √d, or the number they are multiplied by; nothing for what is usual of a kind.

    Raises:
        BadInput: It is neither.
    """
    plain = text.strip().casefold().replace("−", "-")
    if plain in ("", "on", "off"):
        return plain == "on" if plain else None
    try:
        number = float(plain.removeprefix("×").replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) <= GREATEST:
        raise BadInput("That scale cannot be read: write on (÷ √d), off, or a number to multiply by, such as `0.5`.")
    return number
