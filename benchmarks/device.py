"""What a device's craft is worth, one measure at a time: ``python -m benchmarks.device``.

CPU milliseconds of one thread, so that other programs on the machine hardly matter; contenders take turns. Medians and,
in brackets, the least and the most. Models have random weights and the sizes of DistilBERT and BERT-base.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForSequenceClassification
from transformers.utils import logging

from benchmarks.chat import spread
from core.tasks.heads import logits_at
from core.tasks.passes import Row, plan
from core.tasks.weights import pack

TURNS = 7


def compared(**contenders: Callable[[], Any]) -> str:
    """Let contenders take turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(TURNS + 1):
        for name, run in contenders.items():
            start = time.thread_time()
            run()
            if turn:  # the first is for warming up
                times[name].append(1e3 * (time.thread_time() - start))
    return " | ".join(f"{name} {spread(values)}" for name, values in times.items())


def rows(sizes: Sequence[int]) -> list[Row]:
    """Draw texts of so many tokens."""
    ids = [torch.randint(1000, 30_000, (1, size)) for size in sizes]
    return [{"input_ids": row, "attention_mask": torch.ones_like(row)} for row in ids]


def padded(texts: Sequence[Row]) -> Row:
    """Put texts below each other."""
    return {
        name: torch.nn.utils.rnn.pad_sequence([text[name][0] for text in texts], batch_first=True) for name in texts[0]
    }


def weights(stock: Any, packed: Any) -> None:
    """Plain layers, packed ones, and packed ones in bfloat16."""
    half = copy.deepcopy(stock)
    pack(half, torch.bfloat16)
    print("\nDistilBERT, one pass")
    for count, size in ((1, 8), (1, 16), (1, 32), (1, 128), (8, 16), (8, 32)):
        batch = padded(rows([size] * count))
        found = compared(
            stock=lambda batch=batch: stock(**batch),
            packed=lambda batch=batch: packed(**batch),
            bfloat16=lambda batch=batch: half(**batch),
        )
        print(f"{count} × {size} tokens | {found}", flush=True)


def passes(model: Any) -> None:
    """Texts of a chat in one row, padded, and one by one."""
    print("\nDistilBERT, packed, texts of different lengths")
    drawn = random.Random(0)
    for count in (4, 8, 16):
        texts = rows([min(510, round(drawn.lognormvariate(2.8, 0.75)) + 2) for _ in range(count)])
        sizes = [text["input_ids"].shape[1] for text in texts]
        found = compared(
            one_row=lambda texts=texts: [model(**one.inputs) for one in plan(model, None, texts)],
            padded=lambda texts=texts: model(**padded(texts)),
            one_by_one=lambda texts=texts: [model(**text) for text in texts],
        )
        print(f"{count} texts, {sum(sizes)} tokens, {count * max(sizes)} padded | {found}", flush=True)


def heads() -> None:
    """The head of a masked language model at every position, and at one."""
    model: Any = BertForMaskedLM(BertConfig()).eval()
    pack(model)
    print("\nBERT-base, packed, masked language model with one mask")
    for size in (16, 128):
        (text,) = rows([size])
        found = compared(
            everywhere=lambda text=text: model(**text),
            at_the_mask=lambda text=text: logits_at(model, [[(0, 3)]], **text),
            without_head=lambda text=text: model.bert(**text),
        )
        print(f"{size} tokens | {found}", flush=True)


@torch.inference_mode()
def main() -> None:
    """Print every table."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    logging.set_verbosity_error()
    stock: Any = DistilBertForSequenceClassification(DistilBertConfig()).eval()
    packed = copy.deepcopy(stock)
    pack(packed)
    weights(stock, packed)
    passes(packed)
    heads()


if __name__ == "__main__":
    main()
