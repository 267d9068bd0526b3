"""The tokenizers of the models in the box: WordPiece and byte-level BPE, learned from the training text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from transformers import BertTokenizer, GPT2Tokenizer

from training.corpus import Document

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
END_OF_TEXT = "<|endoftext|>"
LONGEST = 128  # tokens in a text, special tokens included
ALPHABET = 200  # characters a WordPiece vocabulary holds; rarer ones become [UNK]


def train_wordpiece(documents: Iterable[Document], folder: Path, size: int, *, lowercase: bool) -> None:
    """Learn a BERT vocabulary of `size` entries and save the tokenizer to `folder`."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, limit_alphabet=ALPHABET, show_progress=False
    )
    tokenizer.train_from_iterator((line for document in documents for line in document.lines), trainer)
    save_wordpiece(tokenizer, folder, lowercase=lowercase)


def save_wordpiece(
    tokenizer: Tokenizer,
    folder: Path,
    *,
    lowercase: bool = True,
    longest: int = LONGEST,
    inputs: Sequence[str] = ("input_ids", "token_type_ids", "attention_mask"),
) -> None:
    """Save a WordPiece vocabulary as a BERT tokenizer: texts of at most `longest` tokens, `inputs` for the model."""
    BertTokenizer(
        vocab=tokenizer.get_vocab(),
        do_lower_case=lowercase,
        model_max_length=longest,
        model_input_names=list(inputs),
    ).save_pretrained(folder)


def train_byte_level(documents: Iterable[Document], folder: Path, size: int) -> None:
    """Learn GPT-2's byte-level byte-pair encoding with `size` entries and save the tokenizer to `folder`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((line for document in documents for line in document.lines), trainer)
    # The library shows its merge rules only in its JSON form.
    merges: Any = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    # The model is trained on texts that begin with the end of the one before, and is lost without it.
    GPT2Tokenizer(
        vocab=tokenizer.get_vocab(), merges=merges, model_max_length=LONGEST, add_bos_token=True
    ).save_pretrained(folder)


def tokens_by_id(tokenizer: Tokenizer) -> list[str]:
    """The tokens of a vocabulary, by id."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def is_continuation(tokenizer: Tokenizer) -> Tensor:
    """Which ids of a WordPiece vocabulary go on with a word, ``(vocabulary,)``."""
    return torch.tensor([token.startswith("##") for token in tokens_by_id(tokenizer)])
