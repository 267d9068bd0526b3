"""The executor with devices made up in the test: who runs with whom, and what everybody is told when things fail."""

import asyncio
import gc
import random
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core.executor
import core.lane
from core.cost import Cost
from core.errors import BadInput, Busy, Closed, CoreError, DeviceFailed, ModelUnavailable, OutOfMemory, TimedOut
from core.executor import Executor, Patience
from core.runners import Runner, RunnerDied, RunnerFull
from core.signals import Signals
from core.tenants import Member
from tests.core.seams import DEATHS, FAR, seam

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


@pytest.fixture(scope="module", params=["thread", *(pytest.param(name, marks=pytest.mark.scale) for name in FAR)])
def way(request: pytest.FixtureRequest) -> Iterator[Way]:
    if request.param == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with seam(request.param) as put:
        yield Way(request.param, put)


class Device:
    """Doubles numbers. While `gate` is closed it stays inside `run`, as a busy device does."""

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

    def run(self, key: Any, payloads: Sequence[Any]) -> Sequence[Any]:
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


class Weights:
    """Something that one would not like to be kept."""


def die(payloads: list[Any]) -> list[Any]:
    raise RunnerDied


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
    device, signals = Device(), Signals()
    async with running(way, device, budget=64, signals=signals) as executor:
        async with occupied(executor, device):
            sizes = [1, 40, 2, 3, 4, 5, 6, 2]
            tasks = [
                asyncio.create_task(executor.submit("k", size, size=size, padded=False, tenant=size)) for size in sizes
            ]
        assert await outcomes(tasks) == [2 * size for size in sizes]
        assert [sorted(batch) for batch in device.batches] == [sorted(sizes)]
        await all_free(executor)
        assert 'tokens_total{kind="padding"} 0.0' in signals.text().decode()


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
    monkeypatch.setattr(core.executor, "LATELY", lately)
    device = Device()
    async with running(way, device, cost=Cost(overhead=0.0, per_token=0.01), patience=Patience(1.4, 1.0)) as executor:
        async with occupied(executor, device):  # for the tenant None
            tasks = [
                task for i in range(20) for task in submit_all(executor, [i], size=16, tenant=tenants[i % len(tenants)])
            ]
        assert await outcomes(tasks) == [2 * i for i in range(20)]
        assert len(device.batches[0]) == together


@pytest.mark.parametrize("bad", [{3}, {0, 7}, set(range(16))], ids=len)
@pytest.mark.parametrize(("error", "verdict"), [(ValueError("who knows"), DeviceFailed), (BadInput("No."), BadInput)])
async def test_a_bad_input_fails_alone(way: Way, bad: set[int], error: Exception, verdict: type[CoreError]) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if bad.intersection(payloads):
            raise error
        return payloads

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(16))
    assert all(type(result) is verdict if i in bad else result == i for i, result in enumerate(results))
    assert len(device.batches[0]) == 16


async def test_an_exception_among_the_results_fails_just_its_request(way: Way) -> None:
    refusal = BadInput("This one is not to my liking.")
    device = Device(lambda payloads: [{1: refusal, 2: KeyError("secret")}.get(x, x) for x in payloads])
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(4))
        assert results[0] == 0
        assert (type(results[1]), str(results[1])) == (BadInput, str(refusal))
        assert type(results[2]) is DeviceFailed
        assert "secret" not in str(results[2])
        assert results[3] == 3
        assert len(device.batches) == 1


async def test_what_fails_for_every_payload_is_not_split_and_tried_again(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        raise ModelUnavailable("The model is on holiday.")

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(8))
    assert all(type(result) is ModelUnavailable for result in results)
    assert len(device.batches) == 1


async def test_a_runner_that_miscounts_is_not_trusted_with_the_batch(way: Way) -> None:
    device = Device(lambda payloads: payloads[:1])
    async with running(way, device) as executor:
        assert await batch_of(executor, device, range(8)) == list(range(8))


