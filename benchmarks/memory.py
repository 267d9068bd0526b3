"""Whether a device's process comes to rest: ``python -m benchmarks.memory [--requests 20000] [--precision bfloat16]``.

Mixed questions of every length, eight at a time, to the bundled models in a child process, or with ``--hub`` to random
ones as large as the Hub's that the bot asks by default. Printed is the resident memory of the child after the first
hundred requests and along the way, each as a multiple of that, and at the end that of this process; Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from core import Core, CoreSettings
from core.errors import CoreError
from core.models.resolver import BUNDLED
from core.serving.memory import held

MIB = 1 << 20
FIRST = 100
"""Requests after which the memory is what all that follows is compared with."""

PEOPLE = 8
WORDS = "the cat sat on a mat and it was not bad at all because nobody knew why that old house fell down again".split()


def as_large_as_the_hubs(folder: Path) -> dict[str, str]:
    """A DistilBERT that classifies and two BERTs, with random weights: settings that name them."""
    from transformers import (
        AutoTokenizer,
        BertConfig,
        BertForMaskedLM,
        DistilBertConfig,
        DistilBertForSequenceClassification,
    )

    tokenizer = AutoTokenizer.from_pretrained(BUNDLED / "bert-base-uncased")
    for name, model in (
        ("sentiment", DistilBertForSequenceClassification(DistilBertConfig())),
        ("unmask", BertForMaskedLM(BertConfig())),
        ("attention", BertForMaskedLM(BertConfig())),
    ):
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return {f"{name}_model": str(folder / name) for name in ("sentiment", "unmask", "attention")}


def text_of(random: Random, most: int) -> str:
    """From one word to `most`, so that every length occurs."""
    return " ".join(random.choices(WORDS, k=random.randint(1, most))) + random.choice(".!?")


def questions(core: Core, random: Random) -> Iterator[Awaitable[Any]]:
    """What people ask, without end."""
    ways: tuple[Callable[[str], Awaitable[Any]], ...] = (
        lambda text: core.sentiment(f"{text} {text_of(random, 200)}"),
        lambda text: core.unmask(f"{text} ___ {text_of(random, 5)}"),
        lambda text: core.unmask(f"{text} ___", model="bundled/gpt-mini"),
        lambda text: core.attention(text),
        lambda text: core.layers(f"{text} ___"),
        lambda text: core.why_word(f"{' '.join(text.split()[:30])} ___"),
        lambda text: core.surprisal(" ".join(text.split()[:30])),
        lambda text: core.why(" ".join(text.split()[:30])),
    )
    while True:
        yield random.choice(ways)(text_of(random, 100))


async def ask(asking: Iterator[Awaitable[Any]], count: int) -> None:
    """Await so many answers, a few at a time."""
    waiting = iter(range(count))

    async def person() -> None:
        for _ in waiting:
            try:
                await next(asking)
            except CoreError as error:
                print(f"refused: {error}")

    await asyncio.gather(*(person() for _ in range(PEOPLE)))


async def measure(requests: int, settings: CoreSettings) -> float:
    """Ask, print the child's memory along the way, and return its last as a multiple of the first."""
    async with Core.open(settings) as core:
        asking = questions(core, Random(23))
        await ask(asking, FIRST)
        (child,) = multiprocessing.active_children()
        first = now = held(child.pid or 0) / MIB
        print(f"{settings.precision}, {settings.threads} threads: {FIRST:6,} requests: {first:,.0f} MiB", flush=True)
        done, step = FIRST, 400
        while done < requests:
            await ask(asking, step)
            done, step = done + step, min(step * 2, requests - done - step)
            now = held(child.pid or 0) / MIB
            print(f"{done:,} requests: {now:,.0f} MiB, {now / first:.2f} times as much", flush=True)
        return now / first


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="how many (%(default)s)")
    parser.add_argument("--precision", default="float32", help="float32 (the default) or bfloat16")
    parser.add_argument("--hub", action="store_true", help="random models as large as the Hub's")
    parser.add_argument("--threads", type=int, default=2, help="of the device (%(default)s)")
    chosen = parser.parse_args()
    options = {"precision": chosen.precision, "threads": chosen.threads, "repeats_mib": 0}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.hub:
            with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
                options |= elsewhere.submit(as_large_as_the_hubs, Path(folder)).result()
        grown = asyncio.run(measure(chosen.requests, replace(CoreSettings.bundled(runner="process"), **options)))
    print(f"at the end {grown:.2f} times what the first {FIRST} took; this process {held() / MIB:,.0f} MiB")


if __name__ == "__main__":
    main()
