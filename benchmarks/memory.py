"""What bot and device hold, and whether that comes to rest: ``python -m benchmarks.memory [--precision int8] [--hub]``.

Mixed questions of every length to the bundled models in a child process, or with ``--hub`` to random ones as large as
the Hub's that the bot asks by default, so sure of their answers that they may compute in any precision. This process
has loaded what the bot loads, and keeps results as it does. Printed is the memory of the child after the first hundred
requests and along the way, each as a multiple of that, and at the end what both hold and held at most; Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from bot.client.bot import COGS
from core import Core, CoreSettings
from core.commands import COMMANDS
from core.errors import CoreError
from core.models.resolver import BUNDLED
from core.serving.memory import held

MIB = 1 << 20
FIRST = 100
"""Requests after which the memory is what all that follows is compared with."""

BUTTONS = 0.1
"""The share of questions that stand below others, as buttons: they take some ten times as long."""

WORDS = "the cat sat on a mat and it was not bad at all because nobody knew why that old house fell down again".split()


def as_large_as_the_hubs(folder: Path, *, sure: bool = False) -> dict[str, str]:
    """A DistilBERT that classifies and two BERTs, with random weights: settings that name them.

    Where they shall be `sure` each has one answer to everything, so that no precision changes it.
    """
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
        if sure:
            head: Any = model.classifier if name == "sentiment" else model.get_output_embeddings()
            head.bias.data[-1] = 9.0
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
    )
    below: tuple[Callable[[str], Awaitable[Any]], ...] = (
        lambda text: core.layers(f"{text} ___"),
        lambda text: core.why_word(f"{' '.join(text.split()[:10])} ___"),
        lambda text: core.surprisal(" ".join(text.split()[:30])),
        lambda text: core.why(" ".join(text.split()[:10])),
    )
    while True:
        yield random.choice(below if random.random() < BUTTONS else ways)(text_of(random, 100))


async def ask(core: Core, asking: Iterator[Awaitable[Any]], count: int, at_once: int) -> None:
    """Await so many answers, some at a time, and keep them as the bot keeps what its buttons belong to."""
    waiting = iter(range(count))

    async def person() -> None:
        for _ in waiting:
            try:
                core.keep(await next(asking))
            except CoreError as error:
                print(f"refused: {error}")

    await asyncio.gather(*(person() for _ in range(at_once)))


async def measure(requests: int, at_once: int, settings: CoreSettings) -> None:
    """Ask, and print the child's memory along the way, and that of both at the end."""
    async with Core.open(settings) as core:
        asking, done = questions(core, Random(23)), min(FIRST, requests)
        await ask(core, asking, done, at_once)
        (child,) = multiprocessing.active_children()
        first = now = held(child.pid or 0) / MIB
        print(f"{settings.precision}, {settings.threads} threads: {done:6,} requests: {first:,.0f} MiB", flush=True)
        step = min(400, requests - done)
        while done < requests:
            await ask(core, asking, step, at_once)
            done, step = done + step, min(step * 2, requests - done - step)
            now = held(child.pid or 0) / MIB
            print(f"{done:,} requests: {now:,.0f} MiB, {now / first:.2f} times as much", flush=True)
        for command in COMMANDS:
            with suppress(CoreError):  # there is no model for it
                model = core.models.get(command)
                print(f"/{command}: {model.name.rpartition('/')[2]} in {core.precision(command, model) or 'no device'}")
        here = held() / MIB
        print(f"the device's process {now:,.0f} MiB ({now / first:.2f} times the first; at most {peak(child.pid):,.0f}")
        print(f"with files that it maps), this one {here:,.0f} (at most {peak():,.0f}): together {now + here:,.0f}")


def peak(process: int | str | None = "self") -> float:
    """The most MiB that a process ever had in memory, those of the files that it maps included."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="how many (%(default)s)")
    parser.add_argument("--precision", default="float32", help="float32 (the default), bfloat16 or int8")
    parser.add_argument("--hub", action="store_true", help="random models as large as the Hub's")
    parser.add_argument("--threads", type=int, default=2, help="of the device (%(default)s)")
    parser.add_argument("--at-once", type=int, default=8, help="questions (%(default)s)")
    chosen = parser.parse_args()
    for name in COGS:
        import_module(name)
    options = {"precision": chosen.precision, "threads": chosen.threads, "repeats_mib": 0}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.hub:
            with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
                options |= elsewhere.submit(as_large_as_the_hubs, Path(folder), sure=True).result()
        settings = replace(CoreSettings.bundled(runner="process"), **options)
        asyncio.run(measure(chosen.requests, chosen.at_once, settings))


if __name__ == "__main__":
    main()
