"""What a tokenizer may do to a text: a folder's files can ask for more than any computer has.

A text must not become so long that cutting it takes minutes, nor a token so long that spelling some of them does.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import logging
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from tokenizers import Tokenizer

from core.errors import ModelUnavailable, is_panic
from core.models.config_file import TOKENIZER_OPTIONS, parsed, read_small

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

MOST_GROWTH = 1000
"""Characters that one of a text may become, by all rules together; Unicode's own most is 18."""

MOST_INSERTED = 1000
"""Characters that the rules may put in, all together."""

MOST_SPECIAL = 100
"""Special tokens around a text, or a pair."""

LONGEST_TOKEN = 10_000
"""Characters of a token: vocabularies for code have some of a few hundred."""

MOST_ADDED = 10_000
"""Tokens beside the vocabulary: Gemma has six thousand. transformers compares each of them with all others."""

STRUCTURE = ("normalizer", "pre_tokenizer", "decoder")
"""The parts of a tokenizer that rewrite texts."""


def check_bounds(tokenizer: Tokenizer) -> None:
    """Refuse a tokenizer that could make millions of tokens of a word, or of a token millions of characters.

    Raises:
        ValueError: It could, and why.
    """
    for part in STRUCTURE:
        made = getattr(tokenizer, part)
        growth, inserted = 1.0, 0
        for pattern, content in _replacements(json.loads(made.__getstate__()) if made else None):
            growth *= max(1.0, len(content) / len(pattern) if pattern else len(content) + 1.0)
            inserted += len(content)
        if growth > MOST_GROWTH or inserted > MOST_INSERTED:
            raise ValueError(f"its {part} could make millions of characters of a word")
    if max(tokenizer.num_special_tokens_to_add(pair) for pair in (False, True)) > MOST_SPECIAL:
        raise ValueError(f"it puts more than {MOST_SPECIAL} special tokens around a text")
    for name in ("continuing_subword_prefix", "end_of_word_suffix"):
        if len(getattr(tokenizer.model, name, None) or "") > MOST_INSERTED:
            raise ValueError(f"its {name} is too long")
    if max(map(len, tokenizer.get_vocab()), default=0) > LONGEST_TOKEN:
        raise ValueError(f"it has a token of more than {LONGEST_TOKEN:,} characters")
    if len(tokenizer.get_added_tokens_decoder()) > MOST_ADDED:
        raise ValueError(f"it adds more than {MOST_ADDED:,} tokens to its vocabulary")


def check_options(folder: Path) -> None:
    """Refuse a folder whose other files add more tokens than transformers could go through in some seconds.

    Raises:
        ValueError: They do.
    """
    values = 0
    for name in TOKENIZER_OPTIONS:
        with contextlib.suppress(OSError, ValueError):  # what is no JSON adds none
            values += _count(parsed(read_small(folder / name)))
    if values > MOST_ADDED:
        raise ValueError(f"its {', '.join(TOKENIZER_OPTIONS)} name more than {MOST_ADDED:,} tokens")


def _count(said: Any) -> int:
    """How many values there are in some JSON, besides yes, no and ``null``: a token is one, with its options."""
    waiting, count = [said], 0
    while waiting:
        value = waiting.pop()
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        within = [part for part in parts if part is not None and not isinstance(part, bool)]
        waiting.extend(within)
        count += not within
    return count


def _replacements(rules: Any) -> Iterator[tuple[str, str]]:
    """What is replaced by what, anywhere in some rules: nothing by something where a regular expression may fit that.

    What is only put in, once, replaces as much.
    """
    if isinstance(rules, list):
        for rule in rules:
            yield from _replacements(rule)
    elif isinstance(rules, dict):
        if isinstance(content := rules.get("content", rules.get("prepend")), str):
            pattern = rules.get("pattern")
            yield (pattern.get("String", "") if isinstance(pattern, dict) else content), content
        if isinstance(charsmap := rules.get("precompiled_charsmap"), str):
            yield "?", max(_written_by(base64.b64decode(charsmap)), key=len)
        for rule in rules.values():
            yield from _replacements(rule)


def _written_by(charsmap: bytes) -> list[str]:
    """What a map of SentencePiece writes for characters: the size of its trie, the trie, then texts that end in a zero.

    See ``EncodePrecompiledCharsMap`` in google/sentencepiece's ``src/builder.cc``.
    """
    (size,) = struct.unpack_from("<I", charsmap)
    return charsmap[struct.calcsize("<I") + size :].decode(errors="replace").split("\0")


def refusing_panics(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """For the methods of whatever has a `model`: a panic of the Rust library becomes a refusal of that model."""

    @functools.wraps(method)
    def call(self: Any, *args: P.args, **options: P.kwargs) -> R:
        try:
            return method(self, *args, **options)
        except BaseException as error:
            if not is_panic(error):
                raise
            logger.error("The tokenizer of %s panicked in %s.", self.model.name, method.__name__)
            raise ModelUnavailable(
                "The tokenizer of {model} fails on that text: try another text, or another model.",
                model=self.model.name,
            ) from None

    return call
