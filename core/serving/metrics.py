"""What a host's monitoring sees: counts and times, without a word of who asked or what.

Plain numbers: `bot.monitoring.exposition` writes them as Prometheus reads them.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from core.serving.cost import Cost

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
LAGS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384)

TICK = 0.25
"""Seconds between two looks at the event loop's lag."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How busy an executor is.

    Attributes:
        queued: Requests that wait.
        tokens: The sum of their sizes.
        busy: Devices at work.
        devices: All devices.
        down: Devices that could not be restarted.
        healthy: Whether a device is in service whose last batch succeeded.
        tenants: Tenants with a waiting request.
        budget: The tokens that a batch may have now, on average over the devices.
        deaths: How often devices died at work.
        overflows: How many batches did not fit into a device's memory.
        memory: Bytes that the processes of the devices hold, where they have some of their own on this computer.
        cost: How long a batch is believed to take.
    """

    queued: int
    tokens: int
    busy: int
    devices: int
    down: int
    healthy: bool
    tenants: int
    budget: float
    deaths: int
    overflows: int
    memory: int
    cost: Cost


class Distribution:
    """How often values fell between bounds.

    Attributes:
        bounds: The upper bounds, each of which belongs to its interval.
        counts: How many values fell into each interval, and last above all bounds.
        total: The sum of all values.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds, self.counts, self.total = bounds, [0] * (len(bounds) + 1), 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Metrics:
    """What was counted and timed since the start; recorded from any thread.

    Attributes:
        lag: By how many seconds the event loop woke too late the last time.
        requests: Requests by task and outcome.
        tokens: Tokens computed, by kind: `real` and `padding`.
        request_seconds: From asking to the answer.
        queue_seconds: From asking to a device.
        run_seconds: Of a batch on its device.
        batch_requests: Requests in a batch.
        event_loop_lag_seconds: How late the loop wakes.
    """

    def __init__(self) -> None:
        self.lag = 0.0
        self.requests, self.tokens = Counter[tuple[str, str]](), Counter[str]()
        self.request_seconds, self.queue_seconds = Distribution(SECONDS), Distribution(SECONDS)
        self.run_seconds, self.batch_requests = Distribution(SECONDS), Distribution(SIZES)
        self.event_loop_lag_seconds = Distribution(LAGS)
        self._lock = Lock()  # devices have a thread each

    def record_answer(self, key: Any, outcome: str, seconds: float) -> None:
        """A request was settled."""
        with self._lock:
            self.requests[getattr(key, "task", "other"), outcome] += 1
            self.request_seconds.observe(seconds)

    def record_waits(self, seconds: Iterable[float]) -> None:
        """Requests reached a device."""
        with self._lock:
            for each in seconds:
                self.queue_seconds.observe(each)

    def record_batch(self, requests: int, real: int, padding: int, seconds: float) -> None:
        """A batch of so many tokens succeeded; `padding` is what it was filled up with."""
        with self._lock:
            self.batch_requests.observe(requests)
            self.run_seconds.observe(seconds)
            self.tokens["real"] += real
            self.tokens["padding"] += padding

    async def watch_event_loop(self) -> None:
        """Measure the event loop's lag without end."""
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self.lag = max(0.0, time.monotonic() - due)
            self.event_loop_lag_seconds.observe(self.lag)
