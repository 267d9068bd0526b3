"""What `/attention` asks a device about a text, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.maps.difference import split_versions, subtract_maps
from core.questions import CrossAttention, TextPair
from core.reading.tokenizer import PAIR_SEPARATOR, ModelTokenizer
from core.results import AttentionMap, Tokenization

MAX_TOKENS = 256
"""The most tokens of an attention map: a picture of more would have no cells to see."""

WRITING_COST = 3
"""About how often as much as its length a text costs that makes a model write."""


@dataclass(frozen=True, slots=True)
class AttentionRequest:
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


def is_pair(text: str) -> bool:
    """Whether a text is a pair: two with ``[SEP]`` between them."""
    first, _, second = text.partition(PAIR_SEPARATOR)
    return bool(first.strip() and second.strip())


def build_requests(tokenizer: ModelTokenizer, text: str) -> list[AttentionRequest]:
    """What to ask about a text; about each of two with ``[VS]`` between them.

    Two with ``[SEP]`` between them are a pair, or what a model with a decoder reads and what it is made to write.

    Raises:
        CoreError: It cannot be read; see `ModelTokenizer.encode_within_limit`.
    """
    return [_build_request(tokenizer, version) for version in split_versions(text)]


def _build_request(tokenizer: ModelTokenizer, text: str) -> AttentionRequest:
    if tokenizer.is_encoder_decoder:
        source, target = tokenizer.encode_separately(text, MAX_TOKENS)
        most = min(MAX_TOKENS, tokenizer.limit) - 1
        return AttentionRequest(
            "across", CrossAttention(tuple(source.ids), tuple(target.ids if target else ()), most), source, target
        )
    source = tokenizer.encode_within_limit(text, MAX_TOKENS, pair=True)
    return AttentionRequest(
        "attention", TextPair(tuple(source.ids), source.second) if source.second else tuple(source.ids), source
    )


def build_map(
    tokenizer: ModelTokenizer, text: str, asked: Sequence[AttentionRequest], answers: Sequence[Any]
) -> AttentionMap:
    """What a device's answers say about a text, or about what changes from one text to another.

    Raises:
        BadInput: Nothing does.
    """
    maps = [_self_attention_map(tokenizer, one, answer) for one, answer in zip(asked, answers, strict=True)]
    return maps[0] if len(maps) == 1 else subtract_maps(text, *maps)


def _self_attention_map(tokenizer: ModelTokenizer, asked: AttentionRequest, answer: Any) -> AttentionMap:
    if asked.task == "across":
        return _cross_attention_map(tokenizer, asked, answer)
    weights, norms = answer
    causal = len(asked.source.tokens) > 1 and not weights[..., 0, 1:].any()  # the first token sees no other
    return AttentionMap(asked.source, weights, causal, norms)


def _cross_attention_map(tokenizer: ModelTokenizer, asked: AttentionRequest, answer: Any) -> AttentionMap:
    """Cross-attention, with what the encoder and the decoder do beside it."""
    start, ids, encoder, decoder, cross, norms = answer
    back = tokenizer.decode([start, *ids])
    if asked.target:  # its own offsets, into what was typed
        back = replace(asked.target, tokens=(back.tokens[0], *asked.target.tokens[-len(ids) :]))
    rows, read = replace(back, tokens=back.tokens[1:]), replace(back, tokens=back.tokens[:-1])
    beside = {
        "encoder": AttentionMap(asked.source, encoder, norms=norms[0]),
        "decoder": AttentionMap(read, decoder, causal=True, norms=norms[1]),
    }
    return AttentionMap(asked.source, cross, norms=norms[2], rows=rows, related=beside)
