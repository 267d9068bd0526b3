"""What `core` has counted, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from core.serving.metrics import Distribution, Metrics, Snapshot


def exposition(metrics: Metrics, now: Snapshot) -> bytes:
    """Everything that was counted since the start, and how busy the executor is now."""
    registry = CollectorRegistry()
    registry.register(_Collected(metrics, now))
    return generate_latest(registry)


class _Collected:
    """A collector for prometheus-client."""

    def __init__(self, metrics: Metrics, now: Snapshot) -> None:
        self._metrics, self._now = metrics, now

    def collect(self) -> Iterator[Metric]:
        yield from _counted(self._metrics)
        yield from _gauges(self._now)


def _counted(metrics: Metrics) -> Iterator[Metric]:
    requests = CounterMetricFamily("requests", "Requests by task and outcome.", labels=("task", "outcome"))
    for labels, count in metrics.requests.copy().items():
        requests.add_metric(labels, count)
    yield requests
    tokens = CounterMetricFamily("tokens", "Tokens computed: real, and padding.", labels=("kind",))
    for kind, count in metrics.tokens.copy().items():
        tokens.add_metric((kind,), count)
    yield tokens
    yield _histogram("request_seconds", "From asking to the answer.", metrics.request_seconds)
    yield _histogram("queue_seconds", "From asking to a device.", metrics.queue_seconds)
    yield _histogram("run_seconds", "Of a batch on its device.", metrics.run_seconds)
    yield _histogram("batch_requests", "Requests in a batch.", metrics.batch_requests)
    yield _histogram("event_loop_lag_seconds", "How late the loop wakes.", metrics.event_loop_lag_seconds)


def _histogram(name: str, help: str, seen: Distribution) -> Metric:
    bounds = [f"{float(bound)}" for bound in seen.bounds] + ["+Inf"]
    return HistogramMetricFamily(name, help, list(zip(bounds, accumulate(seen.counts), strict=True)), seen.total)


def _gauges(now: Snapshot) -> Iterator[Metric]:
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
