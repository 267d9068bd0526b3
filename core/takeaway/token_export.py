"""The tokens of a text, by one tokenizer or by several, as files for other programs."""

from __future__ import annotations

import csv
import io
import json
from itertools import chain

from core.reading.byte_level import BYTE_LEVEL, bytes_of
from core.results import Token, Tokenization

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a cell that begins like this (OWASP, "CSV Injection")."""


def as_json(*sources: Tokenization) -> bytes:
    """Everything that is known of each token, and the model with its revision; of several a list of these."""
    listings = [
        {
            "model": source.model.name,
            "revision": source.model.revision,
            "text": source.text,
            "ids": source.ids,
            "tokens": [_row(source, token) for token in source.tokens],
        }
        for source in sources
    ]
    return json.dumps(listings if len(listings) > 1 else listings[0], ensure_ascii=False, indent=1).encode()


def as_csv(*sources: Tokenization) -> bytes:
    """A line for each token of each model; what a spreadsheet would run gets an apostrophe before it."""
    rows = [{"model": source.model.name, **_row(source, token)} for source in sources for token in source.tokens]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(dict.fromkeys(chain(["model"], *rows))))
    writer.writeheader()
    writer.writerows({name: _safe(cell) for name, cell in row.items()} for row in rows)
    return file.getvalue().encode("utf-8-sig")  # spreadsheets need the mark to read it as UTF-8


def _row(source: Tokenization, token: Token) -> dict[str, str | int | bool | None]:
    return {
        "id": token.id,
        "piece": token.piece,
        "written": source.text[token.start : token.end],
        "start": token.start,
        "end": token.end,
        "special": token.special,
        "unknown": token.unknown,
        "word": token.word,
        **({"bytes": bytes_of(source, token).hex(" ").upper()} if source.kind == BYTE_LEVEL else {}),
    }


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
