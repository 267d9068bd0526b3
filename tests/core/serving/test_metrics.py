"""What monitoring sees agrees with what happened, and says nothing about anybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.monitoring.exposition import exposition
from core.errors import BadInput, Busy, CoreError, TimedOut
from core.serving.executor import Executor
from core.serving.metrics import TICK, Distribution, Metrics
from core.serving.runners import Job, RunnerDied, RunnerOutOfMemory

SECRET = "the user's secret text"


class Device:
    """Fails as it is told, the first time."""

    padding, memory = 3, 0

    def __init__(self) -> None:
        self.errors: dict[str, Exception] = {"die": RunnerDied(), "full": RunnerOutOfMemory(), "bad": BadInput("No.")}

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        for payload in payloads:
            if error := self.errors.pop(payload, None):
                raise error
        return payloads

    def restart(self) -> None:
        pass

    def close(self) -> None:
        pass


async def test_counts_are_what_happened() -> None:
    metrics = Metrics()
    executor = Executor([Device()], metrics=metrics)
    job = Job("sentiment", "/a/folder")
    for payload in ("one", "two", "die", SECRET):
        await executor.submit(job, payload, size=10, tenant="a server", padded=False)
    for payload, timeout in (("bad", None), ("full", None), ("one", 0.0)):
        with pytest.raises(CoreError):
            await executor.submit(job, payload, size=10, timeout=timeout)
    outcomes = {"ok": 4, "BadInput": 1, "OutOfMemory": 1, "TimedOut": 1}
    assert metrics.requests == {("sentiment", outcome): count for outcome, count in outcomes.items()}
    assert metrics.tokens == {"real": 40, "padding": 4 * 3}
    assert sum(metrics.request_seconds.counts) == 7 and sum(metrics.run_seconds.counts) == 4
    now = executor.snapshot()
    assert (now.deaths, now.overflows, now.devices, now.queued) == (1, 1, 1, 0)
    text = exposition(metrics, now).decode()
    assert 'requests_total{outcome="ok",task="sentiment"} 4.0' in text
    assert SECRET not in text and "a server" not in text and "folder" not in text
    await executor.close()


async def test_padding_is_counted_as_such() -> None:
    metrics = Metrics()
    metrics.record_batch(requests=3, real=30, padding=18, seconds=0.1)
    assert metrics.tokens == {"real": 30, "padding": 18}
    assert metrics.batch_requests.counts[metrics.batch_requests.bounds.index(4)] == 1


async def test_who_leaves_and_who_is_refused_is_counted() -> None:
    metrics = Metrics()
    executor = Executor([Device()], metrics=metrics, capacity=5)
    with pytest.raises(Busy):
        await executor.submit("k", "one", size=10)
    leaving = asyncio.create_task(executor.submit("k", "one", size=1))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert metrics.requests == {("other", "Busy"): 1, ("other", "CancelledError"): 1}
    await executor.close()


async def test_a_blocked_event_loop_shows() -> None:
    metrics = Metrics()
    watching = asyncio.create_task(metrics.watch_event_loop())
    await asyncio.sleep(0)
    time.sleep(TICK + 0.2)  # noqa: ASYNC251 - that is the point
    async with asyncio.timeout(20):
        while not metrics.lag:  # noqa: ASYNC110 - until the watch has had its turn
            await asyncio.sleep(0)
    assert metrics.lag >= 0.19
    lags = metrics.event_loop_lag_seconds
    assert not any(lags.counts[: lags.bounds.index(0.1) + 1]) and lags.total == metrics.lag
    watching.cancel()


def test_errors_are_counted_by_their_names() -> None:
    metrics = Metrics()
    metrics.record_answer(Job("unmask", ""), type(TimedOut()).__name__, 1.0)
    assert metrics.requests == {("unmask", "TimedOut"): 1}


@given(st.lists(st.floats(0, 100, allow_nan=False)))
def test_every_value_is_counted_in_one_interval(values: list[float]) -> None:
    seen = Distribution((1, 10, 60))
    for value in values:
        seen.observe(value)
    below = [sum(value <= bound for value in values) for bound in (*seen.bounds, float("inf"))]
    assert list(accumulate(seen.counts)) == below and seen.total == pytest.approx(sum(values))