async def test_a_batch_that_does_not_fit_is_split_and_the_next_ones_are_smaller_for_a_while(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if len(payloads) > 4:
            raise RunnerFull
        return payloads

    device = Device(behave)
    async with running(way, device, budget=1024) as executor:
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        assert len(device.batches) == 15  # 1 of 32, 2 of 16, 4 of 8, 8 of 4
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        learnt = len(device.batches[0])
        assert 2 <= learnt <= 16
        device.behave = list
        for i in range(64):  # every batch that fits gives some room back
            await executor.submit("k", i, size=16)
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        assert [len(batch) for batch in device.batches] == [32]


async def test_a_request_that_does_not_fit_even_alone_is_told_so(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if "huge" in payloads:
            raise RunnerFull
        return payloads

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, [1, "huge", 3])
    assert [results[0], type(results[1]), results[2]] == [1, OutOfMemory, 3]


async def test_a_crash_fails_only_the_guilty(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if 13 in payloads:
            raise RunnerDied
        return payloads

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(32))
        assert await executor.submit("k", 5, size=1) == 5
    assert [i for i, result in enumerate(results) if type(result) is DeviceFailed] == [13]
    assert [result for result in results if type(result) is int] == [i for i in range(32) if i != 13]
    assert device.restarts == way.death.proof


async def test_a_death_that_is_nobodys_fault_fails_nobody(way: Way) -> None:
    device = Device()
    deaths = iter([RunnerDied("killed while idle")])

    def behave(payloads: list[Any]) -> list[Any]:
        for death in deaths:
            raise death
        return payloads

    device.behave = behave
    async with running(way, device) as executor:
        assert await executor.submit("k", 1, size=1) == 1
    assert device.restarts == 1


async def test_a_device_that_always_crashes_is_not_restarted_for_ever(way: Way) -> None:
    device = Device(die)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(32))
    assert all(type(result) is DeviceFailed for result in results)
    assert device.restarts <= way.death.limit


class Broken(Device):
    """Dies at once and cannot be restarted."""

    def __init__(self) -> None:
        super().__init__(die)

    def restart(self) -> None:
        raise OSError("no such device")


async def test_while_no_device_can_be_restarted_requests_fail_at_once(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.lane, "PAUSES", (600.0,))
    device = Broken()
    async with running(way, device) as executor:
        for _ in range(5):
            with pytest.raises(DeviceFailed):
                await executor.submit("k", 4, size=4)
    assert len(device.batches) == 1


async def test_a_device_that_can_be_restarted_later_is_back_in_service(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.lane, "PAUSES", (0.001,))
    repaired = threading.Event()
    tries = threading.Semaphore(0)

    class Repairable(Device):
        def restart(self) -> None:
            tries.release()
            if not repaired.is_set():
                raise OSError("no such device")
            super().restart()

    def behave(payloads: list[Any]) -> list[Any]:
        if "deadly" in payloads:
            raise RunnerDied
        return payloads

    device = Repairable(behave)
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = [*submit_all(executor, ["deadly", 1, 2]), asyncio.create_task(executor.submit("other", 3, size=4))]
        assert all(type(result) is DeviceFailed for result in await outcomes(tasks))
        for _ in range(5):
            await asyncio.to_thread(tries.acquire)
        repaired.set()
        while True:
            try:
                assert await executor.submit("k", 5, size=4) == 5
                break
            except DeviceFailed:
                await asyncio.sleep(0.001)


async def test_the_other_devices_go_on_while_one_is_down(way: Way) -> None:
    broken, sound = Broken(), Device()
    async with running(way, broken, sound) as executor:
        results = await outcomes(submit_all(executor, range(50)))
        while not broken.batches:
            results += await outcomes(submit_all(executor, range(50)))
        assert await executor.submit("k", 1, size=1) == 2
        assert await outcomes(submit_all(executor, range(50))) == [2 * i for i in range(50)]
    assert len(broken.batches) == 1
    assert all(type(result) in (int, DeviceFailed) for result in results)


