"""What monitoring sees agrees with what happened, and says nothing about anybody."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import BadInput, Busy, CoreError, TimedOut
from core.serving.executor import Executor
from core.serving.metrics import TICK, Metrics
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


def values(metrics: Metrics) -> dict[str, float]:
    rows = re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", metrics.exposition().decode(), re.MULTILINE)
    return {name: float(value) for name, value in rows}


async def test_counts_are_what_happened() -> None:
    metrics = Metrics()
    executor = Executor([Device()], metrics=metrics)
    job = Job("sentiment", "/a/folder")
    for payload in ("one", "two", "die", SECRET):
        await executor.submit(job, payload, size=10, tenant="a server", padded=False)
    for payload, timeout in (("bad", None), ("full", None), ("one", 0.0)):
        with pytest.raises(CoreError):
            await executor.submit(job, payload, size=10, timeout=timeout)
    found = values(metrics)
    assert found['requests_total{outcome="ok",task="sentiment"}'] == 4
    assert found['requests_total{outcome="BadInput",task="sentiment"}'] == 1
    assert found['requests_total{outcome="OutOfMemory",task="sentiment"}'] == 1
    assert found['requests_total{outcome="TimedOut",task="sentiment"}'] == 1
    assert found['tokens_total{kind="real"}'] == 40 and found['tokens_total{kind="padding"}'] == 4 * 3
    assert found["device_deaths_total"] == 1 and found["device_overflows_total"] == 1
    assert found["request_seconds_count"] == 7 and found["run_seconds_count"] == 4
    assert found["devices"] == 1 and found["queued_requests"] == 0
    text = metrics.exposition().decode()
    assert SECRET not in text and "a server" not in text and "folder" not in text
    await executor.close()


async def test_padding_is_counted_as_such() -> None:
    metrics = Metrics()
    metrics.record_batch(requests=3, real=30, padding=18, seconds=0.1)
    found = values(metrics)
    assert (found['tokens_total{kind="real"}'], found['tokens_total{kind="padding"}']) == (30, 18)
    assert found['batch_requests_bucket{le="2.0"}'] == 0 and found['batch_requests_bucket{le="4.0"}'] == 1


async def test_who_leaves_and_who_is_refused_is_counted() -> None:
    metrics = Metrics()
    executor = Executor([Device()], metrics=metrics, capacity=5)
    with pytest.raises(Busy):
        await executor.submit("k", "one", size=10)
    leaving = asyncio.create_task(executor.submit("k", "one", size=1))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    found = values(metrics)
    assert found['requests_total{outcome="Busy",task="other"}'] == 1
    assert found['requests_total{outcome="CancelledError",task="other"}'] == 1
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
    assert values(metrics)['event_loop_lag_seconds_bucket{le="0.1"}'] == 0
    watching.cancel()


def test_errors_are_counted_by_their_names() -> None:
    metrics = Metrics()
    metrics.record_answer(Job("unmask", ""), type(TimedOut()).__name__, 1.0)
    assert values(metrics)['requests_total{outcome="TimedOut",task="unmask"}'] == 1
