"""Requests sent to somebody, how long they took, and what that says."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from benchmarks.chat import cpu, share, spread

Ask = Callable[[str], Awaitable[Any]]


class Run(NamedTuple):
    """Some requests.

    Attributes:
        rate: Requests per second.
        cpu: CPU milliseconds of each.
        times: How long each took, in milliseconds; nothing where that has no meaning.
    """

    rate: float
    cpu: float
    times: list[float]


async def measured(count: int, work: Awaitable[list[float]]) -> Run:
    """Do some work."""
    start, used = time.perf_counter(), cpu()
    times = await work
    return Run(count / (time.perf_counter() - start), 1e3 * (cpu() - used) / count, times)


async def burst(ask: Ask, texts: Sequence[str], at_once: int) -> list[float]:
    """Ask so much at once, and when all is answered the next; how long each took."""

    async def one(text: str) -> float:
        start = time.perf_counter()
        await ask(text)
        return 1e3 * (time.perf_counter() - start)

    times: list[float] = []
    for first in range(0, len(texts), at_once):
        times += await asyncio.gather(*map(one, texts[first : first + at_once]))
    return times


def row(found: list[Run], *bases: list[Run]) -> str:
    """One contender's figures."""
    times = [spread([share(run.times, part) for run in found]) if found[0].times else "–" for part in (0.5, 0.99)]
    faster = [f"{rate(found) / rate(base):.2f}" for base in bases]
    return " | ".join([spread([run.rate for run in found]), *times, spread([run.cpu for run in found]), *faster])


def rate(runs: list[Run]) -> float:
    """Requests per second, in the median."""
    return statistics.median(run.rate for run in runs)


def late(runs: list[Run], part: float) -> float:
    """A quantile of what requests took, in the median of the rounds."""
    return statistics.median(share(run.times, part) for run in runs)
