"""Who runs together, whose turn it is, and that everybody gets their own result."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

import core.serving.executor
from core.serving.cost import Cost
from core.serving.patience import Patience
from core.serving.tenants import Member
from tests.core.serving.executor.devices import Device, Way, all_free, batch_of, occupied, outcomes, running, submit_all


async def test_an_idle_device_runs_a_request_alone_at_once_and_a_busy_one_takes_what_has_arrived(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        device.gate.clear()
        first = asyncio.create_task(executor.submit("k", 1, size=8))
        await asyncio.to_thread(device.entered.wait)  # nothing else comes, and nothing else is waited for
        rest = submit_all(executor, range(2, 34))
        await asyncio.sleep(0)
        device.gate.set()
        assert await asyncio.gather(first, *rest) == [2 * i for i in range(1, 34)]
        assert [len(batch) for batch in device.batches] == [1, 32]


async def test_everybody_gets_their_own_result_whatever_the_order_in_the_batch(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = [asyncio.create_task(executor.submit("k", i, size=1 + i * 7 % 20)) for i in range(20)]
        assert await outcomes(tasks) == [2 * i for i in range(20)]
        assert len(device.batches) == 1


async def test_different_keys_never_share_a_batch(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = [asyncio.create_task(executor.submit(i % 2, i, size=4)) for i in range(20)]
        assert await outcomes(tasks) == [2 * i for i in range(20)]
        assert sorted(sorted(batch) for batch in device.batches) == [list(range(0, 20, 2)), list(range(1, 20, 2))]


async def test_batches_stay_within_the_budget_of_padded_tokens(way: Way) -> None:
    device = Device()
    async with running(way, device, budget=64) as executor:
        assert await batch_of(executor, device, range(20), size=16) == [2 * i for i in range(20)]
        assert [len(batch) for batch in device.batches] == [4] * 5


async def test_a_batch_without_padding_may_have_as_many_tokens_as_its_requests(way: Way) -> None:
    device = Device()
    async with running(way, device, budget=64) as executor:
        async with occupied(executor, device):
            sizes = [1, 40, 2, 3, 4, 5, 6, 2]
            tasks = [
                asyncio.create_task(executor.submit("k", size, size=size, padded=False, tenant=size)) for size in sizes
            ]
        assert await outcomes(tasks) == [2 * size for size in sizes]
        assert [sorted(batch) for batch in device.batches] == [sorted(sizes)]


async def test_batches_are_short_on_a_slow_device_and_grow_when_it_proves_to_be_fast(way: Way) -> None:
    device = Device()
    async with running(way, device, cost=Cost(overhead=0.0, per_token=0.01), patience=Patience(0.5, 4.0)) as executor:
        assert await batch_of(executor, device, range(60), size=16) == [2 * i for i in range(60)]
        assert len(device.batches[0]) == 3
        assert max(map(len, device.batches)) > 3


async def test_on_a_very_slow_device_batches_are_at_least_long_enough_to_make_the_overhead_small(way: Way) -> None:
    device = Device()
    async with running(way, device, cost=Cost(overhead=100.0, per_token=1.0), patience=Patience(0.5, 4.0)) as executor:
        assert await batch_of(executor, device, range(60), size=16) == [2 * i for i in range(60)]
        assert len(device.batches[0]) > 1  # a single request takes longer than half a second


@pytest.mark.parametrize(
    ("tenants", "lately", "together"),
    [([None], 10.0, 8), (["flood"], 10.0, 1), (["flood"], 0.0, 8), (range(20), 10.0, 8), (["flood", "other"], 10.0, 1)],
    ids=["nobody else", "somebody asked lately", "somebody asked long ago", "a crowd", "two floods"],
)
async def test_batches_are_brief_in_a_flood_while_somebody_else_may_come_again(
    way: Way, tenants: Sequence[Any], lately: float, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.serving.executor, "CONTENTION_WINDOW", lately)
    device = Device()
    async with running(way, device, cost=Cost(overhead=0.0, per_token=0.01), patience=Patience(1.4, 1.0)) as executor:
        async with occupied(executor, device):  # for the tenant None
            tasks = [
                task for i in range(20) for task in submit_all(executor, [i], size=16, tenant=tenants[i % len(tenants)])
            ]
        assert await outcomes(tasks) == [2 * i for i in range(20)]
        assert len(device.batches[0]) == together


async def test_people_of_a_tenant_take_turns(way: Way) -> None:
    device = Device()
    async with running(way, device, budget=10) as executor:
        async with occupied(executor, device):
            eager = submit_all(executor, range(5), size=10, tenant=Member("server", "eager"))
            await asyncio.sleep(0)
            modest = submit_all(executor, [7], size=10, tenant=Member("server", "modest"))
            await asyncio.sleep(0)
            assert executor.snapshot().tenants == 1
        assert await outcomes(modest + eager) == [14, 0, 2, 4, 6, 8]
        assert device.batches == [[0], [7], [1], [2], [3], [4]]


async def test_a_snapshot_tells_how_busy_the_devices_are(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = submit_all(executor, range(3), size=4)
            await asyncio.sleep(0)
            now = executor.snapshot()
            assert (now.queued, now.tokens, now.tenants, now.busy, now.devices, now.healthy) == (3, 12, 1, 1, 1, False)
        await outcomes(tasks)
        await all_free(executor)
        now = executor.snapshot()
        assert (now.queued, now.tokens, now.tenants, now.busy, now.devices, now.healthy) == (0, 0, 0, 0, 1, True)


async def test_callers_on_several_event_loops_are_served_by_one_device(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:

        def elsewhere() -> Any:
            return asyncio.run(executor.submit("k", 21, size=1))

        results = await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(5)), *submit_all(executor, [4]))
    assert results == [42] * 5 + [8]
