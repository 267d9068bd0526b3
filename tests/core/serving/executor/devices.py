"""Devices made up in the test, and what the tests of the executor do with them."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.serving.cost import Cost
from core.serving.executor import Executor
from core.serving.runners import Runner, RunnerDied
from tests.core.serving.seams import DEATHS

GPU_LIKE = Cost(overhead=1e-3, per_token=1e-6)  # sharing pays for any neighbour of up to 1,000 tokens
PATIENCE = 20  # seconds until a test that hangs fails


@dataclass
class Way:
    """How the executor of a test reaches its devices, and what a death is told as there."""

    name: str
    put: Callable[[Any], Runner]

    @property
    def death(self) -> type[RunnerDied]:
        return DEATHS[self.name]


class Device:
    """Doubles numbers. While `gate` is closed it stays inside `run`, as a busy device does."""

    padding, memory = 0, 0

    def __init__(
        self, behave: Callable[[list[Any]], Sequence[Any]] = lambda payloads: [2 * x for x in payloads]
    ) -> None:
        self.behave = behave
        self.batches: list[list[Any]] = []
        self.threads: set[int] = set()
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.restarts = 0
        self.closed = 0

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        self.batches.append(list(payloads))
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        return payloads if key == "head" else self.behave(list(payloads))

    def restart(self) -> None:
        self.restarts += 1

    def close(self) -> None:
        self.closed += 1
        self.threads.add(threading.get_ident())


def die(payloads: list[Any]) -> list[Any]:
    raise RunnerDied


def dying_of(*deadly: Any) -> Callable[[list[Any]], list[Any]]:
    """Echo payloads, but die of some."""

    def behave(payloads: list[Any]) -> list[Any]:
        if {*deadly} & {*payloads}:
            raise RunnerDied
        return payloads

    return behave


@asynccontextmanager
async def running(way: Way, *devices: Device, **options: Any) -> AsyncGenerator[Executor]:
    options.setdefault("cost", GPU_LIKE)
    executor = Executor(map(way.put, devices), **options)
    try:
        async with asyncio.timeout(PATIENCE):
            yield executor
    finally:
        for device in devices:
            device.gate.set()
        await executor.close()


@asynccontextmanager
async def occupied(executor: Executor, device: Device) -> AsyncGenerator[None]:
    """Keep the device busy: what is submitted inside waits, and is there when the device becomes free."""
    device.gate.clear()
    device.entered.clear()
    head = asyncio.create_task(executor.submit("head", None, size=1))
    await asyncio.to_thread(device.entered.wait)
    yield
    await asyncio.sleep(0)  # let the tasks made inside submit
    device.batches.clear()
    device.gate.set()
    await head


def submit_all(executor: Executor, payloads: Sequence[Any], **options: Any) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(executor.submit("k", payload, **{"size": 4, **options})) for payload in payloads]


async def outcomes(tasks: list[asyncio.Task[Any]]) -> list[Any]:
    return await asyncio.gather(*tasks, return_exceptions=True)


async def batch_of(executor: Executor, device: Device, payloads: Sequence[Any], **options: Any) -> list[Any]:
    """Return the outcomes of payloads that reach the device as one batch."""
    async with occupied(executor, device):
        tasks = submit_all(executor, payloads, **options)
    return await outcomes(tasks)


async def all_free(executor: Executor) -> None:
    """Wait for the devices: callers are answered a moment before a device is free."""
    while executor.snapshot().busy:  # noqa: ASYNC110
        await asyncio.sleep(0)
