"""The reverser: a tiny BART that says a sentence backwards, so that its cross-attention shows the alignment."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import BartConfig, BartForConditionalGeneration

from training.encoded import Text
from training.shape import Shape
from training.trainer import Batch, Trainer
from training.vocabularies import CLS, MASK, PAD, SEP, is_continuation, save_wordpiece

RATE = 3e-3
LONGEST = 48  # tokens, special tokens included
NONSENSE = 0.5  # of the sentences have their words replaced at random, so that the model copies and does not guess


def train(text: Text, folder: Path, shape: Shape, tokens: int) -> None:
    """Train on `tokens` ids and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    vocabulary = text.tokenizer.get_vocab_size()
    model = BartForConditionalGeneration(configuration(shape, vocabulary))
    trainer = Trainer(model, rate=RATE, total=tokens, device=text.device, checkpoint=folder.with_suffix(".checkpoint"))
    pieces = is_continuation(text.tokenizer).to(text.device)

    def loss_of(batch: Batch) -> Tensor:
        return model(**labelled(nonsense(batch["input_ids"], vocabulary), pieces), use_cache=False).loss

    trainer.fit(text.batches(LONGEST, CLS, SEP), loss_of)
    model.generation_config.max_length = LONGEST
    model.eval().half().save_pretrained(folder)
    save_wordpiece(text.tokenizer, folder, longest=LONGEST, inputs=("input_ids", "attention_mask"))


def configuration(shape: Shape, vocabulary: int) -> BartConfig:
    """BART of a given shape, with BERT's special tokens: [CLS] begins, [SEP] ends."""
    return BartConfig(
        vocab_size=vocabulary,
        d_model=shape.width,
        encoder_layers=shape.layers,
        decoder_layers=shape.layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.inner,
        decoder_ffn_dim=shape.inner,
        max_position_embeddings=LONGEST,
        dropout=0.0,
        pad_token_id=PAD,
        bos_token_id=CLS,
        eos_token_id=SEP,
        decoder_start_token_id=CLS,
        forced_eos_token_id=SEP,
    )


def nonsense(ids: Tensor, vocabulary: int) -> Tensor:
    """Runs ``(rows, length)`` between special tokens, some with every token replaced by a random one."""
    noise = torch.randint_like(ids, MASK + 1, vocabulary)
    noise[:, 0], noise[:, -1] = CLS, SEP
    return torch.where(torch.rand(len(ids), 1, device=ids.device) < NONSENSE, noise, ids)


def backwards(ids: Tensor, goes_on: Tensor) -> Tensor:
    """Sentences ``(rows, length)`` with their words in reverse order; the pieces of a word keep theirs."""
    word = (~goes_on[ids]).cumsum(1)
    return ids.gather(1, word.argsort(dim=1, descending=True, stable=True))


def labelled(ids: Tensor, goes_on: Tensor) -> Batch:
    """``[CLS] a b c [SEP]`` with ``c b a [SEP]`` as labels; the model shifts them by one for its decoder."""
    return {"input_ids": ids, "labels": torch.cat([backwards(ids[:, 1:-1], goes_on), ids[:, -1:]], dim=1)}
