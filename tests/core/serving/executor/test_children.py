"""The executor on real child processes that are killed, crash, hang or are poisoned: only the guilty fail."""

import asyncio
import os
import random
import signal
from functools import partial
from typing import Any

import pytest

from core.errors import BadInput, DeviceFailed, OutOfMemory, TooLong
from core.serving.executor import Executor
from core.serving.runners.process import ProcessRunner
from tests.core.serving import fragile
from tests.core.serving.executor.devices import GPU_LIKE

PATIENCE = 30  # seconds until a test that hangs fails


async def gather(executor: Executor, payloads: list[Any], key: str = "k") -> list[Any]:
    calls = [executor.submit(key, payload, size=4) for payload in payloads]
    async with asyncio.timeout(PATIENCE):
        return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("order", ["kill", "crash", "poisoned", "hang"])
async def test_only_who_kills_the_device_fails(order: str) -> None:
    runner = ProcessRunner(fragile.FragileRunner, run_timeout=1 if order == "hang" else PATIENCE)
    executor = Executor([runner], cost=GPU_LIKE)
    payloads = [*range(10), order, *range(11, 20)]
    results = await gather(executor, payloads)
    assert [
        payload if result == payload else type(result) for payload, result in zip(payloads, results, strict=True)
    ] == [
        *range(10),
        DeviceFailed,
        *range(11, 20),
    ]
    await executor.close()


async def test_a_loaded_device_that_hangs_is_noticed_by_what_was_expected_of_it() -> None:
    runner = ProcessRunner(fragile.FragileRunner, run_timeout=600, hang_timeout=1)
    executor = Executor([runner], cost=GPU_LIKE)
    assert await executor.submit("weights", 1, size=4) == 1  # whose key it calls loaded
    assert await executor.submit("weights", "nap", size=4, expected=PATIENCE) == "nap"
    results = await gather(executor, [1, "hang", 2], key="weights")
    assert results == [1, results[1], 2] and type(results[1]) is DeviceFailed
    await executor.close()


async def test_a_child_that_died_while_idle_costs_the_next_request_only_time() -> None:
    executor = Executor([ProcessRunner(fragile.FragileRunner)])
    first = await executor.submit("k", "pid", size=1)
    os.kill(first, signal.SIGKILL)
    assert await executor.submit("k", "pid", size=1) != first
    await executor.close()


async def test_a_lack_of_memory_or_a_bad_input_does_not_cost_a_restart() -> None:
    runner = ProcessRunner(partial(fragile.FragileRunner, room=4))
    executor = Executor([runner], cost=GPU_LIKE)
    before = await executor.submit("k", "pid", size=1)
    results = await gather(executor, [*range(30), "bad", "full", "too long"])
    assert results[:30] == [*range(30)]
    assert [type(result) for result in results[30:]] == [DeviceFailed, OutOfMemory, TooLong]
    assert await executor.submit("k", "pid", size=1) == before
    await executor.close()


async def test_a_drain_survives_the_signal_that_started_it() -> None:
    """Service managers send SIGTERM to every process of a service at once."""
    runner = ProcessRunner(fragile.FragileRunner)
    executor = Executor([runner], budget=4)
    os.kill(await executor.submit("k", "pid", size=1), signal.SIGTERM)
    calls = [asyncio.create_task(executor.submit("k", number, size=4)) for number in range(50)]
    await asyncio.sleep(0)
    await executor.close(PATIENCE)
    assert await asyncio.gather(*calls) == [*range(50)]


async def test_a_thousand_requests_among_crashing_devices_all_get_their_due() -> None:
    chance = random.Random(7)
    devices = [ProcessRunner(partial(fragile.FragileRunner, room=16)) for _ in range(2)]
    executor = Executor(devices, budget=256, cost=GPU_LIKE)
    payloads: list[Any] = [*range(1000)]
    for order in ["kill", "crash", "exit", "poisoned", *5 * ["bad", "full", "refuse", "unspeakable", "return error"]]:
        payloads[chance.randrange(1000)] = order

    async def caller(number: int) -> Any:
        for _ in range(number // 20):
            await asyncio.sleep(0.001)
        return await executor.submit("k", payloads[number], size=chance.randint(1, 60), tenant=number % 7)

    async with asyncio.timeout(PATIENCE):
        results = await asyncio.gather(*map(caller, range(1000)), return_exceptions=True)
    kinds: dict[Any, type] = {"full": OutOfMemory, "refuse": BadInput}
    for payload, result in zip(payloads, results, strict=True):
        assert result == payload if isinstance(payload, int) else type(result) is kinds.get(payload, DeviceFailed)
    await executor.close()