async def test_even_an_exit_inside_the_runner_leaves_nobody_waiting(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if "exit" in payloads:
            raise SystemExit
        return payloads

    async with running(way, Device(behave)) as executor:
        with pytest.raises(DeviceFailed):
            await executor.submit("k", "exit", size=1)
        assert await executor.submit("k", 1, size=1) == 1


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


async def test_whoever_leaves_while_a_failed_batch_is_split_is_not_run_again(way: Way) -> None:
    async def leave(tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def behave(payloads: list[Any]) -> list[Any]:
        if len(payloads) == 8:
            asyncio.run_coroutine_threadsafe(leave(tasks[:7]), loop).result()
            raise ValueError
        return payloads

    loop = asyncio.get_running_loop()
    device = Device(behave)
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = submit_all(executor, range(8))
        assert (await outcomes(tasks))[7] == 7
    assert device.batches == [list(range(8)), [7]]


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
            assert (now.queued, now.tokens, now.tenants, now.busy, now.devices, now.good) == (3, 12, 1, 1, 1, False)
        await outcomes(tasks)
        await all_free(executor)
        now = executor.snapshot()
        assert (now.queued, now.tokens, now.tenants, now.busy, now.devices, now.good) == (0, 0, 0, 0, 1, True)


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


async def test_what_is_not_finished_when_the_grace_is_over_is_told_so(way: Way) -> None:
    device = Device()
    executor = Executor([way.put(device)], budget=1)
    device.gate.clear()
    tasks = submit_all(executor, range(10))
    await asyncio.to_thread(device.entered.wait)
    closing = asyncio.create_task(executor.close(grace=0.01))
    assert all(type(result) is Closed for result in await outcomes(tasks)), "also the one that is running"
    device.gate.set()
    await closing
    assert device.batches == [[0]]


async def test_a_cancelled_drain_still_settles_everybody(way: Way) -> None:
    device = Device()
    executor = Executor([way.put(device)], budget=1)
    device.gate.clear()
    tasks = submit_all(executor, range(10))
    await asyncio.to_thread(device.entered.wait)
    closing = asyncio.create_task(executor.close(grace=0.5))
    await asyncio.sleep(0)
    closing.cancel()
    assert all(type(result) is Closed for result in await outcomes(tasks))
    device.gate.set()
    await executor.close()


async def test_callers_on_several_event_loops_are_served_by_one_device(way: Way) -> None:
    device = Device()
    async with running(way, device) as executor:

        def elsewhere() -> Any:
            return asyncio.run(executor.submit("k", 21, size=1))

        results = await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(5)), *submit_all(executor, [4]))
    assert results == [42] * 5 + [8]


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


def test_whatever_is_wrong_with_a_batch_exactly_the_guilty_fail(way: Way) -> None:
    @settings(max_examples=4 if way.name == "process" else 40, deadline=None)
    @given(
        count=st.integers(1, 40),
        bad=st.sets(st.integers(0, 39), max_size=4),
        deadly=st.sets(st.integers(0, 12).map(lambda i: 3 * i), max_size=4),
        room=st.integers(1, 40),
    )
    def exactly_the_guilty_fail(count: int, bad: set[int], deadly: set[int], room: int) -> None:
        def behave(payloads: list[Any]) -> list[Any]:
            if len(payloads) > room:
                raise RunnerFull
            if deadly.intersection(payloads):
                raise RunnerDied
            if bad.intersection(payloads):
                raise BadInput("Bad.")
            return payloads

        async def main() -> list[Any]:
            device = Device(behave)
            async with running(way, device) as executor:
                return await batch_of(executor, device, range(count))

        for i, result in enumerate(asyncio.run(main())):
            expected = DeviceFailed if i in deadly else BadInput if i in bad else int
            assert type(result) is expected, (i, result)

    exactly_the_guilty_fail()


@pytest.mark.parametrize("seed", range(5))
async def test_chaos_gives_everybody_exactly_one_verdict(way: Way, seed: int) -> None:
    """Three devices that fail in every way at random, and callers that leave, hurry or flood."""
    chance = random.Random(seed)

    def behave(payloads: list[Any]) -> list[Any]:
        match chance.randrange(12):
            case 0:
                raise RunnerFull
            case 1:
                raise RunnerDied
            case 2:
                raise ValueError
            case 3:
                return [BadInput("Bad.") for _ in payloads]
            case _:
                return [2 * payload for payload in payloads]

    async def caller(number: int) -> Any:
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
        patience = chance.choice([None, None, 0.0, 0.002, 1.0])
        task = asyncio.create_task(
            executor.submit(
                chance.choice("ab"), number, size=chance.randint(1, 200), tenant=chance.randrange(9), timeout=patience
            )
        )
        if chance.random() < 0.1:
            await asyncio.sleep(0)
            task.cancel()
        return await task

    async with running(way, Device(behave), Device(behave), Device(behave), budget=256, capacity=4000) as executor:
        results = await asyncio.gather(*map(caller, range(800)), return_exceptions=True)
        assert executor.snapshot().tokens == 0
    for number, result in enumerate(results):
        assert result == 2 * number or isinstance(result, CoreError | asyncio.CancelledError), result
    if way.name == "thread":  # elsewhere fewer batches come to an end, and so to grief
        kinds = {int, BadInput, DeviceFailed, Busy, TimedOut, asyncio.CancelledError}
        assert {type(result) for result in results} >= kinds
