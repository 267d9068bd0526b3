"""What Ray costs and gives beside child processes, in one run: ``python -m benchmarks.replicas``.

Three devices stand in for models, so that what is measured is the way to them: see `Device`. Rates are those of callers
who ask again as soon as they are answered; latencies are theirs. Everything is measured `ROUNDS` times in turns, and
shown as the median, with the least and the most of the rates. Ray is started once; for each number of replicas so many
are put in place and waited for.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from core.serving.cost import Cost
from core.serving.devices import available_cores
from core.serving.executor import Executor
from core.serving.runners import Loaded, Runner
from core.serving.runners.cluster import APP, Cluster, load
from core.serving.runners.process import ProcessRunner
from core.serving.runners.ray import Replicas

SHARING = Cost(overhead=1e-2, per_token=1e-4)
CALLERS = 100
COUNTS = (1, 2, 4)
ROUNDS = 3
SECONDS = 1.5
"""Of each measurement."""

TIMES = {"fast": 1e-4, "slow": 1e-3}
"""Seconds that a GPU takes for each request, beside 10 ms for a batch: short texts, long ones."""


class Device:
    """By key: ``echo`` takes no time, ``fast`` and ``slow`` a GPU's. None needs a CPU: many fit on two cores."""

    name = "made up"
    loaded: Mapping[Any, Loaded] = {}
    padding, memory = 0, 0

    def run(self, key: str, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Take as long as the device of that name."""
        if key in TIMES:
            time.sleep(0.01 + TIMES[key] * len(payloads))
        return payloads

    def restart(self) -> None:
        """Another is put in its place instead."""

    def close(self) -> None:
        """Nothing to let go of."""


class Joined(Cluster):
    """Replicas on a Ray that is there already, in the place of those before."""

    handle: Any = None

    def open(self) -> Any:
        """Put them in place, and wait until all are there; later ones find them there."""
        self.handle = self.handle or self._placed()
        return self.handle

    def _placed(self) -> Any:
        _, serve = load()
        serve.delete(APP)
        handle = self.deploy(serve)
        while serve.status().applications[APP].status != "RUNNING":
            time.sleep(0.1)
        return handle

    def close(self) -> None:
        """Ray stays."""


class Row(NamedTuple):
    """What is measured: who asks what, of which devices.

    Attributes:
        name: What it shows.
        key: Which device, of `Device`.
        callers: How many ask at once.
        budget: Tokens that fit into a batch: no two requests into one of 1.
    """

    name: str
    key: str
    callers: int = CALLERS
    budget: int = 1024


ALONE = (
    Row("one caller, no time on the device: the hop", "echo", callers=1),
    Row(f"{CALLERS} callers, a GPU's times, a call for each request", "fast", budget=1),
    Row(f"{CALLERS} callers, a GPU's times, a call for each batch", "fast"),
)
SEVERAL = (Row(f"{4 * CALLERS} callers, a GPU's times for long texts", "slow", callers=4 * CALLERS),)
"""More than fit into a batch: one device takes whatever waits, and leaves the others nothing."""


def processes(count: int) -> Sequence[Runner]:
    """So many child processes."""
    return [ProcessRunner(Device) for _ in range(count)]


def runners(cluster: Cluster) -> Sequence[Runner]:
    """A runner to each replica."""
    return Replicas(cluster).runners()


@asynccontextmanager
async def executor(runners: Sequence[Runner], budget: int) -> AsyncGenerator[Executor]:
    """An executor whose devices have all answered."""
    running = Executor(runners, cost=SHARING, budget=budget)
    try:
        await asyncio.gather(*(running.submit("echo", 0, size=1) for _ in range(50)))
        yield running
    finally:
        await running.close()


async def crowd(running: Executor, row: Row) -> tuple[float, float, float]:
    """Requests per second, and the median and the 99th percentile of the milliseconds that each took."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    async def caller(number: int) -> None:
        while (start := time.perf_counter()) < end:
            await running.submit(row.key, "a text of a usual length", size=8, tenant=number % 10)
            times.append(1e3 * (time.perf_counter() - start))

    start = time.perf_counter()
    await asyncio.gather(*map(caller, range(row.callers)))
    cuts = statistics.quantiles(times, n=100)
    return len(times) / (time.perf_counter() - start), cuts[49], cuts[98]


def cell(found: list[tuple[float, float, float]]) -> str:
    """The medians, and how far apart the rates were."""
    rates, middle, late = zip(*found, strict=True)
    rate, half, most = map(statistics.median, (rates, middle, late))
    return f"{rate:,.0f} ({min(rates):,.0f}–{max(rates):,.0f}), {half:,.{half < 10:d}f} ms, {most:,.{most < 10:d}f} ms"


async def compare(rows: Sequence[Row], count: int, makes: Sequence[Callable[[], Sequence[Runner]]]) -> None:
    """Measure all ways to so many devices in turns, and print a row of the table for each."""
    for row in rows:
        async with AsyncExitStack() as stack:
            running = [await stack.enter_async_context(executor(make(), row.budget)) for make in makes]
            found = [[await crowd(one, row) for one in running] for _ in range(ROUNDS)]
        name = f"{row.name}, {count} GPU{'s' * (count > 1)}" if rows is SEVERAL else row.name
        print(f"| {name} | {' | '.join(cell(list(column)) for column in zip(*found, strict=True))} |", flush=True)


async def main() -> None:
    """Print the table."""
    ray, _ = load()
    print(f"{available_cores()} cores, load of the machine before: {os.getloadavg()[0]:.1f}", end="; ")
    start = time.perf_counter()
    Cluster(Device, replicas=(COUNTS[-1], COUNTS[-1])).open()
    print(f"Ray started in {time.perf_counter() - start:.1f} s")
    print("\n| | child process: requests/s, p50, p99 | replica: requests/s, p50, p99 |\n|---|---|---|")
    for count in COUNTS:
        ways = partial(processes, count), partial(runners, Joined(Device, replicas=(count, count)))
        for rows in (ALONE, SEVERAL) if count == 1 else (SEVERAL,):
            await compare(rows, count, ways)
    ray.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
