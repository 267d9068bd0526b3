"""What Ray costs and gives beside child processes, in one run: ``python -m benchmarks.replicas``.

Three devices stand in for models, so that what is measured is the way to them: one that takes no time, one that takes
10 ms for a batch and 0.1 ms for each request without needing a CPU (a GPU), and one that needs 5 ms of a core for each
request. Rates are those of a hundred callers who ask again as soon as they are answered; latencies are theirs. Ray is
started once, with four replicas; "2 replicas" are two lanes to them, so that two are at work at any time.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from core.cost import Cost
from core.devices import cores
from core.executor import Executor
from core.runners import Runner
from core.runners.cluster import Cluster
from core.runners.process import ProcessRunner
from core.runners.ray import Replicas

SHARING = Cost(overhead=1e-2, per_token=1e-4)
CALLERS = 100
REPLICAS = 4
SECONDS = 2.0
"""Of each measurement."""


class Device:
    """The three devices, by key."""

    name = "made up"
    held: Mapping[Any, int] = {}

    def run(self, key: str, payloads: Sequence[Any]) -> Sequence[Any]:
        """Take as long as the device of that name."""
        if key == "gpu":
            time.sleep(0.01 + 1e-4 * len(payloads))
        if key == "cpu":
            end = time.thread_time() + 0.005 * len(payloads)
            while time.thread_time() < end:
                pass
        return payloads

    def restart(self) -> None:
        """Another is put in its place instead."""

    def close(self) -> None:
        """Nothing to let go of."""


@asynccontextmanager
async def executor(runners: Sequence[Runner], budget: int = 1024) -> AsyncGenerator[Executor]:
    """An executor whose devices have all answered."""
    running = Executor(runners, cost=SHARING, budget=budget)
    try:
        await asyncio.gather(*(running.submit("echo", 0, size=1) for _ in range(50)))
        yield running
    finally:
        await running.close()


async def crowd(running: Executor, key: str, size: int, callers: int = CALLERS) -> tuple[float, list[float]]:
    """Requests per second, and how many milliseconds each took."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    async def caller(number: int) -> None:
        while (start := time.perf_counter()) < end:
            await running.submit(key, "a text of a usual length", size=size, tenant=number % 10)
            times.append(1e3 * (time.perf_counter() - start))

    start = time.perf_counter()
    await asyncio.gather(*map(caller, range(callers)))
    return len(times) / (time.perf_counter() - start), times


async def row(name: str, running: Executor, key: str, callers: int = CALLERS) -> None:
    """Measure, and print a row."""
    rate, times = await crowd(running, key, 8, callers)
    cuts = statistics.quantiles(times, n=100)
    print(f"{name} | {rate:.0f} | {cuts[49]:.1f} | {cuts[98]:.1f}", flush=True)


class Kept(Replicas):
    """Replicas that stay from one measurement to the next."""

    def release(self) -> None:
        """Not yet."""

    def end(self) -> None:
        """Now."""
        self._lanes = 1
        super().release()


class Ways:
    """Child processes, and lanes to replicas of one Ray."""

    def __init__(self) -> None:
        self.replicas = Kept(Cluster(Device, replicas=(REPLICAS, REPLICAS)))

    def processes(self, count: int) -> Sequence[Runner]:
        """So many child processes."""
        return [ProcessRunner(Device) for _ in range(count)]

    def lanes(self, count: int) -> Sequence[Runner]:
        """So many lanes to the replicas."""
        return self.replicas.lanes()[:count]


async def main() -> None:
    """Print the tables."""
    ways, found = Ways(), f"{cores()} cores, load of the machine before: {os.getloadavg()[0]:.1f}"
    start = time.perf_counter()
    async with executor(ways.lanes(1)):
        print(f"{found}; Ray ready after {time.perf_counter() - start:.1f} s")
    kinds = (("child process", ways.processes), ("replica", ways.lanes))
    print("\none caller, a device that takes no time | requests/s | p50 ms | p99 ms")
    for name, make in kinds:
        async with executor(make(1)) as running:
            await row(name, running, "echo", callers=1)
    print(f"\n{CALLERS} callers, a GPU's times | requests/s | p50 ms | p99 ms")
    for name, make in kinds:
        for budget, what in ((1, "request"), (1024, "batch")):  # no two requests fit into a batch of 1 token
            async with executor(make(1), budget) as running:
                await row(f"{name}, a call for each {what}", running, "gpu")
    for key, what in (("gpu", "a GPU's times"), ("cpu", f"5 ms of one of {cores()} cores")):
        print(f"\n{CALLERS} callers, {what} | requests/s | p50 ms | p99 ms")
        for count in (1, 2, REPLICAS):
            for name, make in kinds:
                async with executor(make(count)) as running:
                    await row(f"{count} × {name}", running, key)
    ways.replicas.end()


if __name__ == "__main__":
    asyncio.run(main())
