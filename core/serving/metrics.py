"""What a host's monitoring sees: counts and times, without a word of who asked or what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

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


class Metrics:
    """Counters and histograms in a registry of their own, and gauges that are read when somebody asks.

    Attributes:
        lag: By how many seconds the event loop woke too late the last time.
    """

    def __init__(self) -> None:
        self.lag = 0.0
        self._registry = registry = CollectorRegistry()
        self._outcomes = Counter("requests", "Requests by task and outcome.", ("task", "outcome"), registry=registry)
        self._tokens = Counter("tokens", "Tokens computed: real, and padding.", ("kind",), registry=registry)
        self._total = Histogram("request_seconds", "From asking to the answer.", registry=registry, buckets=SECONDS)
        self._wait = Histogram("queue_seconds", "From asking to a device.", registry=registry, buckets=SECONDS)
        self._run = Histogram("run_seconds", "Of a batch on its device.", registry=registry, buckets=SECONDS)
        self._requests = Histogram("batch_requests", "Requests in a batch.", registry=registry, buckets=SIZES)
        self._lag = Histogram("event_loop_lag_seconds", "How late the loop wakes.", registry=registry, buckets=LAGS)

    def record_answer(self, key: Any, outcome: str, seconds: float) -> None:
        """A request was settled."""
        self._outcomes.labels(getattr(key, "task", "other"), outcome).inc()
        self._total.observe(seconds)

    def record_waits(self, seconds: Iterable[float]) -> None:
        """Requests reached a device."""
        for each in seconds:
            self._wait.observe(each)

    def record_batch(self, requests: int, real: int, padding: int, seconds: float) -> None:
        """A batch of so many tokens succeeded; `padding` is what it was filled up with."""
        self._requests.observe(requests)
        self._run.observe(seconds)
        self._tokens.labels("real").inc(real)
        self._tokens.labels("padding").inc(padding)

    def register(self, snapshot: Callable[[], Snapshot]) -> None:
        """Read this, too, whenever somebody asks."""
        self._registry.register(_Gauges(snapshot))

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    async def watch_event_loop(self) -> None:
        """Measure the event loop's lag without end."""
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            self.lag = max(0.0, time.monotonic() - due)
            self._lag.observe(self.lag)


class _Gauges:
    """A collector for prometheus-client."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        now = self._snapshot()
        yield GaugeMetricFamily("queued_requests", "Requests that wait.", now.queued)
        yield GaugeMetricFamily("queued_tokens", "The sum of their sizes.", now.tokens)
        yield GaugeMetricFamily("waiting_tenants", "Servers and people with a waiting request.", now.tenants)
        yield GaugeMetricFamily("devices", "All devices.", now.devices)
        yield GaugeMetricFamily("devices_busy", "Devices at work.", now.busy)
        yield GaugeMetricFamily("devices_down", "Devices that could not be restarted.", now.down)
        yield GaugeMetricFamily("batch_token_budget", "Tokens that a batch may have now, on average.", now.budget)
        yield CounterMetricFamily("device_deaths", "Times that a device died at work.", now.deaths)
        yield CounterMetricFamily("device_overflows", "Batches that did not fit into memory.", now.overflows)
        yield GaugeMetricFamily("device_memory_bytes", "Memory of the devices' own processes.", now.memory)
