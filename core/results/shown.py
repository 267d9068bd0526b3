"""How results show themselves where somebody looks at them: in a notebook, in a debugger, as a table of a program."""

from __future__ import annotations

import html
import importlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Columns = Mapping[str, Sequence[Any] | npt.NDArray[Any]]
"""A table by its columns, numbers as numbers; all as long as the first."""

Arrays = dict[str, npt.NDArray[Any]]
"""The arrays of an ``.npz``, by name."""

Bundle = dict[str, Any]
"""What a notebook shows, by media type."""

MOST_ROWS = 50
"""Of a table that shows itself."""

_HIDDEN, _KEPT = ("Cc", "Cf", "Cs"), "\t\n\u200c\u200d"  # joiners make emoji and Indic words


def as_arrays(columns: Columns) -> Arrays:
    """An array for each column; where a cell is empty, no number or an empty word, so that no pickle is needed."""
    return {
        name: np.array([_empty(column) if cell is None else cell for cell in column])
        for name, column in columns.items()
    }


def _empty(column: Iterable[Any]) -> str | float:
    return "" if any(isinstance(cell, str) for cell in column) else math.nan


class Shown:
    """What every result can do: show itself as a table in a notebook, and become a data frame."""

    __slots__ = ()

    def columns(self) -> Columns:
        """Its numbers by column, as numbers; layers, heads and positions from 1, as pictures count them."""
        raise NotImplementedError

    def to_frame(self) -> Any:
        """Its numbers as a `pandas.DataFrame`.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return frame(self.columns())

    def glance(self) -> Columns:
        """What is shown of it; all, if it is not too much."""
        return self.columns()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """What a notebook shows."""
        return {"text/plain": repr(self), "text/html": to_html(self.glance())}


def frame(columns: Columns) -> Any:
    """Columns as a `pandas.DataFrame`; nothing else here needs pandas.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    try:
        pandas: Any = importlib.import_module("pandas")
    except ModuleNotFoundError as error:
        error.add_note("to_frame() needs pandas: install it, or take what columns() gives.")
        raise
    return pandas.DataFrame(dict(columns))


def numbers(cells: Iterable[str]) -> list[Any]:
    """The cells of a column as numbers where all of them are, in the English way; else as they are."""
    found = list(cells)
    try:
        return [_number(cell) for cell in found]
    except ValueError:
        return found


def to_html(columns: Columns) -> str:
    """Columns as an HTML table, its first `MOST_ROWS` rows; numbers are rounded to four figures."""
    rows = list(zip(*columns.values(), strict=True))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows[:MOST_ROWS])
    more = f"<p>and {len(rows) - MOST_ROWS:,} more rows</p>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def short(kind: object, *facts: str) -> str:
    """``<Sentiment: POSITIVE 0.980 · “A fine film” · bundled/minilm>``."""
    return f"<{type(kind).__name__}: {' '.join(visible(' · '.join(filter(None, facts))).split())}>"


def counted(count: int, name: str, several: str = "") -> str:
    """``1 layer``, ``2 layers``; `several` where an s is not enough."""
    return f"{count} {name if count == 1 else several or name + 's'}"


def beginning(text: str, most: int = 40) -> str:
    """The beginning of a text in quotation marks, on one line, without what cannot be seen."""
    line = " ".join(visible(text[: 4 * most]).split())
    return f"“{line if len(line) <= most else line[: most - 1] + '…'}”"


def visible(text: str) -> str:
    """A text without controls and marks of direction, which could turn or hide what stands around it."""
    return "".join("\ufffd" if unicodedata.category(char) in _HIDDEN and char not in _KEPT else char for char in text)


def escape(text: str) -> str:
    """Any text inside HTML."""
    return html.escape(visible(text))


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f'<td style="text-align: left">{escape(value)}</td>'
    shown = f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
    return f"<td>{html.escape(shown)}</td>"


def _number(cell: str) -> int | float:
    """``−0.5``, ``1,024`` or ``98.0%``, which is 0.98."""
    plain = cell.replace("−", "-").replace("+", "")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})*", plain):
        return int(plain.replace(",", ""))
    return float(plain[:-1]) / 100 if plain.endswith("%") else float(plain)
