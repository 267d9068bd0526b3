"""What a replica on Ray does with its device, without Ray."""

import asyncio
import pickle
import threading
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.errors import Unforeseen
from core.serving.runners import Loaded, RunnerDied
from core.serving.runners.replica import Replica

MARK = "of these settings"


class Device:
    """Gives its payloads back once `gate` is open, or does what they say."""

    name = "made up"
    padding, memory = 5, 0

    def __init__(self) -> None:
        self.loaded: Mapping[Any, Loaded] = {}
        self.threads = {threading.get_ident()}
        self.seen: list[Any] = []
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        self.threads.add(threading.get_ident())
        self.seen += payloads
        self.entered.set()
        assert self.gate.wait(30)
        self.loaded = {key: Loaded(7)}
        for payload in payloads:
            if isinstance(payload, BaseException):
                raise payload
        return payloads

    def restart(self) -> None:
        raise AssertionError("a replica is replaced, not restarted")

    def close(self) -> None:
        raise AssertionError("it ends with its process")


@asynccontextmanager
async def replica(run_timeout: float = 1000) -> AsyncGenerator[tuple[Replica, Device]]:
    devices: list[Device] = []

    def make() -> Device:
        devices.append(Device())
        return devices[0]

    made = await asyncio.to_thread(Replica, make, MARK, run_timeout)
    yield made, devices[0]
    devices[0].gate.set()


def message(*payloads: Any) -> bytes:
    return pickle.dumps(("k", list(payloads)))


async def verdict(one: Replica, *payloads: Any) -> Any:
    return pickle.loads(await one.run(MARK, message(*payloads)))


async def test_one_thread_owns_the_device_and_it_is_not_the_event_loops() -> None:
    async with replica() as (one, device):
        assert await verdict(one, 1, "two", None) == ([1, "two", None], {"k": Loaded(7)}, 5)
        assert await verdict(one, 3) == ([3], {"k": Loaded(7)}, 5)
        assert len(device.threads) == 1 and threading.get_ident() not in device.threads
        assert await one.mark() == MARK
        await one.check_health()


async def test_a_batch_of_others_comes_back_unopened() -> None:
    async with replica() as (one, device):
        assert await one.run("of other settings", message(1)) == b""
        assert device.seen == []


async def test_what_fails_is_told_without_its_words_and_harms_nobody() -> None:
    async with replica() as (one, _):
        error, loaded, padding = await verdict(one, ValueError("the user's secret text"))
        assert type(error) is Unforeseen and "secret" not in str(error) and (loaded, padding) == ({"k": Loaded(7)}, 5)
        assert await verdict(one, 1) == ([1], loaded, padding)
        await one.check_health()


@pytest.mark.parametrize("fault", [RunnerDied("the CUDA context is poisoned"), RunnerDied(), SystemExit(3)])
async def test_a_poisoned_one_says_so_and_takes_nothing_any_more(fault: BaseException) -> None:
    async with replica() as (one, device):
        error, *_ = await verdict(one, fault)
        assert type(error) is RunnerDied
        assert await one.run(MARK, message("late")) == b""
        assert await one.mark() == ""
        assert "late" not in device.seen
        with pytest.raises(RuntimeError, match=str(fault) if str(fault).startswith("the CUDA") else "."):
            await one.check_health()


async def test_a_device_that_hangs_is_noticed_and_what_waits_behind_it_comes_back() -> None:
    async with replica(run_timeout=0.05) as (one, device):
        assert await verdict(one, 1) == ([1], {"k": Loaded(7)}, 5)
        await asyncio.sleep(0.1)
        await one.check_health()  # it is idle
        device.gate.clear()
        device.entered.clear()
        hanging, behind = (asyncio.create_task(one.run(MARK, message(name))) for name in ("hangs", "behind"))
        await asyncio.to_thread(device.entered.wait)
        await asyncio.sleep(0.1)
        with pytest.raises(RuntimeError, match="no answer within 0 s"):
            await one.check_health()
        assert await one.mark() == ""
        device.gate.set()
        assert await behind == b"" and pickle.loads(await hanging)[0] == ["hangs"]
        with pytest.raises(RuntimeError):  # it could hang again
            await one.check_health()


async def test_a_device_that_works_for_long_is_well() -> None:
    async with replica() as (one, device):
        device.gate.clear()
        working = asyncio.create_task(one.run(MARK, message(1)))
        await asyncio.to_thread(device.entered.wait)
        await one.check_health()
        device.gate.set()
        await working
