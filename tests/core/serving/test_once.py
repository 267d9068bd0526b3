"""What many need is got once: whoever waits gets the same outcome, and a refusal is remembered for a while."""

from __future__ import annotations

import asyncio
import gc

import pytest

from core.errors import ModelUnavailable, TimedOut
from core.serving.once import REFUSED, Once
from tests.core.serving.test_deduplication import Clock, Worker, settle

REFUSAL = ModelUnavailable("It cannot be read: choose another.")


def ask(once: Once[str, str], worker: Worker, key: str = "model") -> asyncio.Task[str]:
    return asyncio.create_task(once.get(key, worker))


async def test_what_was_got_is_kept_for_ever() -> None:
    clock, worker = Clock(), Worker()
    once = Once[str, str](clock)
    several = [ask(once, worker) for _ in range(5)]
    await settle()
    assert (len(worker.open), once.known("model")) == (1, None)
    worker.open[0].set_result("tokenizer")
    assert await asyncio.gather(*several) == ["tokenizer"] * 5
    clock.now = 1e9
    assert await ask(once, worker) == once.known("model") == "tokenizer"
    assert len(worker.open) == 1


@pytest.mark.parametrize("error", [REFUSAL, TimedOut()])
async def test_a_failure_is_that_of_all_who_wait(error: Exception) -> None:
    once, worker = Once[str, str](), Worker()
    several = [ask(once, worker) for _ in range(5)]
    await settle()
    worker.open[0].set_exception(error)
    assert await asyncio.gather(*several, return_exceptions=True) == [error] * 5
    assert (len(worker.open), once.known("model")) == (1, None)


async def test_a_refusal_is_remembered_for_some_minutes() -> None:
    clock, worker = Clock(), Worker()
    once = Once[str, str](clock)
    first = ask(once, worker)
    await settle()
    worker.open[0].set_exception(REFUSAL)
    clock.now = 100.0
    with pytest.raises(ModelUnavailable):
        await first
    clock.now += REFUSED - 1
    depths: list[int] = []
    for _ in range(3):
        with pytest.raises(ModelUnavailable) as caught:
            await ask(once, worker)
        depths.append(len(caught.traceback))
    assert len(worker.open) == 1 and len(set(depths)) == 1  # nothing grows with every raise
    clock.now += 1
    again = ask(once, worker)
    await settle()
    worker.open[1].set_result("mended")
    assert await again == once.known("model") == "mended"


async def test_what_may_go_well_the_next_time_is_tried_again() -> None:
    once, worker = Once[str, str](), Worker()
    first = ask(once, worker)
    await settle()
    worker.open[0].set_exception(TimedOut())
    with pytest.raises(TimedOut):
        await first
    again = ask(once, worker)
    await settle()
    worker.open[1].set_result("tokenizer")
    assert await again == "tokenizer"


async def test_whoever_leaves_takes_it_from_nobody() -> None:
    once, worker = Once[str, str](), Worker()
    first, second = ask(once, worker), ask(once, worker)
    await settle()
    first.cancel()
    await settle()
    worker.open[0].set_result("tokenizer")
    assert await second == "tokenizer" and first.cancelled()


async def test_a_failure_for_which_nobody_waits_any_more_is_no_news() -> None:
    once, worker = Once[str, str](), Worker()
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    first = ask(once, worker)
    await settle()
    first.cancel()
    await settle()
    worker.open[0].set_exception(TimedOut())
    await settle()
    del once, first
    worker.open.clear()
    gc.collect()
    assert not told


async def test_one_does_not_wait_for_another() -> None:
    once, worker = Once[str, str](), Worker()
    slow, quick = ask(once, worker, "slow"), ask(once, worker, "quick")
    await settle()
    worker.open[1].set_result("tokenizer")
    assert await quick == "tokenizer" and not slow.done()
    worker.open[0].set_result("another")
    assert await slow == "another"
