"""What the page of the local Discord says, read from its scripts and from its HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

STATIC = Path(__file__).parents[1] / "bot" / "playground" / "static"
CALL = re.compile(r"(?<![.#\w])(say|sayWith|sayOn)\(")
SENTENCE = {"say": 0, "sayWith": 0, "sayOn": 2}
"""Which argument of each function is the sentence."""
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
IN_HTML = re.compile(r'\bdata-(?:text|label|placeholder)="([^"]*)"')


def page_sentences() -> dict[str, str]:
    """Every sentence and the place that says it.

    Raises:
        AssertionError: A sentence is put together before it is said, so that nothing can find its translation.
    """
    found = dict.fromkeys(map(unescape, IN_HTML.findall((STATIC / "index.html").read_text("utf-8"))), "index.html")
    for script in sorted(STATIC.glob("*.js")):
        if script.name != "language.js":
            code = re.sub(r"^\s*(?://|/?\*).*$", "", script.read_text("utf-8"), flags=re.MULTILINE)
            for call in CALL.finditer(code):
                sentence = list(_arguments(code[call.end() :]))[SENTENCE[call[1]]]
                texts = [json.loads(literal) for literal in LITERAL.findall(sentence)]
                assert texts and "`" not in sentence, (
                    f"{script.name}: say it as it is, with values in braces: {sentence}"
                )
                found |= dict.fromkeys(texts, script.name)
    return found


def _arguments(code: str) -> Iterator[str]:
    """The arguments of a call, from behind its opening bracket."""
    depth, begin, position = 0, 0, 0
    while position < len(code):
        if literal := LITERAL.match(code, position):
            position = literal.end()
            continue
        sign = code[position]
        if depth == 0 and sign in ",)":
            yield code[begin:position]
            begin = position + 1
            if sign == ")":
                return
        depth += (sign in "([{") - (sign in ")]}")
        position += 1
