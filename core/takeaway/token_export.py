"""The tokens of a text, by one tokenizer or by several, as files for other programs."""

from __future__ import annotations

import json
from itertools import chain

from core.reading.tokenizers.byte_level import BYTE_LEVEL, bytes_of
from core.results import Token, Tokenization
from core.takeaway.spreadsheet import spreadsheet


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
    """A line for each token of each model."""
    rows = [{"model": source.model.name, **_row(source, token)} for source in sources for token in source.tokens]
    header = list(dict.fromkeys(chain(["model"], *rows)))
    return spreadsheet(header, ([row.get(name) for name in header] for row in rows))


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
