"""The masked-language model: a small BERT, trained from scratch to fill in hidden tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM

from core.bundled import corpus
from core.bundled.shape import Shape
from core.bundled.trainer import Batch, Trainer
from core.bundled.vocabularies import CLS, LONGEST, MASK, PAD, SEP

BATCH_TOKENS = 4096
RATE = 2e-3
MASK_SHARE = 0.2  # of the tokens; Wettig et al. 2023 (arXiv:2202.08005): more than 15 % pays
MASK_VISIBLY = 0.9  # of those; the others stay as they are, so that the model also learns from unmasked text
NOT_PREDICTED = -100  # the label that cross_entropy leaves out


def train(text: corpus.Text, folder: Path, shape: Shape, tokens: int, device: torch.device) -> None:
    """Train on `tokens` ids and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
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
    model = BertForMaskedLM(config)
    trainer = Trainer(model, rate=RATE, total=tokens, device=device, checkpoint=folder.with_suffix(".checkpoint"))
    framed = corpus.framed(text.runs(LONGEST - 2), CLS, SEP)
    trainer.fit(
        hidden(corpus.batches(framed, BATCH_TOKENS, PAD, text.seed), text.seed), lambda batch: loss_of(model, batch)
    )
    model.eval().half().save_pretrained(folder)


def hidden(batches: Iterable[corpus.Ids], seed: int) -> Iterator[Batch]:
    """Batches with some tokens replaced by [MASK], and the tokens to find in their place as labels."""
    generator = torch.Generator().manual_seed(seed)
    for ids in map(torch.from_numpy, batches):
        chosen = (torch.rand(ids.shape, generator=generator) < MASK_SHARE) & (ids > MASK)
        masked = chosen & (torch.rand(ids.shape, generator=generator) < MASK_VISIBLY)
        yield {
            "input_ids": torch.where(masked, MASK, ids),
            "attention_mask": (ids != PAD).long(),
            "labels": torch.where(chosen, ids, NOT_PREDICTED),
        }


def loss_of(model: BertForMaskedLM, batch: Batch) -> Tensor:
    """Mean cross-entropy of the hidden tokens; only they go through the vocabulary, which would be half of the work."""
    chosen = batch["labels"] != NOT_PREDICTED
    states = model.bert(batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    return functional.cross_entropy(model.cls(states[chosen]).float(), batch["labels"][chosen])
