"""How cost grows with who asks and with what is asked: ``python -m benchmarks.growth``. ``--short``: a corner of it.

The first table is of the executor with its model in a child process: one DistilBERT with random weights, texts of
exactly so many tokens. What a token costs is the straight line that it should be: the same wherever enough tokens come
together. The second is of attention maps: BERT-base with random weights and more or fewer layers, in this process.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertModel
from transformers.utils import logging

from benchmarks.chat import build, options, share
from benchmarks.runs import burst, measured
from core.serving.devices import available_cores, limit_spinning, make_runner
from core.serving.executor import Executor
from core.serving.runners import Job
from core.serving.runners.process import ProcessRunner
from core.tasks.attention import AttentionTask

PRECISIONS = ("float32", "int8")
AT_ONCE, TOKENS = (1, 8, 64, 256, 1024), (8, 32, 128, 512)
LAYERS, MAP_TOKENS = (6, 12, 24, 48), (16, 64, 128, 256, 512)
FEWEST = 8
"""Requests of a run, at least."""


async def table(folder: Path, device: str, short: bool) -> None:
    """Rates, latencies and memory at every number of requests and length of texts."""
    print("\n| precision | at once | tokens | requests/s | p50 ms | p99 ms | µs a token | process, MiB |")
    print("|---" * 8 + "|")
    words = sorted(
        word for word in AutoTokenizer.from_pretrained(folder).get_vocab() if word.isalpha() and len(word) > 2
    )
    for precision in PRECISIONS:
        make = partial(make_runner, device, available_cores(), precision, 4096)
        executor = Executor([ProcessRunner(make, run_timeout=600)], capacity=10_000_000)
        for tokens in TOKENS[:2] if short else TOKENS:
            ask = partial(executor.submit, Job("sentiment", str(folder)), size=tokens, padded=False)
            for at_once in AT_ONCE[:3] if short else AT_ONCE:
                texts = drawn(max(FEWEST, at_once), tokens, words)
                await burst(ask, texts[:1], 1)
                run = await measured(len(texts), burst(ask, texts, at_once))
                half, most = share(run.times, 0.5), share(run.times, 0.99)
                figures = f"{run.rate:.3g} | {half:.3g} | {most:.3g} | {1e6 / run.rate / tokens:.0f}"
                held = executor.snapshot().memory >> 20
                print(f"| {precision} | {at_once} | {tokens} | {figures} | {held:,} |", flush=True)
        await executor.close()


def drawn(count: int, tokens: int, words: Sequence[str]) -> list[str]:
    """Texts of words that are one token each, and as many tokens with the two special ones."""
    choose = random.Random(tokens).choices
    return [" ".join(choose(words, k=tokens - 2)) for _ in range(count)]


def maps(device: str, short: bool) -> None:
    """Milliseconds of attention maps with norms, by tokens and layers."""
    lengths = MAP_TOKENS[:2] if short else MAP_TOKENS
    print("\n| layers | " + " | ".join(f"{tokens} tokens" for tokens in lengths) + " |")
    print("|---" * (1 + len(lengths)) + "|")
    torch.set_num_threads(available_cores())
    for layers in LAYERS[:2] if short else LAYERS:
        with tempfile.TemporaryDirectory() as folder:
            torch.manual_seed(0)
            BertModel(BertConfig(num_hidden_layers=layers)).save_pretrained(folder)
            task = AttentionTask(folder, device)
        found = [milliseconds(task, tokens) for tokens in lengths]
        print(f"| {layers} | " + " | ".join(f"{took:.0f}" for took in found) + " |", flush=True)


def milliseconds(task: AttentionTask, tokens: int) -> float:
    """The median of three."""

    def once() -> float:
        start = time.perf_counter()
        task.run([[*range(5, 5 + tokens)]])
        return 1e3 * (time.perf_counter() - start)

    return statistics.median(once() for _ in range(3))


async def main() -> None:
    """Print both tables."""
    chosen = options(__doc__)
    limit_spinning()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    print(f"{available_cores()} cores, torch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        await table(Path(folder), chosen.device, chosen.short)
    maps(chosen.device, chosen.short)


if __name__ == "__main__":
    asyncio.run(main())
