"""What people call a word, where a tokenizer sees several: ``didn't``, ``well-known``, ``3.5``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.results import Token

JOINT = re.compile(r"(?<=[^\W_])['’ʼ\-‐‑](?=[^\W_])|(?<=\d)[.,](?=\d)")
"""A sign within a word: an apostrophe or a hyphen between letters, a point or comma between digits (as Unicode's
MidLetter and MidNum, UAX #29, with hyphens besides)."""

IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
"""Chinese characters, of which BERT's tokenizers make a word each: no spaces say where words end."""

WORD = re.compile(rf"[{IDEOGRAPH}]|[^\W{IDEOGRAPH}]+(?:(?:{JOINT.pattern})[^\W{IDEOGRAPH}]+)*")
"""A word of a text that no tokenizer has cut yet."""


def join_words(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Tokens of a text, those numbered as one word that stand on either side of a `JOINT`, and the joint itself."""
    inside = {place for found in JOINT.finditer(text) for place in found.span()}
    found: list[Token] = []
    number, before = -1, Token(0, "", 0, 0)
    for token in tokens:
        if token.word is not None:
            joined = token.start in inside and token.start == before.end
            number += token.word != before.word and not (joined and before.word is not None)
            found.append(replace(token, word=number))
        else:
            found.append(token)
        before = token
    return found
