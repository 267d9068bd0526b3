"""What `/attention` asks a device about a text, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.maps import difference as contrast
from core.questions import Across, Pair
from core.reading.tokenizer import Reader
from core.results import AttentionMap, Tokenization

ATTENTION_TOKENS = 256
"""The most tokens of an attention map: a picture of more would have no cells to see."""

GOES = 3
"""About how often as much as its length a text costs that makes a model write."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a device.

    Attributes:
        task: Which of `core.tasks.TASKS` answers it.
        question: What that task is given.
        source: The text.
        target: What a decoder shall write, if that is given.
    """

    task: str
    question: Any
    source: Tokenization
    target: Tokenization | None = None


def asked(reader: Reader, text: str) -> list[Asked]:
    """What to ask about a text; about each of two with ``[VS]`` between them.

    Two with ``[SEP]`` between them are a pair, or what a model with a decoder reads and what it is made to write.

    Raises:
        CoreError: It cannot be read; see `Reader.read_within_limit`.
    """
    return [_asked(reader, version) for version in contrast.split(text)]


def _asked(reader: Reader, text: str) -> Asked:
    if reader.writes:
        source, target = reader.read_apart(text, ATTENTION_TOKENS)
        most = min(ATTENTION_TOKENS, reader.limit) - 1
        return Asked("across", Across(tuple(source.ids), tuple(target.ids if target else ()), most), source, target)
    source = reader.read_within_limit(text, ATTENTION_TOKENS, pair=True)
    return Asked("attention", Pair(tuple(source.ids), source.second) if source.second else tuple(source.ids), source)


def answered(reader: Reader, text: str, asked: Sequence[Asked], answers: Sequence[Any]) -> AttentionMap:
    """What a device's answers say about a text, or about what changes from one text to another.

    Raises:
        BadInput: Nothing does.
    """
    maps = [_answered(reader, one, answer) for one, answer in zip(asked, answers, strict=True)]
    return maps[0] if len(maps) == 1 else contrast.contrast(text, *maps)


def _answered(reader: Reader, asked: Asked, answer: Any) -> AttentionMap:
    if asked.task == "across":
        return _crossed(reader, asked, answer)
    weights, norms = answer
    causal = len(asked.source.tokens) > 1 and not weights[..., 0, 1:].any()  # the first token sees no other
    return AttentionMap(asked.source, weights, causal, norms)


def _crossed(reader: Reader, asked: Asked, answer: Any) -> AttentionMap:
    """Cross-attention, with what the encoder and the decoder do beside it."""
    start, ids, encoder, decoder, cross, norms = answer
    back = reader.read_back([start, *ids])
    if asked.target:  # its own offsets, into what was typed
        back = replace(asked.target, tokens=(back.tokens[0], *asked.target.tokens[-len(ids) :]))
    rows, read = replace(back, tokens=back.tokens[1:]), replace(back, tokens=back.tokens[:-1])
    beside = {
        "encoder": AttentionMap(asked.source, encoder, norms=norms[0]),
        "decoder": AttentionMap(read, decoder, causal=True, norms=norms[1]),
    }
    return AttentionMap(asked.source, cross, norms=norms[2], rows=rows, beside=beside)
