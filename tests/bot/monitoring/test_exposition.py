"""What Prometheus reads is what was counted."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from bot.monitoring.exposition import exposition
from core.serving.cost import CPU
from core.serving.metrics import Metrics, Snapshot
from core.serving.runners import Job

IDLE = Snapshot(0, 0, 0, 1, 0, True, 0, 4096, 2, 0, 1 << 30, CPU)


def test_counts_times_and_gauges() -> None:
    metrics = Metrics()
    metrics.record_answer(Job("unmask", "/a/folder"), "ok", 0.05)
    metrics.record_answer(Job("unmask", "/a/folder"), "Busy", 70)
    metrics.record_waits([0.02, 3])
    metrics.record_batch(requests=3, real=30, padding=18, seconds=0.1)
    families = text_string_to_metric_families(exposition(metrics, IDLE).decode())
    found = {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}
    assert found["requests_total", "ok", "unmask"] == found["requests_total", "Busy", "unmask"] == 1
    assert (found["tokens_total", "real"], found["tokens_total", "padding"]) == (30, 18)
    assert [found["request_seconds_bucket", bound] for bound in ("0.025", "0.05", "60.0", "+Inf")] == [0, 1, 1, 2]
    assert (found["request_seconds_count",], found["request_seconds_sum",]) == (2, 70.05)
    assert (found["batch_requests_bucket", "2.0"], found["batch_requests_bucket", "4.0"]) == (0, 1)
    assert (found["devices",], found["device_deaths_total",], found["device_memory_bytes",]) == (1, 2, 1 << 30)
