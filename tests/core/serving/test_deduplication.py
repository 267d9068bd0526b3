"""The same question is worked out once; leaving, failing and waiting stay each asker's own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from core.errors import Busy, CoreError, OutOfMemory, TimedOut
from core.results import Norms
from core.serving.deduplication import TTL, Deduplicator


class Worker:
    """Counts requests; each waits until it is released with an answer or an error."""

    def __init__(self) -> None:
        self.open: list[asyncio.Future[Any]] = []
        self.withdrawn = 0

    async def __call__(self) -> Any:
        self.open.append(asyncio.get_running_loop().create_future())
        try:
            return await self.open[-1]
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(
    deduplicator: Deduplicator, worker: Callable[[], Awaitable[Any]], key: str = "q", tenant: int = 0
) -> asyncio.Task[Any]:
    return asyncio.create_task(deduplicator.run(key, tenant, worker))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_people_of_one_tenant_who_ask_the_same_share_one_request() -> None:
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    tasks = [ask(deduplicator, worker) for _ in range(5)]
    other = ask(deduplicator, worker, key="another")
    await settle()
    assert len(worker.open) == 2
    worker.open[0].set_result("answer")
    assert await asyncio.gather(*tasks) == ["answer"] * 5
    worker.open[1].set_result("another answer")
    assert await other == "another answer"


async def test_each_tenant_has_a_request_of_its_own_and_the_first_answers_all() -> None:
    """A quiet tenant must not wait behind the flood of another that asked the same before."""
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    flood, quiet = ask(deduplicator, worker, tenant=1), ask(deduplicator, worker, tenant=2)
    await settle()
    assert len(worker.open) == 2
    worker.open[1].set_result("answer")
    assert [await flood, await quiet] == ["answer"] * 2
    await settle()
    assert worker.withdrawn == 1


async def test_whoever_leaves_does_not_take_the_answer_from_the_others() -> None:
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    first, second = ask(deduplicator, worker), ask(deduplicator, worker)
    await settle()
    first.cancel()
    await settle()
    assert first.cancelled() and worker.withdrawn == 0
    worker.open[0].set_result("answer")
    assert await second == "answer"


async def test_with_the_last_who_waits_the_request_goes_too() -> None:
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    tasks = [ask(deduplicator, worker) for _ in range(3)]
    await settle()
    for task in tasks:
        task.cancel()
    await settle()
    assert worker.withdrawn == 1
    again = ask(deduplicator, worker)
    await settle()
    worker.open[1].set_result("answer")
    assert await again == "answer"


async def test_an_error_is_told_to_those_of_its_tenant_only_and_is_not_kept() -> None:
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    refused, patient = [ask(deduplicator, worker, tenant=1) for _ in range(2)], ask(deduplicator, worker, tenant=2)
    await settle()
    worker.open[0].set_exception(OutOfMemory())
    for task in refused:
        with pytest.raises(OutOfMemory):
            await task
    again = ask(deduplicator, worker, tenant=1)
    await settle()
    assert len(worker.open) == 3
    worker.open[1].set_result("answer")
    assert [await patient, await again] == ["answer"] * 2


@pytest.mark.parametrize("error", [TimedOut(), Busy(3)])
async def test_whoever_joined_is_not_late_with_the_first(error: CoreError) -> None:
    """Nor crowded out with them. All who joined ask once more, together, and each request has a deadline of its own."""
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    first, *joined = [ask(deduplicator, worker) for _ in range(3)]
    await settle()
    worker.open[0].set_exception(error)
    with pytest.raises(type(error)):
        await first
    await settle()
    late = ask(deduplicator, worker)
    await settle()
    assert len(worker.open) == 2
    worker.open[1].set_exception(error)
    assert await asyncio.gather(*joined, return_exceptions=True) == [error] * 2
    await settle()
    worker.open[2].set_result("answer")
    assert await late == "answer"


async def test_whoever_joined_before_the_first_left_is_not_late_either() -> None:
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    first, joined = ask(deduplicator, worker), ask(deduplicator, worker)
    await settle()
    first.cancel()
    await settle()
    worker.open[0].set_exception(TimedOut())
    await settle()
    worker.open[1].set_result("answer")
    assert await joined == "answer"


async def test_what_one_does_to_an_answer_is_no_business_of_the_next() -> None:
    deduplicator, made = Deduplicator(1 << 20), np.eye(2, dtype=np.float32)

    async def request() -> tuple[Any, ...]:
        return {"norms": [Norms(made[:1], made[1:])]}, made

    for _ in range(2):
        (found, array) = await deduplicator.run("q", 0, request)
        for one in (array, found["norms"][0].heads, found["norms"][0].layers):
            with pytest.raises(ValueError, match="read-only"):
                one[:] = 0
    assert made.sum() == 2


async def test_an_answer_serves_repeats_for_a_while() -> None:
    clock = Clock()
    deduplicator, worker = Deduplicator(1 << 20, clock), Worker()
    for expected in (1, 1, 2):
        task = ask(deduplicator, worker)
        await settle()
        assert len(worker.open) == expected
        if not worker.open[-1].done():
            worker.open[-1].set_result(expected)
        assert await task == expected
        clock.now += TTL / 2


async def test_answers_are_kept_within_bounds_the_latest_longest() -> None:
    deduplicator, calls = Deduplicator(3000), list[str]()

    async def answer(key: str) -> bytes:
        calls.append(key)
        return b"x" * (100_000 if key == "huge" else 200)  # with its overhead about 1,100 bytes

    for key in ("a", "b", "huge", "c", "b", "a", "huge"):
        await deduplicator.run(key, 0, lambda key=key: answer(key))
    assert calls == ["a", "b", "huge", "c", "a", "huge"]


@pytest.mark.parametrize("leave", [False, True])
async def test_a_failure_that_nobody_waits_for_any_more_is_nobodys_loose_end(leave: bool) -> None:
    """It fails in the very turn of the loop in which another's answer comes, or in which its only asker leaves."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    deduplicator, worker = Deduplicator(1 << 20), Worker()
    lucky, unlucky = ask(deduplicator, worker, tenant=1), ask(deduplicator, worker, tenant=2)
    await settle()
    worker.open[1].set_exception(Busy(3))
    if leave:
        await asyncio.sleep(0)
        unlucky.cancel()
    worker.open[0].set_result("answer")
    assert await lucky == "answer"
    assert await asyncio.gather(unlucky, return_exceptions=True) != [None]
    del worker, deduplicator, unlucky, lucky
    await settle()
    gc.collect()
    assert complaints == []
