"""What a device's craft is worth, one measure at a time: ``python -m benchmarks.device [--device cuda]``.

CPU milliseconds of one thread, so that other programs on the machine hardly matter, or those until a GPU has finished;
contenders take turns. Medians and, in brackets, the least and the most. Models have random weights and the sizes of
DistilBERT and BERT-base.
"""

from __future__ import annotations

import copy
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    DistilBertConfig,
    DistilBertForSequenceClassification,
)
from transformers.utils import logging

from benchmarks.chat import TOKENIZER, options, spread
from core.tasks.attention import AttentionTask
from core.tasks.engine.output_heads import logits_at
from core.tasks.engine.packed_linear import pack_linear
from core.tasks.engine.packing import EncodedText, pack_row, plan_passes
from core.tasks.engine.varlen_attention import use_varlen_attention

TURNS = 7
SHAPES = ((1, 8), (1, 16), (1, 32), (1, 128), (8, 16), (8, 32))
LARGE = ((32, 16), (128, 16), (512, 16), (32, 128), (128, 128))


class Watch:
    """Lets contenders take turns on a device."""

    def __init__(self, device: str) -> None:
        self._device = device

    def compared(self, **contenders: Callable[[], Any]) -> str:
        """The milliseconds of each."""
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(TURNS + 1):
            for name, run in contenders.items():
                start = self._now()
                run()
                if turn:  # the first is for warming up
                    times[name].append(1e3 * (self._now() - start))
        return " | ".join(f"{name} {spread(values)}" for name, values in times.items())

    def _now(self) -> float:
        if self._device == "cpu":
            return time.thread_time()
        torch.cuda.synchronize(self._device)
        return time.perf_counter()


def rows(sizes: Sequence[int], device: str) -> list[EncodedText]:
    """Draw texts of so many tokens."""
    ids = [torch.randint(1000, 30_000, (1, size)).to(device) for size in sizes]
    return [{"input_ids": row, "attention_mask": torch.ones_like(row)} for row in ids]


def padded(texts: Sequence[EncodedText]) -> EncodedText:
    """Put texts below each other."""
    return {
        name: torch.nn.utils.rnn.pad_sequence([text[name][0] for text in texts], batch_first=True) for name in texts[0]
    }


def weights(watch: Watch, models: dict[str, Any], device: str) -> None:
    """The precisions of a device, at several lengths and sizes of a batch."""
    print("\nDistilBERT, one pass")
    for count, size in SHAPES + (() if device == "cpu" else LARGE):
        batch = padded(rows([size] * count, device))
        found = watch.compared(**{name: partial(model, **batch) for name, model in models.items()})
        print(f"{count} × {size} tokens | {found}", flush=True)


def passes(watch: Watch, model: Any, device: str) -> None:
    """Texts of a chat in one row, padded, and one by one; and as `core.tasks.engine.packing` decides."""
    print("\nDistilBERT, texts of different lengths")
    tokenizer, drawn = AutoTokenizer.from_pretrained(TOKENIZER), random.Random(0)
    for count in (4, 8, 16):
        texts = rows([min(510, round(drawn.lognormvariate(2.8, 0.75)) + 2) for _ in range(count)], "cpu")
        sizes = [text["input_ids"].shape[1] for text in texts]
        found = watch.compared(
            as_planned=lambda texts=texts: [model(**one.inputs) for one in plan_passes(model, tokenizer, texts)],
            one_row=lambda texts=texts, count=count: model(
                **moved(pack_row(texts, range(count), model.config).inputs, device)
            ),
            padded=lambda texts=texts: model(**moved(padded(texts), device)),
            one_by_one=lambda texts=texts: [model(**moved(text, device)) for text in texts],
        )
        print(f"{count} texts, {sum(sizes)} tokens, {count * max(sizes)} padded | {found}", flush=True)


def moved(inputs: EncodedText, device: str) -> EncodedText:
    """Bring a model's inputs to a device."""
    return {name: value.to(device) for name, value in inputs.items()}


def heads(watch: Watch, device: str) -> None:
    """The head of a masked language model at every position, and at one."""
    model: Any = ready(BertForMaskedLM(BertConfig()), device)
    print("\nBERT-base, masked language model with one mask")
    for size in (16, 128):
        (text,) = rows([size], device)
        found = watch.compared(
            everywhere=lambda text=text: model(**text),
            at_the_mask=lambda text=text: logits_at(model, [[(0, 3)]], narrow=True, **text),
            without_head=lambda text=text: model.bert(**text),
        )
        print(f"{size} tokens | {found}", flush=True)


def captures(watch: Watch, device: str) -> None:
    """Attention maps with their norms. On a CPU: see `benchmarks.capture`."""
    print("\nBERT-base, attention of all layers with norms")
    with tempfile.TemporaryDirectory() as folder:
        BertModel(BertConfig()).save_pretrained(folder)
        task = AttentionTask(folder, device)
    for count, size in ((1, 16), (8, 16), (1, 128), (1, 512)):
        texts = torch.randint(1000, 30_000, (count, size)).tolist()
        print(f"{count} × {size} tokens | {watch.compared(run=partial(task.run, texts))}", flush=True)


def ready(model: Any, device: str) -> Any:
    """A model as it works on a device."""
    model = model.eval().to(device)
    if device == "cpu":
        pack_linear(model)
        use_varlen_attention(model)
    return model


@torch.inference_mode()
def main() -> None:
    """Print every table."""
    device = options(__doc__).device
    watch = Watch(device)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    stock: Any = DistilBertForSequenceClassification(DistilBertConfig()).eval()
    if device == "cpu":
        half = copy.deepcopy(stock)
        pack_linear(half, torch.bfloat16)
        models = {"stock": stock, "packed": ready(copy.deepcopy(stock), device), "bfloat16": half}
    else:
        print(torch.cuda.get_device_name(device))
        dtypes = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
        models = {name: copy.deepcopy(stock).to(device, dtype) for name, dtype in dtypes.items()}
    weights(watch, models, device)
    passes(watch, models["packed" if device == "cpu" else "float16"], device)
    heads(watch, device)
    if device != "cpu":
        captures(watch, device)


if __name__ == "__main__":
    main()
