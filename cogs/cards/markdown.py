"""User text as part of a message: it can mention nobody, format nothing and hide nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.language import Language
from core.results import Table

SHOWN = 300
"""Characters of a text that a card repeats."""

TABLE_CHARACTERS = 1800
"""Of a table in a message: Discord allows 2,000, the code fences and a note need some."""

WIDEST_CELL = 28

LONGEST_WORD = 40
"""Characters of a word of the text that a sentence of a card names."""


def strip_invisible(text: str) -> str:
    """A text on one line without control, bidirectional or zero-width characters, but with joined emoji kept whole."""
    kept = (
        character
        for character in text
        if character == "\u200d"
        or character.isspace()
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )
    return " ".join("".join(kept).split())


def code_span(text: str, limit: int = SHOWN) -> str:
    """A text as a code span of at most `limit` characters; in a code span nothing is a mention, a link or Markdown."""
    shown = strip_invisible(text).replace("`", "ˋ")
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    return f"`{shown or ' '}`"


def word_span(word: str) -> str:
    """A word of a text in a sentence of a card."""
    return code_span(word.strip() or word, LONGEST_WORD)


def ids_block(say: Language, ids: Sequence[int], room: int = TABLE_CHARACTERS) -> str:
    """Token ids as a list to copy; of many, as many as fit into so many characters (a file has them all)."""
    listed = "[" + ", ".join(map(str, ids)) + "]"
    if len(listed) <= room:
        return f"```\n{listed}\n```"
    cut = listed[:room].rpartition(",")[0]
    shown = cut.count(",") + 1
    note = say("-# the first {shown:,} of {count:,} ids: the files have all", shown=shown, count=len(ids))
    return f"```\n{cut}, …\n```\n{note}"


def table_block(say: Language, table: Table) -> str:
    """A table as a code block with aligned columns, cut after the last row that fits."""
    cells = [[_cell(cell) for cell in row] for row in (table.header, *table.rows)]
    widths = [max(_columns(row[column]) for row in cells) for column in range(len(table.header))]
    lines = [
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    shown: list[str] = []
    for line in lines:
        if sum(map(len, shown)) + len(shown) + len(line) > TABLE_CHARACTERS:
            break
        shown.append(line)
    block = ["```", *shown, "```"]
    if len(shown) < len(lines):
        block.append(
            say(
                "-# the first {shown:,} of {count:,} rows: the file has all", shown=len(shown) - 1, count=len(lines) - 1
            )
        )
    return "\n".join(block)


def _columns(text: str) -> int:
    """How many columns a text takes in letters of one width: Chinese and Japanese ones take two, accents none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _cell(text: str) -> str:
    shown = strip_invisible(text).replace("`", "ˋ")
    return shown if len(shown) <= WIDEST_CELL else shown[: WIDEST_CELL - 1] + "…"
