"""Token ids turned back into text."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Container, Iterator, Sequence

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from core.errors import BadInput

_ID = re.compile(r"[0-9]{1,9}")
MOST_IDS = 10**9
"""No vocabulary has so many."""

_BETWEEN = re.compile(r"[\s,;\[\]()]+")


def parse_ids(text: str, vocabulary: int) -> tuple[int, ...]:
    """The ids in a text such as ``[101, 7592, 102]`` or ``101 7592 102``.

    Args:
        text: What was typed.
        vocabulary: How many entries the vocabulary has.

    Raises:
        BadInput: Something in it is no id of that vocabulary.
    """
    parts = [part for part in _BETWEEN.split(text) if part]
    if not parts or not all(_ID.fullmatch(part) for part in parts):
        raise BadInput("To decode, write token ids and nothing else, such as 101 7592 102 or [101, 7592, 102].")
    ids = tuple(map(int, parts))
    if max(ids) >= vocabulary:
        raise BadInput("That vocabulary ends at id {last:,}: leave out what is larger.", last=vocabulary - 1)
    return ids


def word_indices(text: str, spans: Sequence[tuple[int, int]]) -> list[int | None]:
    """Which of the words of a text, as white space separates them, each span begins in; none for an empty one."""
    begins = [found.start() for found in re.finditer(r"\S+", text)]
    firsts = [end - len(text[start:end].lstrip()) for start, end in spans]
    return [
        bisect(begins, first) - 1 if end > start else None for first, (start, end) in zip(firsts, spans, strict=True)
    ]


def decode_with_offsets(
    tokenizer: Tokenizer, ids: Sequence[int], silent: Container[int]
) -> tuple[str, list[tuple[int, int]]]:
    """The text of some ids, and where in it each stands.

    Ids that only together make up a character, such as the bytes of an emoji, all stand where it stands.

    Args:
        tokenizer: Whose ids they are.
        ids: Any ids of its vocabulary.
        silent: Those that stand for nothing that was written: they get an empty place.
    """
    kept = [id for id in ids if id not in silent]
    text, at = tokenizer.decode(kept), 0
    settled = _settled(tokenizer, kept, text)
    spans, waiting = list[tuple[int, int]](), list[int]()
    for place, id in enumerate(ids):
        spans.append((at, at))
        if id in silent:
            continue
        waiting.append(place)
        if (end := next(settled)) > at:
            _stretch(spans, waiting, end)
            waiting, at = [], end
    _stretch(spans, waiting, len(text))  # what is left of a character at the end
    return text, spans


def _settled(tokenizer: Tokenizer, ids: Sequence[int], text: str) -> Iterator[int]:
    """How much of the text of some ids is there for certain after each of them."""
    stream, at = DecodeStream(skip_special_tokens=False), 0
    for count, id in enumerate(ids, 1):
        if stream:
            try:
                at += len(stream.step(tokenizer, id) or "")
            except Exception as error:  # of no narrower kind: some bytes were no character after all (tokenizers 0.23)
                if not str(error).startswith("Invalid prefix"):
                    raise
                stream = None
        if not stream and text.startswith(part := tokenizer.decode(ids[:count])):
            at = max(at, len(part))
        yield at


def _stretch(spans: list[tuple[int, int]], places: Sequence[int], end: int) -> None:
    """Let the spans at some places go on to `end`."""
    for place in places:
        spans[place] = spans[place][0], end
