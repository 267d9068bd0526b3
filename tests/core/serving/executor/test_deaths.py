"""Devices that die: they are restarted, and neither the innocent nor those who wait pay for it."""

import asyncio
import threading
from typing import Any

import pytest

import core.serving.worker
from core.errors import DeviceFailed, OutOfService
from core.serving.runners import RunnerDied
from tests.core.serving.executor.devices import (
    Device,
    Way,
    batch_of,
    die,
    dying_of,
    occupied,
    outcomes,
    running,
    submit_all,
)


async def test_a_crash_fails_only_the_guilty(way: Way) -> None:
    device = Device(dying_of(13))
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(32))
        assert await executor.submit("k", 5, size=1) == 5
    assert [i for i, result in enumerate(results) if type(result) is DeviceFailed] == [13]
    assert [result for result in results if type(result) is int] == [i for i in range(32) if i != 13]
    assert device.restarts == way.death.proof


async def test_two_guilty_ones_beside_each_other_take_nobody_with_them(way: Way) -> None:
    """Nobody is answered between three deaths: for all that is known, the device is broken."""
    device = Device(dying_of(0, 1))
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(8))
    assert [type(result) is DeviceFailed for result in results] == [True, True, *[False] * 6]


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
    monkeypatch.setattr(core.serving.worker, "PAUSES", (600.0,))
    device = Broken()
    async with running(way, device) as executor:
        with pytest.raises(DeviceFailed):
            await executor.submit("k", 4, size=4)
        for _ in range(5):
            with pytest.raises(OutOfService):
                await executor.submit("k", 4, size=4)
        assert (executor.snapshot().down, executor.snapshot().healthy) == (1, False)
    assert len(device.batches) == 1


class Pauses(tuple[float, ...]):
    """Pauses that take no time, and note which was taken."""

    def __init__(self, _: tuple[float, ...]) -> None:
        self.taken: list[int] = []

    def __getitem__(self, index: Any) -> Any:
        self.taken.append(index)
        return super().__getitem__(index)


async def test_pauses_grow_until_the_device_is_back_and_then_begin_anew(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = Pauses((0.001,) * 7)
    monkeypatch.setattr(core.serving.worker, "PAUSES", pauses)

    class Stubborn(Device):
        """Does not start the first few times."""

        refusals = 0

        def restart(self) -> None:
            self.refusals -= 1
            if self.refusals >= 0:
                raise OSError("killed while it started")
            super().restart()

    device = Stubborn(dying_of("deadly"))
    async with running(way, device) as executor:
        for refusals in (20, 3):
            device.refusals, pauses.taken = refusals, []
            with pytest.raises(DeviceFailed):
                await executor.submit("k", "deadly", size=4)
            while True:
                try:
                    assert await executor.submit("k", 5, size=4) == 5
                    break
                except OutOfService:
                    assert not executor.snapshot().healthy
                    await asyncio.sleep(0.001)
            assert pauses.taken == [min(number, 6) for number in range(1, refusals)]  # two tries come without one


async def test_a_device_that_can_be_restarted_later_is_back_in_service(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.serving.worker, "PAUSES", (0.001,))
    repaired = threading.Event()
    tries = threading.Semaphore(0)

    class Repairable(Device):
        def restart(self) -> None:
            tries.release()
            if not repaired.is_set():
                raise OSError("no such device")
            super().restart()

    device = Repairable(dying_of("deadly"))
    async with running(way, device) as executor:
        async with occupied(executor, device):
            tasks = [*submit_all(executor, ["deadly", 1, 2]), asyncio.create_task(executor.submit("other", 3, size=4))]
        assert all(isinstance(result, DeviceFailed) for result in await outcomes(tasks))
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
    assert all(isinstance(result, int | DeviceFailed) for result in results)


async def test_even_an_exit_inside_the_runner_leaves_nobody_waiting(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if "exit" in payloads:
            raise SystemExit
        return payloads

    async with running(way, Device(behave)) as executor:
        with pytest.raises(DeviceFailed):
            await executor.submit("k", "exit", size=1)
        assert await executor.submit("k", 1, size=1) == 1
