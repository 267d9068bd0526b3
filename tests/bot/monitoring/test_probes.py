"""What monitoring asks, over real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest

from bot.failures import PortTaken
from bot.monitoring.probes import STUCK, probes
from core import Core, CoreSettings
from core.errors import DeviceFailed
from core.tasks import TASKS


async def get(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_a_bot_is_ready_once_a_device_answers_a_canary(settings: CoreSettings) -> None:
    async with Core.open(settings) as core, probes(core, 0) as port:
        assert await get(port, "/healthz") == (200, "ok\n")
        assert not core.snapshot().healthy
        assert await get(port, "/readyz") == (200, "ok\n")
        assert core.snapshot().healthy
        _, before = await get(port, "/metrics")
        assert await get(port, "/readyz") == (200, "ok\n")  # known to be good: no second canary
        _, after = await get(port, "/metrics")
        for text in (before, after):
            assert 'requests_total{outcome="ok",task="sentiment"} 1.0' in text
        assert "event_loop_lag_seconds_count" in after


class Failing:
    def run(self, payloads: Sequence[Any]) -> Sequence[Any]:
        raise DeviceFailed


async def test_a_bot_whose_device_fails_is_alive_but_not_ready(
    settings: CoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS, "sentiment", lambda folder, device: Failing())
    async with Core.open(settings) as core, probes(core, 0) as port:
        assert await get(port, "/readyz") == (503, "no device answers\n")
        assert (await get(port, "/healthz"))[0] == 200
        core.metrics.lag = STUCK
        assert await get(port, "/healthz") == (503, "the event loop is stuck\n")


async def test_a_taken_port_is_one_sentence(core: Core) -> None:
    async with probes(core, 0) as port:
        with pytest.raises(PortTaken, match=f"Port {port} is in use"):
            async with probes(core, port):
                pass
