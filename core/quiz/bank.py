"""Sentences to ask about where nobody gives one: a file for each language, of our own wording.

A line is a sentence, one word of it in braces, which may be hidden. An opinion begins with ``+`` or ``-``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SENTENCES = Path(__file__).parent / "sentences"

GAP = "___"
"""What stands in the place of a hidden word."""

Opinion = Literal["positive", "negative", ""]
OPINIONS: dict[str, Opinion] = {"+": "positive", "-": "negative"}
"""How a line begins, by what it was written as."""

HIDDEN = re.compile(r"\{([^{}]+)\}")
NUMBER = re.compile(r"([a-z]{2})(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence.

    Attributes:
        text: All of it.
        gapped: The same with a gap, where a word can be hidden.
        hidden: That word.
        opinion: What it was written as; empty if it is no opinion.
        number: Its language and its place in the file, such as ``en17``; empty if somebody typed it.
    """

    text: str
    gapped: str = ""
    hidden: str = ""
    opinion: Opinion = ""
    number: str = ""


def read_sentences(language: str) -> list[Sentence]:
    """All sentences of a language, by its code; none of one that there is no file for."""
    file = SENTENCES / f"{language}.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [_read(line, f"{language}{number}") for number, line in enumerate(lines, 1)]


def find_sentence(number: str) -> Sentence | None:
    """The sentence of a number; none if there is no such one."""
    found = NUMBER.fullmatch(number)
    known = read_sentences(found[1]) if found else []
    return next((sentence for sentence in known if sentence.number == number), None)


def _read(line: str, number: str) -> Sentence:
    sign, _, rest = line.partition(" ")
    opinion = OPINIONS.get(sign, "")
    written = rest if opinion else line
    hidden = HIDDEN.search(written)
    return Sentence(HIDDEN.sub(r"\1", written), HIDDEN.sub(GAP, written), hidden[1] if hidden else "", opinion, number)
