"""Tokenizers: ids, offsets and words of a text.

The Rust library `tokenizers` is used directly: `AutoTokenizer` would load torch, and it sets truncation and padding on
a shared object at every call, which is silently wrong between threads. A `ModelTokenizer` never changes once made.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from tokenizers import Encoding, Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer

from core.errors import BadInput, ModelUnavailable, TooLong
from core.models.metadata import CAUSAL, has_architecture, problem_type
from core.reading.byte_level import BYTE_LEVEL
from core.reading.decoding import decode_with_offsets, parse_ids, word_indices
from core.results import ModelInfo, ProblemType, Token, Tokenization

logger = logging.getLogger(__name__)

PAIR_SEPARATOR = "[SEP]"
"""What people write between two texts, whatever the model puts there."""

NO_LIMIT = 1_000_000
"""transformers writes 1e30 where a tokenizer knows no limit."""

POSITIONS_FROM_PADDING = frozenset(
    "roberta xlm-roberta camembert data2vec-text xlm-roberta-xl roberta-prelayernorm xmod esm ibert luke lilt markuplm "
    "mpnet".split()
)
"""These count positions from the padding id plus one, and so have fewer than their configuration says."""


class ModelTokenizer:
    """A model's tokenizer.

    Attributes:
        model: Whose it is.
        mask: How the model writes a mask, or ``None`` if it has none.
        limit: The most tokens it reads, special tokens included.
        kind: How it cuts: ``WordPiece``, ``BPE``, `BYTE_LEVEL` or ``Unigram``.
        is_encoder_decoder: Whether the model has a decoder that writes while it looks back at what an encoder has read.
        causal: Whether it was trained to go on with a text from left to right.
        problem: What the numbers of a classifier are.
    """

    def __init__(self, model: ModelInfo, tokenizer: Tokenizer, config: dict[str, Any], options: dict[str, Any]) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._vocabulary: int = config.get("vocab_size") or NO_LIMIT
        names = (getattr(tokenizer.model, "unk_token", None), "[UNK]", "<unk>")  # Unigram models do not tell theirs
        self._unknown = next((id for name in names if name and (id := tokenizer.token_to_id(name)) is not None), None)
        self._added = tokenizer.get_added_tokens_decoder()
        added = {token.content for token in self._added.values()}
        kind = type(tokenizer.model).__name__
        self.kind = BYTE_LEVEL if kind == "BPE" and "ByteLevel(" in repr(tokenizer.decoder) else kind
        self.mask = next((mask for mask in ("[MASK]", "<mask>") if mask in added), None)
        positions = config.get("max_position_embeddings") or config.get("n_positions") or NO_LIMIT
        positions -= _positions_lost(config)
        self.is_encoder_decoder = bool(config.get("is_encoder_decoder"))
        self.causal = has_architecture(config, CAUSAL)
        self.problem: ProblemType = problem_type(config)
        self.model, self.limit = model, int(min(positions, options.get("model_max_length") or NO_LIMIT, NO_LIMIT))

    @classmethod
    def load(cls, model: ModelInfo, folder: Path) -> Self:
        """Read a tokenizer from a folder in the Hugging Face layout.

        Raises:
            ModelUnavailable: It has none of a kind that can be read without running the model's own code.
        """
        try:
            config, options = _read(folder / "config.json"), _read(folder / "tokenizer_config.json")
            return cls(model, _tokenizer(folder, options), config, options)
        except Exception as error:  # the Rust library raises nothing narrower
            logger.error("The tokenizer of %s cannot be read: %s: %s", model.name, type(error).__name__, error)
            raise ModelUnavailable(
                "The model {model} has no tokenizer that can be read: ask the bot's host to choose another.",
                model=model.name,
            ) from error

    def encode(self, text: str) -> Tokenization:
        """Cut a text into tokens, special tokens included. Offsets count code points of the text."""
        (encoding,) = self._tokenizer.encode_batch([text])
        normaliser = self._tokenizer.normalizer
        normal = normaliser.normalize_str(text) if normaliser else None
        return Tokenization(text, self.model, tuple(self._tokens(encoding)), normalised=normal, kind=self.kind)

    def decode_list(self, listed: str) -> Tokenization:
        """The text of the token ids in a list such as ``[101, 7592, 102]``, and where in it each stands.

        Raises:
            BadInput: Something in the list is no id of the vocabulary.
        """
        return self.decode(parse_ids(listed, self._tokenizer.get_vocab_size()))

    def decode(self, ids: Sequence[int]) -> Tokenization:
        """The text of ids of the vocabulary, such as a model wrote, and where in it each stands."""
        special = {id for id, token in self._added.items() if token.special} - {self._unknown}
        text, spans = decode_with_offsets(self._tokenizer, ids, {*special, self._unknown})
        spelt = self._tokenizer.id_to_token
        rows = zip(ids, spans, word_indices(text, spans), strict=True)
        tokens = (
            Token(id, spelt(id) or "", *span, id in special, id == self._unknown, word) for id, span, word in rows
        )
        return Tokenization(text, self.model, tuple(tokens), kind=self.kind)

    def encode_pair(self, text: str) -> Tokenization:
        """Cut two texts with `PAIR_SEPARATOR` between them as the model reads a pair; a text without it as it is."""
        first, between, second = text.partition(PAIR_SEPARATOR)
        if not (first.strip() and second.strip()):
            return self.encode(text)
        (encoding,) = self._tokenizer.encode_batch([(first, second)])
        sides, start = encoding.sequence_ids, len(first) + len(between)
        tokens = list(self._tokens(encoding))
        at = sides.index(1) if 1 in sides else 0
        words = 1 + max((token.word for token in tokens[:at] if token.word is not None), default=-1)
        tokens[at:] = [token if token.special else _moved(token, start, words) for token in tokens[at:]]
        return Tokenization(text, self.model, tuple(tokens), at, kind=self.kind)

    def encode_separately(self, text: str, limit: int) -> tuple[Tokenization, Tokenization | None]:
        """Cut what is before `PAIR_SEPARATOR`, and what is after it if anything is, each as a text of its own.

        Raises:
            CoreError: As `encode_within_limit`, for either.
        """
        first, _, second = text.partition(PAIR_SEPARATOR)
        if not (first.strip() and second.strip()):
            return self.encode_within_limit(text, limit), None
        start = len(text) - len(second.lstrip())
        source, target = (self.encode_within_limit(part, limit) for part in (first.rstrip(), second.lstrip()))
        tokens = tuple(token if token.special else _moved(token, start, 0) for token in target.tokens)
        return replace(source, text=text), Tokenization(text, self.model, tokens, kind=self.kind)

    def _tokens(self, encoding: Encoding) -> Iterator[Token]:
        spelt = self._tokenizer.id_to_token  # encoding.tokens holds the text where a token is unknown or takes spaces
        rows = zip(encoding.ids, encoding.offsets, encoding.special_tokens_mask, encoding.word_ids, strict=True)
        for id, span, special, word in rows:
            place = (0, 0) if special else span
            yield Token(id, spelt(id) or "", *place, bool(special), id == self._unknown, word)

    def encode_within_limit(
        self, text: str, limit: int = NO_LIMIT, *, pair: bool = False, cut: bool = False
    ) -> Tokenization:
        """Cut a text, or with `pair` perhaps two (see `encode_pair`), that a model is going to read.

        Raises:
            TooLong: It has more tokens than the model, or `limit`, allows, unless it is going to be cut.
            BadInput: It has none, for instance because it consists of invisible characters.
            ModelUnavailable: It has a token that the tokenizer knows and the model does not. On a GPU, an id out of
                range ruins the whole process (https://github.com/huggingface/transformers/issues/97).
        """
        source = self.encode_pair(text) if pair else self.encode(text)
        allowed = min(limit, self.limit)
        if len(source.tokens) > allowed and not cut:
            raise TooLong(len(source.tokens), allowed)
        if all(token.special for token in source.tokens):
            raise BadInput("There is nothing in that text that the model can read: write some words.")
        if max(source.ids) >= self._vocabulary:
            raise ModelUnavailable(
                "The model {model} lacks a word of that text: try it with another word.", model=self.model.name
            )
        return source


def _moved(token: Token, start: int, words: int) -> Token:
    """A token of a second text, which begins at `start` and has `words` words before it."""
    word = None if token.word is None else token.word + words
    return replace(token, start=token.start + start, end=token.end + start, word=word)


def _tokenizer(folder: Path, options: dict[str, Any]) -> Tokenizer:
    """The tokenizer that a folder describes completely, or BERT's with the vocabulary and options of the folder."""
    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    built = BertWordPieceTokenizer(
        str(folder / "vocab.txt"),
        lowercase=options.get("do_lower_case", True),
        strip_accents=options.get("strip_accents"),
        handle_chinese_chars=options.get("tokenize_chinese_chars", True),
    )
    return Tokenizer.from_str(built.to_str())


def _positions_lost(config: dict[str, Any]) -> int:
    """How many positions no token ever gets: `core.tasks.loading.count_positions` asks the model itself."""
    family, padding = config.get("model_type"), config.get("pad_token_id")
    if family not in POSITIONS_FROM_PADDING:
        return 0
    return 2 if padding is None or family == "mpnet" else padding + 1


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
