"""What an executor does before it ends, and what it lets go of."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from core.errors import Closed
from core.serving.executor import Executor
from tests.core.serving.executor.devices import GPU_LIKE, PATIENCE, Device, Way, all_free, outcomes, running, submit_all


class Weights:
    """Something that one would not like to be kept."""


async def test_closing_finishes_what_waits_and_refuses_what_comes(way: Way) -> None:
    devices = [Device(), Device()]
    executor = Executor(map(way.put, devices), budget=64, cost=GPU_LIKE)
    tasks = submit_all(executor, range(200), size=16)
    await asyncio.sleep(0)
    await executor.close(PATIENCE)
    assert await outcomes(tasks) == [2 * i for i in range(200)]
    with pytest.raises(Closed):
        await executor.submit("k", 1, size=1)
    await executor.close()  # once more does no harm
    if way.name != "ray":  # a replica ends with its process
        assert [device.closed for device in devices] == [1, 1]
    assert all(len(device.threads) <= 1 for device in devices), "only its own thread touches a device"


async def stuck(way: Way) -> tuple[Executor, Device, list[asyncio.Task[Any]]]:
    """An executor with ten requests, whose device does not get on with the first."""
    device = Device()
    executor = Executor([way.put(device)], budget=1)
    device.gate.clear()
    tasks = submit_all(executor, range(10))
    await asyncio.to_thread(device.entered.wait)
    return executor, device, tasks


async def test_what_is_not_finished_when_the_grace_is_over_is_told_so(way: Way) -> None:
    executor, device, tasks = await stuck(way)
    closing = asyncio.create_task(executor.close(grace=0.01))
    assert all(type(result) is Closed for result in await outcomes(tasks)), "also the one that is running"
    device.gate.set()
    await closing
    assert device.batches == [[0]]


async def test_a_cancelled_drain_still_settles_everybody(way: Way) -> None:
    executor, device, tasks = await stuck(way)
    closing = asyncio.create_task(executor.close(grace=0.5))
    await asyncio.sleep(0)
    closing.cancel()
    assert all(type(result) is Closed for result in await outcomes(tasks))
    device.gate.set()
    await executor.close()


async def test_an_idle_device_keeps_neither_payloads_nor_results_alive(way: Way) -> None:
    device = Device(lambda payloads: [Weights() for _ in payloads])
    async with running(way, device) as executor:
        result = await executor.submit("k", Weights(), size=1)
        seen = weakref.ref(result)
        del result
        await all_free(executor)
        device.batches.clear()
        gc.collect()
        assert seen() is None
