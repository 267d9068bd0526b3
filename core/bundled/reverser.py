"""The reverser: a tiny BART that says a sentence backwards, so that its cross-attention shows the alignment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from transformers import BartConfig, BartForConditionalGeneration

from core.bundled import corpus
from core.bundled.shape import Shape
from core.bundled.trainer import Batch, Trainer
from core.bundled.vocabularies import CLS, MASK, PAD, SEP, in_order, save_wordpiece

BATCH_TOKENS = 2048
RATE = 3e-3
LONGEST = 48  # tokens, special tokens included
NONSENSE = 0.3  # of the sentences have their words replaced at random, so that the model copies and does not guess
NOT_PREDICTED = -100


def train(text: corpus.Text, folder: Path, shape: Shape, tokens: int, device: torch.device) -> None:
    """Train on `tokens` ids and save the model in float16 to `folder`."""
    torch.manual_seed(text.seed)
    model = BartForConditionalGeneration(configuration(shape, text.tokenizer.get_vocab_size()))
    trainer = Trainer(model, rate=RATE, total=tokens, device=device, checkpoint=folder.with_suffix(".checkpoint"))
    continues = np.array([token.startswith("##") for token in in_order(text.tokenizer)])
    framed = corpus.framed(nonsense(text.runs(LONGEST - 2), len(continues), text.seed), CLS, SEP)
    batches = labelled(corpus.batches(framed, BATCH_TOKENS, PAD, text.seed), continues)
    trainer.fit(batches, lambda batch: model(**batch, use_cache=False).loss)
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


def nonsense(runs: Iterable[corpus.Ids], vocabulary: int, seed: int) -> Iterator[corpus.Ids]:
    """The runs, some of them with every token replaced by a random one."""
    rng = np.random.default_rng(seed)
    for run in runs:
        yield rng.integers(MASK + 1, vocabulary, len(run)) if rng.random() < NONSENSE else run


def backwards(ids: list[int], continues: np.ndarray) -> list[int]:
    """The words of a sentence in reverse order; the pieces of a word keep theirs."""
    words: list[list[int]] = []
    for token in ids:
        if words and continues[token]:
            words[-1].append(token)
        else:
            words.append([token])
    return [token for word in reversed(words) for token in word]


def labelled(batches: Iterable[corpus.Ids], continues: np.ndarray) -> Iterator[Batch]:
    """Batches of ``[CLS] a b c [SEP]`` with ``c b a [SEP]`` as labels; the model shifts them by one for its decoder."""
    for batch in batches:
        labels = np.full_like(batch, NOT_PREDICTED)
        for source, target in zip(batch, labels, strict=True):
            sentence = source[1 : int((source != PAD).sum()) - 1].tolist()
            target[: len(sentence) + 1] = [*backwards(sentence, continues), SEP]
        ids = torch.from_numpy(batch)
        yield {"input_ids": ids, "attention_mask": (ids != PAD).long(), "labels": torch.from_numpy(labels)}
