"""Ten thousand requests on devices in real processes that break in every way: ``python -m benchmarks.chaos``.

Everybody must get exactly one verdict, a result must be one's own, and whoever asked for nothing bad must get it.
Exit code 1: somebody did not.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import BadInput, CoreError
from core.serving.cost import Cost
from core.serving.executor import Executor
from core.serving.runners import Loaded, RunnerDied, RunnerOutOfMemory
from core.serving.runners.process import ProcessRunner

REQUESTS = 10_000
CALLERS = 400
DEVICES = 2
HANG = 2.0
"""Seconds after which a device is taken to hang."""

FAULTS = {"kill": 8, "segfault": 8, "hang": 4, "poisoned": 8, "full": 60, "bad": 60, "error": 60}
"""How many requests of each kind of harm there are; the others only ask."""


class Fragile:
    """Echoes its payloads, unless one of them is a fault; has room for 24 of them."""

    name = "fragile"
    loaded: Mapping[Any, Loaded] = {}
    padding, memory = 0, 0

    def run(self, key: Any, payloads: Sequence[tuple[int, str]], expected: float = 0.0) -> Sequence[Any]:
        """Do what the payloads say."""
        if len(payloads) > 24:
            raise RunnerOutOfMemory
        return [self._do(*payload) for payload in payloads]

    def _do(self, number: int, fault: str) -> int:
        match fault:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "segfault":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(600)
            case "poisoned":
                raise RunnerDied("the context is poisoned")
            case "full":
                raise RunnerOutOfMemory
            case "bad":
                raise BadInput("Not this one.")
            case "error":
                raise ValueError(number)
            case _:
                pass
        return number

    def restart(self) -> None:
        """A child is replaced instead."""

    def close(self) -> None:
        """Nothing to let go of."""


async def main() -> int:
    """Run, count, and say what was lost."""
    chance = random.Random(0)
    faults = [fault for fault, count in FAULTS.items() for _ in range(count)]
    faults += [""] * (REQUESTS - len(faults))
    chance.shuffle(faults)
    executor = Executor(
        [ProcessRunner(Fragile, run_timeout=HANG) for _ in range(DEVICES)], cost=Cost(overhead=1e-3, per_token=1e-6)
    )
    verdicts: dict[int, list[Any]] = {number: [] for number in range(REQUESTS)}
    left: set[int] = set()

    async def ask(number: int) -> None:
        submit = executor.submit(
            chance.choice("ab"), (number, faults[number]), size=chance.randint(1, 60), tenant=number % 9
        )
        task = asyncio.create_task(submit)
        task.add_done_callback(lambda task: verdicts[number].append(task))
        if chance.random() < 0.03:  # some leave, at any moment
            left.add(number)
            await asyncio.sleep(chance.random() * 0.02)
            task.cancel()
        await asyncio.wait([task])

    async def caller(numbers: Sequence[int]) -> None:
        for number in numbers:
            await ask(number)

    start = time.perf_counter()
    await asyncio.gather(*(caller(range(first, REQUESTS, CALLERS)) for first in range(CALLERS)))
    seconds, now = time.perf_counter() - start, executor.snapshot()
    await executor.close()

    outcomes: Counter[str] = Counter()
    lost = double = wrong = innocent = 0
    for number, tasks in verdicts.items():
        lost += not tasks
        double += len(tasks) > 1
        for task in tasks:
            error = None if task.cancelled() else task.exception()
            outcomes["left" if task.cancelled() else type(error).__name__ if error else "answered"] += 1
            wrong += not task.cancelled() and error is None and task.result() != number
            innocent += not faults[number] and number not in left and error is not None
            wrong += error is not None and not isinstance(error, CoreError)
    print(f"{REQUESTS} requests in {seconds:.0f} s, {now.deaths} deaths, {now.overflows} batches too large:")
    print(", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    print(f"{lost} lost, {double} double, {wrong} wrong, {innocent} failed innocently, {now.tokens} tokens left behind")
    return int(any((lost, double, wrong, innocent, now.tokens)))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
