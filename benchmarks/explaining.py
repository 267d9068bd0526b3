"""How long what goes deeper takes on a model of 12 × 12 heads: ``python -m benchmarks.explaining [--tokens 16]``.

Random weights of BERT-base's size, which answers are made of does not matter here. Each row is asked three times of a
loaded model, as a person would, child process included; the middle time counts. Beside it stands one plain answer.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.memory import WORDS, as_large_as_the_hubs
from core import Core, CoreSettings

ROUNDS = 3


async def seconds(ask: Callable[[], Awaitable[Any]]) -> float:
    """The middle of a few times, after one that does not count."""
    await ask()
    times: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await ask()
        times.append(time.perf_counter() - begun)
    return median(times)


async def measure(settings: CoreSettings, tokens: int) -> None:
    """Print a table."""
    words = (WORDS * tokens)[: tokens - 3]  # beside the mask and two special tokens
    text = f"{' '.join(words[:-1])} ___ {words[-1]}"
    other = text.replace(words[0], "dog", 1)
    print(f"BERT-base's size, {tokens} tokens, {settings.precision}, {settings.threads or 'all'} threads\n")
    print("| | seconds | plain answers |\n|---|---|---|")
    async with Core.open(settings) as core:
        ways: dict[str, Callable[[], Awaitable[Any]]] = {
            "/unmask": lambda: core.unmask(text),
            "Without each head": lambda: core.ablate_word(text),
            "Why?": lambda: core.why_word(text),
            "How surprised?": lambda: core.surprisal(text),
            "Every word, layer by layer": lambda: core.lens(text),
            "Patching": lambda: core.patch(f"{text} [VS] {other}", compare="cat, house"),
        }
        plain = 0.0
        for name, ask in ways.items():
            took = await seconds(ask)
            plain = plain or took
            print(f"| {name} | {took:.2f} | {took / plain:.0f} |", flush=True)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=16, help="of the text (%(default)s)")
    parser.add_argument("--precision", default="auto", help="as in the settings (%(default)s)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {
            "precision": chosen.precision,
            "repeats_mib": 0,
            **as_large_as_the_hubs(Path(folder)),
        }
        asyncio.run(measure(replace(CoreSettings.bundled(runner="process"), **options), chosen.tokens))


if __name__ == "__main__":
    main()
