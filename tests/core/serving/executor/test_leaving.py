"""Callers that leave, are too late or are refused: the device is spared, and their place is free."""

import asyncio
from typing import Any

import pytest

from core.errors import Busy, TimedOut
from core.serving.cost import Cost
from tests.core.serving.executor.devices import Device, Way, occupied, outcomes, running, submit_all


async def test_cancelled_requests_leave_the_queue_at_once_and_never_reach_the_device(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        async with occupied(executor, device):
            leaving = submit_all(executor, range(100, 105))
            staying = submit_all(executor, [1])
            await asyncio.sleep(0)
            assert executor.snapshot().queued == 6
            for task in leaving:
                task.cancel()
            await asyncio.sleep(0)
            assert executor.snapshot().queued == 1
        assert await outcomes(staying) == [2]
        assert all(isinstance(result, asyncio.CancelledError) for result in await outcomes(leaving))
        assert device.batches == [[1]]


async def leave(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize(
    ("fails", "batches"),
    [(False, [[*range(8)]]), (True, [[*range(8)], [7]])],
    ids=["nobody's answer goes along", "who has left is not run again when the batch is split"],
)
async def test_all_but_one_leave_during_a_run(way: Way, fails: bool, batches: list[list[int]]) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if len(payloads) == 8:
            asyncio.run_coroutine_threadsafe(leave(tasks[:7]), loop).result()
            if fails:
                raise ValueError
        return payloads

    loop = asyncio.get_running_loop()
    device = Device(behave)
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = submit_all(executor, range(8))
        assert (await outcomes(tasks))[7] == 7
    assert device.batches == batches


async def test_a_timeout_in_the_queue_frees_the_place_and_spares_the_device(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        async with occupied(executor, device):
            late = submit_all(executor, range(5), timeout=0.005)
            assert all(type(result) is TimedOut for result in await outcomes(late))
            assert executor.snapshot().queued == 0
        assert device.batches == []


async def test_a_timeout_while_running_answers_the_caller_and_drops_the_late_result(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        device.gate.clear()
        while not device.entered.is_set():
            with pytest.raises(TimedOut):
                await executor.submit("k", 1, size=1, timeout=0.05)
        assert executor.snapshot().busy == 1
        device.gate.set()
        assert await executor.submit("k", 2, size=1) == 4


async def test_a_request_that_cannot_be_done_in_time_is_not_begun(way: Way) -> None:
    device = Device()
    async with running(way, device, cost=Cost(overhead=0.0, per_token=100.0)) as executor:
        with pytest.raises(TimedOut):
            await executor.submit("k", 1, size=1, timeout=50)
        assert device.batches == []


async def test_a_wait_that_exceeds_the_timeout_is_refused_at_once_but_not_to_others(way: Way) -> None:
    device = Device()
    async with running(way, device, cost=Cost(overhead=0.0, per_token=1.0)) as executor:
        async with occupied(executor, device):
            flood = submit_all(executor, range(100), size=10, tenant="flood")
            await asyncio.sleep(0)
            with pytest.raises(Busy) as refusal:
                await executor.submit("k", 1, size=10, tenant="flood", timeout=60)
            assert refusal.value.seconds == 1000
            quiet = submit_all(executor, [7], size=10, tenant="quiet", timeout=60)
        assert await outcomes(quiet) == [14]
        await outcomes(flood)


async def test_a_flood_cannot_lock_out_a_newcomer(way: Way) -> None:
    device = Device()
    async with running(way, device, capacity=1000) as executor:
        async with occupied(executor, device):
            flood = submit_all(executor, range(300), size=10, tenant="flood")
            await asyncio.sleep(0)
            assert executor.snapshot().tokens == 1000
            quiet = submit_all(executor, [7], size=10, tenant="quiet")
        assert await outcomes(quiet) == [14]
        results = await outcomes(flood)
    assert results[:99] == [2 * i for i in range(99)]
    assert all(type(result) is Busy and result.seconds > 0 for result in results[99:])
