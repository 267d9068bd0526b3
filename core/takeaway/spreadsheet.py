"""Tables for spreadsheets, in which no text is run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

FORMULA = tuple("=+-@\t\r")
"""A cell of text that begins like this is a formula to a spreadsheet (OWASP, "CSV Injection")."""


def spreadsheet(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as CSV in UTF-8 with a mark that Excel needs; no cell is a formula, and None is an empty one."""
    stored = io.StringIO()
    csv.writer(stored).writerows([_harmless(cell) for cell in row] for row in (header, *rows))
    return stored.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet computes: text that begins like a formula gets an apostrophe, numbers stay."""
    if not isinstance(cell, str) or not cell.startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
