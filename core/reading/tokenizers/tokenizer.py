"""Tokenizers: ids, offsets and words of a text.

What `AutoTokenizer` makes of a folder (`core.tasks.tokenizer`) is read by the Rust library `tokenizers`: transformers
itself would load torch, and it sets truncation and padding on a shared object at every call, which is silently wrong
between threads. A `ModelTokenizer` never changes once made.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from tokenizers import Encoding, Tokenizer

from core.errors import BadInput, ModelUnavailable, TooLong, is_failure
from core.models.architectures import CAUSAL, has_architecture
from core.models.config_file import UnusableFile, no_tokenizer, read_config, unusable
from core.models.metadata import problem_type
from core.questions import SerialisedTokenizer
from core.reading.tokenizers.bounds import refusing_panics
from core.reading.tokenizers.byte_level import BYTE_LEVEL
from core.reading.tokenizers.decoding import decode_with_offsets, parse_ids, word_indices
from core.reading.tokenizers.limits import NO_LIMIT, token_limit
from core.reading.tokenizers.spaces import place_spaces, spell_spaces, words_from_spaces
from core.reading.tokenizers.words import join_words
from core.results import ModelInfo, ProblemType, Token, Tokenization

logger = logging.getLogger(__name__)

PAIR_SEPARATOR = "[SEP]"
"""What people write between two texts, whatever the model puts there."""


class ModelTokenizer:
    """A model's tokenizer.

    Attributes:
        model: Whose it is.
        mask: How the model writes a mask, or ``None`` if it has none.
        limit: The most tokens it reads, special tokens included.
        vocabulary: How many tokens the model has embeddings for.
        kind: How it cuts: ``WordPiece``, ``BPE``, `BYTE_LEVEL` or ``Unigram``.
        is_encoder_decoder: Whether the model has a decoder that writes while it looks back at what an encoder has read.
        causal: Whether it was trained to go on with a text from left to right.
        problem: What the numbers of a classifier are.
        types_texts: Whether the model is told which tokens are those of the second of two texts.
    """

    def __init__(
        self, model: ModelInfo, read: SerialisedTokenizer, config: dict[str, Any], options: dict[str, Any]
    ) -> None:
        self._tokenizer = tokenizer = Tokenizer.from_str(read.content)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = read.splits_special
        self.vocabulary: int = config.get("vocab_size") or NO_LIMIT
        self._unknown, self.types_texts = read.unknown, read.types_texts
        self._has_words = _cuts_words(tokenizer)
        self._added = tokenizer.get_added_tokens_decoder()
        added = {token.content for id, token in self._added.items() if id < self.vocabulary}
        kind = type(tokenizer.model).__name__
        self.kind = BYTE_LEVEL if kind == "BPE" and "ByteLevel(" in repr(tokenizer.decoder) else kind
        self.mask = next((mask for mask in ("[MASK]", "<mask>") if mask in added), None)
        self.is_encoder_decoder = bool(config.get("is_encoder_decoder"))
        self.causal = has_architecture(config, CAUSAL)
        self.problem: ProblemType = problem_type(config)
        special = tokenizer.num_special_tokens_to_add(is_pair=False)
        self.model, self.limit = model, token_limit(config, options, special)

    @classmethod
    def load(cls, model: ModelInfo, folder: Path, read: SerialisedTokenizer) -> Self:
        """The tokenizer of a folder in the Hugging Face layout, as the device's side has read it.

        Raises:
            ModelUnavailable: The folder's other files cannot be read.
        """
        try:
            config, options = read_config(folder / "config.json"), read_config(folder / "tokenizer_config.json")
            return cls(model, read, config, options)
        except UnusableFile as error:
            raise unusable(model.name, error.where) from None
        except BaseException as error:  # the Rust library raises nothing narrower
            if not is_failure(error):
                raise
            logger.error("The tokenizer of %s cannot be read: %s: %s", model.name, type(error).__name__, error)
            raise no_tokenizer(model.name) from error

    @refusing_panics
    def encode(self, text: str) -> Tokenization:
        """Cut a text into tokens, special tokens included. Offsets count code points of the text."""
        (encoding,) = self._tokenizer.encode_batch([text])
        normal = self._normalise(text, encoding)
        return Tokenization(text, self.model, tuple(self._tokens(encoding, text)), normalised=normal, kind=self.kind)

    @refusing_panics
    def entry(self, spelling: str) -> Token | None:
        """What the vocabulary spells exactly so, such as ``##lin``, and the model has an embedding for."""
        id = self._tokenizer.token_to_id(spelling)
        return None if id is None or id >= self.vocabulary else Token(id, spelling, 0, 0)

    def check_id(self, id: int) -> int:
        """An id that the model has an embedding for.

        Raises:
            BadInput: It has none.
        """
        if not 0 <= id < self.vocabulary:
            raise BadInput("The model has no token {id}: its ids go from 0 to {most}.", id=id, most=self.vocabulary - 1)
        return id

    def decode_list(self, listed: str) -> Tokenization:
        """The text of the token ids in a list such as ``[101, 7592, 102]``, and where in it each stands.

        Raises:
            BadInput: Something in the list is no id of the vocabulary.
        """
        return self.decode(self.parse_ids(listed))

    @refusing_panics
    def parse_ids(self, listed: str) -> tuple[int, ...]:
        """The token ids in such a list, looked at before they are decoded.

        Raises:
            BadInput: As for `decode_list`.
        """
        return parse_ids(listed, self._tokenizer.get_vocab_size())

    @refusing_panics
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

    @refusing_panics
    def encode_pair(self, text: str) -> Tokenization:
        """Cut two texts with `PAIR_SEPARATOR` between them as the model reads a pair; a text without it as it is.

        White space on either side of the separator belongs to neither.
        """
        first, _, second = text.partition(PAIR_SEPARATOR)
        first, second = first.rstrip(), second.lstrip()
        if not (first and second.rstrip()):
            return self.encode(text)
        (encoding,) = self._tokenizer.encode_batch([(first, second)])
        sides = encoding.sequence_ids
        tokens = list(self._tokens(encoding, first, second))
        at = sides.index(1) if 1 in sides else len(sides)
        words = 1 + max((token.word for token in tokens[:at] if token.word is not None), default=-1)
        start = len(text) - len(second)
        tokens[at:] = [token if token.special else _moved(token, start, words) for token in tokens[at:]]
        return Tokenization(text, self.model, tuple(tokens), at % len(sides), kind=self.kind)

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

    def _normalise(self, text: str, encoding: Encoding) -> str | None:
        """A text as it is before it is cut, where what is a token as it stands, such as [MASK], stays so."""
        if not (normaliser := self._tokenizer.normalizer):
            return None

        def spell(part: str) -> str:
            return spell_spaces(part, normaliser.normalize_str(part))

        parts, done = list[str](), 0
        for id, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            added, written = self._added.get(id), text[start:end]
            if added and not added.normalized and written.strip() == added.content != spell(added.content):
                parts += [spell(text[done:start]), written]
                done = end
        return "".join([*parts, spell(text[done:])])

    def _tokens(self, encoding: Encoding, *texts: str) -> Iterator[Token]:
        """The tokens of some texts; where each stands and which word it belongs to is counted in its own text."""
        spelt = self._tokenizer.id_to_token  # encoding.tokens holds the text where a token is unknown or takes spaces
        rows = zip(encoding.ids, encoding.offsets, encoding.special_tokens_mask, encoding.word_ids, strict=True)
        tokens = [
            Token(id, spelt(id) or "", *((0, 0) if special else span), bool(special), id == self._unknown, word)
            for id, span, special, word in rows
        ]
        for side, group in groupby(zip(encoding.sequence_ids, tokens, strict=True), key=lambda row: row[0]):
            part = [token for _, token in group]
            if side is not None:
                part = place_spaces(texts[side], part)
                part = part if self._has_words else words_from_spaces(texts[side], part)
                part = join_words(texts[side], part)
            yield from part

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
        if max(source.ids) >= self.vocabulary:
            raise ModelUnavailable(
                "The model {model} lacks a word of that text: try it with another word.", model=self.model.name
            )
        return source


def _moved(token: Token, start: int, words: int) -> Token:
    """A token of a second text, which begins at `start` and has `words` words before it."""
    word = None if token.word is None else token.word + words
    return replace(token, start=token.start + start, end=token.end + start, word=word)


def _cuts_words(tokenizer: Tokenizer) -> bool:
    """Whether a text is cut into words before it is cut into tokens; SentencePiece's BPE needs no such step."""
    text = "a b"
    normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
    return tokenizer.pre_tokenizer is not None and len(tokenizer.pre_tokenizer.pre_tokenize_str(normal)) > 1
