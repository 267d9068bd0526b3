"""What to call each token on a picture and in words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from core.reading.tokenizers.byte_level import bytes_of
from core.render.kit.drawing.text import measure, shorten
from core.results import Token, Tokenization

_SIGNS = {" ": "·", "\n": "↵", "\r": "↵", "\t": "⇥"}
_BLANK = re.compile(r"[\s\u2800]")  # the braille pattern without dots is blank too
_WIDEST = 200  # pixels at 20 per em
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Label:
    """The name of one token.

    Attributes:
        text: What to write: no ``##``, ``Ġ`` or ``▁``, spaces made visible, never empty, shortened.
        count: Which of several tokens of the same name it is, from 1; 0 if the name is unique.
        special: Whether the tokenizer added it.
        unknown: Whether the vocabulary lacks it; `text` is then what was written.
        spaced: Whether a space before it is part of the token.
        word: The number of its word, or ``None``.
    """

    text: str
    count: int
    special: bool
    unknown: bool
    spaced: bool
    word: int | None

    @property
    def numbered(self) -> str:
        """The name, with a small number where it is not unique."""
        return self.text + (str(self.count).translate(_SUBSCRIPT) if self.count else "")

    @property
    def spoken(self) -> str:
        """The name for a sentence that may be read aloud."""
        return self.text + (f" ({self.count})" if self.count else "")


def visible(text: str) -> str:
    """Show white space as signs, so that a name is never empty to the eye."""
    return _BLANK.sub(lambda found: _SIGNS.get(found[0], f"U+{ord(found[0]):04X}"), text)


def labels(source: Tokenization) -> list[Label]:
    """Name every token of a text."""
    names = [_shortened(_name(source, index)) for index in range(len(source.tokens))]
    total, seen = Counter(names), Counter[str]()
    found: list[Label] = []
    for name, token in zip(names, source.tokens, strict=True):
        seen[name] += 1
        count = seen[name] if total[name] > 1 else 0
        spaced = token.piece[:1] in ("Ġ", "▁") and len(token.piece) > 1
        found.append(Label(name, count, token.special, token.unknown, spaced, token.word))
    return found


def _shortened(name: str) -> str:
    """Keep 14 characters, or fewer if they are wide."""
    limits = range(14, 2, -1)
    return next((short for short in (shorten(name, limit) for limit in limits) if measure(short, 20) <= _WIDEST), "…")


def _name(source: Tokenization, index: int) -> str:
    """The piece where it spells the text or a part of it, else (bytes, unknown words) the text that it stands for."""
    token = source.tokens[index]
    written = source.text[token.start : token.end]
    if token.special or not written:
        return visible(token.piece.strip("Ġ▁") or " ") if token.piece else "∅"
    if not token.unknown:
        for piece in (token.piece, token.piece.removeprefix("##")):
            if piece and _folded(piece) == _folded(written):
                return visible(piece)
    name = visible(written.strip() or written)
    part, parts = _share(source.tokens, index)
    if parts == 1 or token.unknown:
        return name
    if not bytes_of(source, token):  # one of several characters that normalisation made of one, such as ½
        return visible(token.piece.removeprefix("##").lstrip("▁") or " ")
    return f"{name} {part}/{parts}"


def _folded(text: str) -> str:
    """What a lower-casing, accent-stripping tokenizer makes of a text."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


def _share(tokens: tuple[Token, ...], index: int) -> tuple[int, int]:
    """Which of how many neighbours that stand for the same characters (the bytes of one emoji) a token is."""
    end, first, last = tokens[index].end, index, index
    while first > 0 and tokens[first - 1].end == end:
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].end == end and not tokens[last + 1].special:
        last += 1
    return index - first + 1, last - first + 1
