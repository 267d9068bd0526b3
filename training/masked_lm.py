"""The masked-language model: a small BERT, trained from scratch to fill in hidden tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from training.encoded import Encoded, Text
from training.shape import Shape
from training.trainer import Batch, Trainer
from training.vocabularies import CLS, LONGEST, MASK, SEP, is_continuation

RATE = 3e-3
RATE_AGAIN = 1.2e-3  # for a model that has learned before
# Share hidden of the commonest ids that make up half of the text, and of the others: about 20 % in all (Wettig et al.
# 2023, arXiv:2202.08005: more than 15 % pays), most of it among the words that carry content.
MASK_COMMON, MASK_RARE = 0.1, 0.3
MASK_VISIBLY = 0.9  # of those; the others stay as they are, so that the model also learns from unmasked text
NOT_PREDICTED = -100  # the label that cross_entropy leaves out


def train(text: Text, folder: Path, shape: Shape, tokens: int, start: Path | None = None) -> None:
    """Train on `tokens` ids, from scratch or from the model in `start`, and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    vocabulary = text.tokenizer.get_vocab_size()
    model = (
        BertForMaskedLM(configuration(shape, vocabulary))
        if start is None
        else BertForMaskedLM.from_pretrained(start, dtype=torch.float32)
    )
    rate = RATE if start is None else RATE_AGAIN
    trainer = Trainer(model, rate=rate, total=tokens, device=text.device, checkpoint=folder.with_suffix(".checkpoint"))
    shares = mask_shares(text.encoded, vocabulary).to(text.device)
    pieces = is_continuation(text.tokenizer).to(text.device)
    batches = text.batches(LONGEST, CLS, SEP)
    trainer.fit(batches, lambda batch: loss_of(model, mask_tokens(batch["input_ids"], shares, pieces)))
    model.eval().half().save_pretrained(folder)


def configuration(shape: Shape, vocabulary: int) -> BertConfig:
    """BERT of a given shape."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=LONGEST,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def mask_shares(encoded: Encoded, vocabulary: int) -> Tensor:
    """How often each id is hidden, ``(vocabulary,)``: `MASK_COMMON`, `MASK_RARE`, never for a special token."""
    counts = torch.from_numpy(np.bincount(encoded.ids, minlength=vocabulary))
    found, order = counts.sort(descending=True)
    shares = torch.full((vocabulary,), MASK_RARE)
    shares[order[found.cumsum(0) <= counts.sum() // 2]] = MASK_COMMON
    shares[: MASK + 1] = 0.0
    return shares


def mask_tokens(ids: Tensor, shares: Tensor, goes_on: Tensor) -> Batch:
    """Hide words at random, and label them.

    Whole words are hidden, a [MASK] for each piece: one [MASK] alone then stands for a word of one piece.

    Args:
        ids: Token ids ``(rows, length)``.
        shares: How often each id of the vocabulary is hidden where a word begins with it.
        goes_on: Which ids go on with a word.

    """
    word = (~goes_on[ids]).cumsum(1) - 1  # of each token, the number of its word in the row
    share = torch.zeros(ids.shape, device=ids.device).scatter_reduce(1, word, shares[ids] * ~goes_on[ids], "sum")
    chosen = (torch.rand(ids.shape, device=ids.device) < share).gather(1, word)
    seen = (torch.rand(ids.shape, device=ids.device) >= MASK_VISIBLY).gather(1, word)
    return {
        "input_ids": torch.where(chosen & ~seen, MASK, ids),
        "labels": torch.where(chosen, ids, NOT_PREDICTED),
    }


def loss_of(model: BertForMaskedLM, batch: Batch) -> Tensor:
    """Mean cross-entropy of the hidden tokens; only they go through the vocabulary, which would be half of the work."""
    chosen = batch["labels"] != NOT_PREDICTED
    states = model.bert(batch["input_ids"]).last_hidden_state
    return functional.cross_entropy(model.cls(states[chosen]).float(), batch["labels"][chosen])
