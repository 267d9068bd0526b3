"""What `/attention` asks a device about a text, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import BadInput
from core.maps.difference import subtract_maps
from core.maps.selection import check_token
from core.questions import CrossAttention, TextPair, WeightSources
from core.reading.separators import split_versions
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR, ModelTokenizer
from core.results import AttentionMap, AttentionRow, Tokenization

MAX_TOKENS = 256
"""The most tokens of an attention map: a picture of more would have no cells to see."""

WRITING_COST = 3
"""About how often as much as its length a text costs that makes a model write."""


SIDES_OF_DIFFERENCE = ("first", "second")
"""Maps of a difference that are of one text."""


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
    return AttentionRequest("attention", ids_of(tokenizer, source), source)


def ids_of(tokenizer: ModelTokenizer, source: Tokenization) -> TextPair | tuple[int, ...]:
    """What a model is given of a text: as a pair only where its tokenizer tells it which tokens are whose."""
    ids = tuple(source.ids)
    return TextPair(ids, source.second) if source.second and tokenizer.types_texts else ids


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
    rows, read = _decoded(tokenizer, asked, start, ids)
    beside = {
        "encoder": AttentionMap(asked.source, encoder, norms=norms[0]),
        "decoder": AttentionMap(read, decoder, causal=True, norms=norms[1]),
    }
    return AttentionMap(asked.source, cross, norms=norms[2], rows=rows, related=beside)


def _decoded(
    tokenizer: ModelTokenizer, asked: AttentionRequest, start: int, ids: Sequence[int]
) -> tuple[Tokenization, Tokenization]:
    """What a decoder wrote, and what it had read in each row before it wrote that."""
    back = tokenizer.decode([start, *ids])
    if asked.target:  # its own offsets, into what was typed
        back = replace(asked.target, tokens=(back.tokens[0], *asked.target.tokens[-len(ids) :]))
    return replace(back, tokens=back.tokens[1:]), replace(back, tokens=back.tokens[:-1])


def build_row_request(
    tokenizer: ModelTokenizer, text: str, side: str, layer: int, head: int, row: int
) -> AttentionRequest:
    """What to ask about one row of a map of a text; `side` says of which, where there are several.

    Layer and head are counted from 1.

    Raises:
        CoreError: The text cannot be read, or the map is a difference, or there is no such map.
    """
    versions = split_versions(text)
    if len(versions) > 1 and side not in SIDES_OF_DIFFERENCE:
        raise BadInput("A difference has no picture of one token: choose another picture.")
    asked = _build_request(tokenizer, versions[-1 if side == "second" else 0])
    kind = side if side in ("encoder", "decoder") else "cross"
    return replace(asked, question=WeightSources(asked.question, kind, layer - 1, head - 1, row))


def build_row(tokenizer: ModelTokenizer, asked: AttentionRequest, answer: Any) -> AttentionRow:
    """What a device's answer says about one row.

    Raises:
        BadInput: It could not be followed, or there is no such row.
    """
    question: WeightSources = asked.question
    read, rows, side, sources = None, None, "", answer
    if asked.task == "across":
        start, ids, sources = answer
        written, before = _decoded(tokenizer, asked, start, ids)
        side = question.kind
        read, rows = before if side == "decoder" else None, written if side == "cross" else None
    check_token(rows or read or asked.source, question.row)
    if sources is None:
        raise BadInput(
            "This model makes its weights in other ways than query times key and a softmax, so this number cannot be "
            "shown in the making: look at its other pictures, or ask another model."
        )
    query, key, scale, added, weights, norms = sources
    place = (question.layer, question.head, question.row)
    return AttentionRow(asked.source, *place, query, key, scale, added, weights, norms, read, rows, side)
