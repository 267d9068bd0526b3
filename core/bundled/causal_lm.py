"""The causal language model: a small GPT-2, trained from scratch to find the next token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from core.bundled import corpus
from core.bundled.shape import Shape
from core.bundled.trainer import Batch, Trainer
from core.bundled.vocabularies import LONGEST

BATCH_TOKENS = 4096
RATE = 2e-3
END_OF_TEXT = 0  # the id of <|endoftext|>; it begins every text
PAD = -100  # also the label that the loss leaves out


def train(text: corpus.Text, folder: Path, shape: Shape, tokens: int, device: torch.device) -> None:
    """Train on `tokens` ids and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    config = GPT2Config(
        vocab_size=text.tokenizer.get_vocab_size(),
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        n_inner=shape.inner,
        n_positions=LONGEST,
        bos_token_id=END_OF_TEXT,
        eos_token_id=END_OF_TEXT,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    model = GPT2LMHeadModel(config)
    trainer = Trainer(model, rate=RATE, total=tokens, device=device, checkpoint=folder.with_suffix(".checkpoint"))
    framed = corpus.framed(text.runs(LONGEST - 2), END_OF_TEXT, END_OF_TEXT)
    batches = labelled(corpus.batches(framed, BATCH_TOKENS, PAD, text.seed))
    trainer.fit(batches, lambda batch: model(**batch, use_cache=False).loss)
    model.eval().half().save_pretrained(folder)


def labelled(batches: Iterable[corpus.Ids]) -> Iterator[Batch]:
    """Batches whose labels are the tokens themselves; the model shifts them by one and never looks at the padding."""
    for ids in map(torch.from_numpy, batches):
        yield {"input_ids": torch.where(ids == PAD, END_OF_TEXT, ids), "labels": ids}
