"""The sentiment classifier: a pretrained encoder, fine-tuned on texts labelled negative or positive."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from transformers import BertForSequenceClassification, BertModel
from transformers.utils import logging

from training import corpus, negations, sentiment_data
from training.trainer import Batch, Trainer, layerwise_adamw
from training.vocabularies import PAD, save_wordpiece

BATCH_TOKENS = 2048
LONGEST = 256  # tokens of a text that are learned from
RATE = 1e-4
SMOOTHING = 0.05  # of the labels: some are wrong, and a model that is never sure of itself is better calibrated
KEPT_LAYERS = 4  # from below, whose heads are to go on doing what they did before
KEPT = 2.0  # weight of that in the loss
KEPT_SHARE = 0.5  # of the batches in which it is looked at
LABELS = {0: "NEGATIVE", 1: "POSITIVE"}


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How often the classifier reads what.

    Attributes:
        passes: Over all sentences.
        denials: That each made-up sentence takes part in one pass.
        rate: The highest learning rate.
        start: A classifier to go on from; without one, the encoder itself.
    """

    passes: int = 3
    denials: int = 4
    rate: float = RATE
    start: Path | None = None


def train(data: Path, encoder: Path, folder: Path, lessons: FineTuning, *, seed: int, device: torch.device) -> None:
    """Fine-tune the BERT in `encoder` on the files in `data` and on denials, calibrate, save model and tokenizer."""
    torch.manual_seed(seed)
    model = classifier(lessons.start or encoder)
    before: Any = classifier(encoder).bert.eval()
    before.to(device)
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(LONGEST, model.config.max_position_embeddings))
    batches = [batch for number in range(lessons.passes) for batch in one_pass(data, tokenizer, lessons, seed + number)]
    total = sum(batch["input_ids"].numel() for batch in batches)
    checkpoint = folder.with_suffix(".checkpoint")
    trainer = Trainer(
        model,
        rate=lessons.rate,
        total=total,
        device=device,
        checkpoint=checkpoint,
        optimizers=layerwise_adamw,
        every=200,
    )
    trainer.fit(batches, lambda batch: loss_of(model, before, batch))
    model.eval()
    calibrate(model, labelled(sentiment_data.calibration(data), tokenizer, seed), device)
    model.half().save_pretrained(folder)
    save_wordpiece(tokenizer, folder, longest=model.config.max_position_embeddings)


def classifier(encoder: Path) -> BertForSequenceClassification:
    """The encoder under a new, untrained classifier."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # it would report the new classifier, which is meant
    try:
        return BertForSequenceClassification.from_pretrained(
            encoder,
            dtype=torch.float32,
            id2label=LABELS,
            label2id={label: number for number, label in LABELS.items()},
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",  # which gives its weights
        )
    finally:
        logging.set_verbosity(level)


def one_pass(data: Path, tokenizer: Tokenizer, lessons: FineTuning, seed: int) -> Iterator[Batch]:
    """Every labelled text once, of long reviews another part in every pass, and the denials."""
    examples = sentiment_data.training_examples(data, seed) + lessons.denials * negations.training_examples()
    yield from labelled(examples, tokenizer, seed)


def labelled(examples: Sequence[sentiment_data.Example], tokenizer: Tokenizer, seed: int) -> list[Batch]:
    """One pass over the examples as batches, each text as somebody might have typed it."""
    rng = random.Random(seed)
    encodings = tokenizer.encode_batch_fast([sentiment_data.as_typed(text, rng) for text, _ in examples])
    order = sorted(range(len(examples)), key=lambda i: len(encodings[i].ids) + rng.random())
    groups: list[list[int]] = [[]]
    for i in order:
        if groups[-1] and (len(groups[-1]) + 1) * len(encodings[i].ids) > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(i)
    rng.shuffle(groups)
    return [_batch([encodings[i].ids for i in group], [examples[i][1] for i in group]) for group in groups]


def _batch(ids: list[list[int]], labels: list[int]) -> Batch:
    padded = torch.from_numpy(corpus.padded(ids, PAD))
    return {"input_ids": padded, "attention_mask": (padded != PAD).long(), "labels": torch.tensor(labels)}


def logits_of(model: BertForSequenceClassification, batch: Batch) -> Tensor:
    """Scores ``(rows, 2)`` before the softmax."""
    return model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits.float()


def loss_of(model: BertForSequenceClassification, before: BertModel, batch: Batch) -> Tensor:
    """Mean cross-entropy with smoothed labels, and in some batches how far the heads have moved from `before`."""
    kept = bool(torch.rand(()) < KEPT_SHARE)
    found = model(batch["input_ids"], attention_mask=batch["attention_mask"], output_attentions=kept)
    loss = functional.cross_entropy(found.logits.float(), batch["labels"], label_smoothing=SMOOTHING)
    return loss + KEPT * drift(found.attentions, before, batch) if kept else loss


def drift(attentions: Sequence[Tensor], before: BertModel, batch: Batch) -> Tensor:
    """How far the lower layers' heads look elsewhere than before: the mean divergence of Kullback and Leibler, in nats.

    That is what distils one model's attention into another's (Wang et al. 2020, arXiv:2002.10957, section 3.1).
    """
    with torch.no_grad():
        then = before(batch["input_ids"], attention_mask=batch["attention_mask"], output_attentions=True).attentions
    queries = batch["attention_mask"][:, None, :].float()
    moved = [
        (old.float() * ((old.float() + 1e-6).log() - (new.float() + 1e-6).log())).sum(-1) * queries
        for old, new in zip(then[:KEPT_LAYERS], attentions[:KEPT_LAYERS], strict=True)
    ]
    return torch.stack(moved).sum() / (queries.sum() * len(moved) * moved[0].shape[1])


@torch.no_grad()
def calibrate(model: BertForSequenceClassification, batches: Sequence[Batch], device: torch.device) -> float:
    """Fold the best temperature into the classifier, so that its scores are the shares of times it is right.

    Guo et al. 2017 (arXiv:1706.04599), section 4.2: one number divides all logits; which label wins does not change.
    """
    on_device = [{name: tensor.to(device) for name, tensor in batch.items()} for batch in batches]
    logits = torch.cat([logits_of(model, batch) for batch in on_device])
    labels = torch.cat([batch["labels"] for batch in on_device])
    temperatures = torch.linspace(0.3, 5.0, 471).tolist()
    best = min(temperatures, key=lambda t: functional.cross_entropy(logits / t, labels).item())
    model.classifier.weight /= best
    model.classifier.bias /= best
    return best
