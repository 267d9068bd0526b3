"""The causal language model: a small GPT-2, trained from scratch to find the next token."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from training.encoded import Text
from training.shape import Shape
from training.trainer import Trainer
from training.vocabularies import LONGEST

RATE = 3e-3
END_OF_TEXT = 0  # the id of <|endoftext|>; it begins every text


def train(text: Text, folder: Path, shape: Shape, tokens: int) -> None:
    """Train on `tokens` ids and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    model = GPT2LMHeadModel(configuration(shape, text.tokenizer.get_vocab_size()))
    trainer = Trainer(model, rate=RATE, total=tokens, device=text.device, checkpoint=folder.with_suffix(".checkpoint"))
    batches = text.batches(LONGEST, END_OF_TEXT, END_OF_TEXT)
    # The labels are the tokens themselves; the model shifts them by one.
    trainer.fit(batches, lambda batch: model(**batch, labels=batch["input_ids"], use_cache=False).loss)
    model.eval().half().save_pretrained(folder)


def configuration(shape: Shape, vocabulary: int) -> GPT2Config:
    """GPT-2 of a given shape."""
    return GPT2Config(
        vocab_size=vocabulary,
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
