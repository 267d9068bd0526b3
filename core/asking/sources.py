"""What a text is to each way of asking about it: its tokens, its gaps, and how many of them that may take."""

from __future__ import annotations

from core.asking.passes import EXPLAINED_TOKENS, LENS_TOKENS, longest_ablated, longest_patched
from core.commands import Command, command_of
from core.maps.requests import build_requests
from core.reading.continuation import encode_prompt
from core.reading.masks import encode_gaps, encode_judged, encode_masked, encode_one_gap
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import Tokenization


def source_of(way: str, tokenizer: ModelTokenizer, text: str, layers: int, heads: int) -> Tokenization:
    """Cut a text as it is asked about.

    Args:
        way: How it is asked: see `core.commands`.
        tokenizer: That of the model.
        text: The text.
        layers: Of the model; 0 if that is not known.
        heads: In each of them; the same.

    Raises:
        BadInput: It is too long for that, or lacks what it must have.
    """
    match way:
        case "why":
            return tokenizer.encode_within_limit(text, EXPLAINED_TOKENS)
        case "why_word":
            return encode_gaps(tokenizer, text, EXPLAINED_TOKENS)
        case "surprisal":
            return encode_judged(tokenizer, text, EXPLAINED_TOKENS)
        case "ablate_label":
            return tokenizer.encode_within_limit(text, longest_ablated(layers, heads))
        case "ablate_word":
            return encode_masked(tokenizer, text, longest_ablated(layers, heads))
        case "patch":
            return encode_one_gap(tokenizer, text, longest_patched(layers, heads))
        case "lens":
            return encode_masked(tokenizer, text, LENS_TOKENS)
        case _:
            return _of_command(command_of(way), tokenizer, text)


def _of_command(command: Command, tokenizer: ModelTokenizer, text: str) -> Tokenization:
    match command:
        case "tokens":
            return tokenizer.encode(text)
        case "write":
            return encode_prompt(tokenizer, text)
        case "unmask":
            return encode_masked(tokenizer, text)
        case "attention":
            return build_requests(tokenizer, text)[0].source
        case "sentiment":
            return tokenizer.encode_within_limit(text, cut=True)
