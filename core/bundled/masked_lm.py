"""The masked-language model: a small BERT, trained from scratch to fill in hidden tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from core.bundled import corpus
from core.bundled.shape import Shape
from core.bundled.trainer import Batch, Trainer
from core.bundled.vocabularies import CLS, LONGEST, MASK, PAD, SEP, in_order

BATCH_TOKENS = 4096
RATE = 2e-3
RATE_AGAIN = 1.2e-3  # for a model that has learned before
# Share hidden of the commonest ids that make up half of the text, and of the others: about 20 % in all (Wettig et al.
# 2023, arXiv:2202.08005: more than 15 % pays), most of it among the words that carry content.
MASK_COMMON, MASK_RARE = 0.1, 0.3
COUNTED = 20_000  # sequences that tell which ids are common
MASK_VISIBLY = 0.9  # of those; the others stay as they are, so that the model also learns from unmasked text
NOT_PREDICTED = -100  # the label that cross_entropy leaves out


def train(
    text: corpus.Text, folder: Path, shape: Shape, tokens: int, device: torch.device, start: Path | None = None
) -> None:
    """Train on `tokens` ids, from scratch or from the model in `start`, and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    model = _untrained(text, shape) if start is None else BertForMaskedLM.from_pretrained(start, dtype=torch.float32)
    rate = RATE if start is None else RATE_AGAIN
    trainer = Trainer(model, rate=rate, total=tokens, device=device, checkpoint=folder.with_suffix(".checkpoint"))
    framed = corpus.framed(text.runs(LONGEST - 2), CLS, SEP)
    batches = corpus.batches(framed, BATCH_TOKENS, PAD, text.seed)
    goes_on = torch.tensor([piece.startswith("##") for piece in in_order(text.tokenizer)])
    masked = hidden(batches, mask_shares(text), goes_on, text.seed)
    trainer.fit(masked, lambda batch: loss_of(model, batch))
    model.eval().half().save_pretrained(folder)


def _untrained(text: corpus.Text, shape: Shape) -> BertForMaskedLM:
    config = BertConfig(
        vocab_size=text.tokenizer.get_vocab_size(),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=LONGEST,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForMaskedLM(config)


def mask_shares(text: corpus.Text) -> Tensor:
    """How often each id is hidden, ``(vocabulary,)``: `MASK_COMMON`, `MASK_RARE`, never for a special token."""
    counts = torch.zeros(text.tokenizer.get_vocab_size(), dtype=torch.long)
    for ids in islice(text.runs(LONGEST - 2), COUNTED):
        counts += torch.bincount(torch.from_numpy(ids), minlength=len(counts))
    found, order = counts.sort(descending=True)
    shares = torch.full((len(counts),), MASK_RARE)
    shares[order[found.cumsum(0) <= counts.sum() // 2]] = MASK_COMMON
    shares[: MASK + 1] = 0.0
    return shares


def hidden(batches: Iterable[corpus.Ids], shares: Tensor, goes_on: Tensor, seed: int) -> Iterator[Batch]:
    """Batches with some words replaced by [MASK], and the tokens to find in their place as labels.

    Whole words are hidden, a [MASK] for each piece: one [MASK] alone then stands for a word of one piece.

    Args:
        batches: Token ids.
        shares: How often each id of the vocabulary is hidden where a word begins with it.
        goes_on: Which ids go on with a word.
        seed: Of the choice.
    """
    generator = torch.Generator().manual_seed(seed)
    for ids in map(torch.from_numpy, batches):
        word = (~goes_on[ids]).cumsum(1) - 1  # of each token, the number of its word in the row
        share = torch.zeros(ids.shape).scatter_reduce(1, word, shares[ids] * ~goes_on[ids], "sum")
        chosen = (torch.rand(ids.shape, generator=generator) < share).gather(1, word)
        seen = (torch.rand(ids.shape, generator=generator) >= MASK_VISIBLY).gather(1, word)
        yield {
            "input_ids": torch.where(chosen & ~seen, MASK, ids),
            "attention_mask": (ids != PAD).long(),
            "labels": torch.where(chosen, ids, NOT_PREDICTED),
        }


def loss_of(model: BertForMaskedLM, batch: Batch) -> Tensor:
    """Mean cross-entropy of the hidden tokens; only they go through the vocabulary, which would be half of the work."""
    chosen = batch["labels"] != NOT_PREDICTED
    states = model.bert(batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    return functional.cross_entropy(model.cls(states[chosen]).float(), batch["labels"][chosen])
