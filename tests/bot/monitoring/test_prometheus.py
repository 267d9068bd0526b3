"""A real Prometheus (Debian's package) reads what the bot tells, and each alert fires where it should."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.monitoring.probes import probes
from core import Core, CoreSettings
from core.serving.cost import CPU
from core.serving.metrics import Metrics, Snapshot
from core.serving.runners import Job

DEPLOY = Path(__file__).parents[3] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
JOB = Job("unmask", "/a/folder")
IDLE = Snapshot(0, 0, 0, 1, 0, True, 0, 4096, 0, 0, 1 << 30, CPU)
PATIENCE = 120
"""Seconds; a hang must end some time."""

PROMETHEUS, PROMTOOL = shutil.which("prometheus") or "", shutil.which("promtool") or ""

needs_prometheus = pytest.mark.skipif(
    not (PROMETHEUS and PROMTOOL),
    reason="There is no Prometheus: apt install prometheus",
)


@dataclass
class Imagined:
    """A bot in a state; `happens` is what goes on there all the time."""

    happens: Callable[[Metrics], None] = lambda metrics: None
    now: Snapshot = IDLE
    metrics: Metrics = field(default_factory=Metrics)

    def snapshot(self) -> Snapshot:
        return self.now


def fails(metrics: Metrics) -> None:
    metrics.record_answer(JOB, "DeviceFailed", 1)


def turned_away(metrics: Metrics) -> None:
    metrics.record_answer(JOB, "Busy", 1)


def blocked(metrics: Metrics) -> None:
    metrics.event_loop_lag_seconds.observe(0.9)


BOTS = {
    "DeviceDown": Imagined(now=replace(IDLE, down=1)),
    "RequestsFail": Imagined(fails),
    "PeopleWait": Imagined(turned_away),
    "EventLoopBlocked": Imagined(blocked),
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Prometheus:
    """A Prometheus of our own that reads from ports of this computer four times a second."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._url, self._session = f"http://127.0.0.1:{port}/api/v1", session

    async def ask(self, path: str, **query: str) -> Any:
        async with self._session.get(f"{self._url}/{path}", params=query) as answer:
            told = await answer.json()
        assert told["status"] == "success", told
        return told["data"]

    async def until(self, good: Callable[[Any], bool], path: str, **query: str) -> Any:
        """Ask again and again until the answer is good."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if good(told := await self.ask(path, **query)):
                        return told
                except aiohttp.ClientError:
                    pass  # it is still starting
                await asyncio.sleep(0.2)


@asynccontextmanager
async def prometheus(folder: Path, ports: list[int]) -> AsyncGenerator[Prometheus]:
    """Run one on a copy of the rules that do not wait for minutes."""
    rules = re.sub(r"for: \d+m", "for: 0s", ALERTS.read_text(encoding="utf-8"))
    (folder / "alerts.yml").write_text(rules, encoding="utf-8")
    targets = json.dumps([f"127.0.0.1:{port}" for port in ports])
    config = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    config = config.replace('["127.0.0.1:9464"]', targets).replace("interval: 15s", "interval: 250ms")
    (folder / "prometheus.yml").write_text(config, encoding="utf-8")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        PROMETHEUS,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as session:
            yield Prometheus(port, session)
    finally:
        process.terminate()
        await process.wait()


@needs_prometheus
def test_the_alerts_do_what_their_own_tests_say() -> None:
    for command in (("check", "config", "prometheus.yml"), ("test", "rules", "alerts_test.yml")):
        done = subprocess.run([PROMTOOL, *command], cwd=ALERTS.parent, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
async def test_each_alert_fires_at_the_bot_that_it_is_about(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        ports = {name: await stack.enter_async_context(probes(bot, 0)) for name, bot in BOTS.items()}
        healthy = Imagined(lambda metrics: metrics.record_answer(JOB, "ok", 0.1))
        well = await stack.enter_async_context(probes(healthy, 0))
        ports["BotDown"] = free_port()
        watching = await stack.enter_async_context(prometheus(tmp_path, [*ports.values(), well]))

        async def go_on() -> None:
            while True:
                for bot in (*BOTS.values(), healthy):
                    bot.happens(bot.metrics)
                await asyncio.sleep(0.1)

        going = asyncio.create_task(go_on())
        wanted = {(name, f"127.0.0.1:{port}") for name, port in ports.items()}

        def firing(told: Any) -> set[tuple[str, str]]:
            return {(one["labels"]["alertname"], one["labels"]["instance"]) for one in told["alerts"]}

        told = await watching.until(lambda told: firing(told) >= wanted, "alerts")
        going.cancel()
    assert firing(told) == wanted
    assert all(
        "{{" not in text and "<no value>" not in text for one in told["alerts"] for text in one["annotations"].values()
    )


@needs_prometheus
async def test_every_panel_of_the_dashboard_shows_something_of_a_real_bot(
    tmp_path: Path, settings: CoreSettings
) -> None:
    async with Core.open(settings) as core, probes(core, 0) as port, prometheus(tmp_path, [port]) as watching:
        await core.sentiment("the cat sat")
        await watching.until(lambda told: bool(told["result"]), "query", query='requests_total{outcome="ok"}')
        await core.sentiment("the dog sat")
        counted = "increase(requests_total[1m]) > 0"
        await watching.until(lambda told: bool(told["result"]), "query", query=counted)
        for expression in expressions():
            for name, value in (("$instance", ".*"), ("$__rate_interval", "1m")):
                expression = expression.replace(name, value)
            found = await watching.ask("query", query=expression)
            assert found["result"], expression


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_the_dashboard_lays_its_panels_out_without_gaps_or_overlaps() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells)) == 24 * (max(y for _, y in cells) + 1)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_every_metric_is_explained_and_shown() -> None:
    guide = (DEPLOY.parent / "docs" / "hosting.md").read_text(encoding="utf-8")
    shown = " ".join(expressions())
    names = set(re.findall(r"^\| `([a-z_]+)", guide.partition("| metric |")[2].partition("\n\n")[0], re.MULTILINE))
    assert names and all(name in shown for name in names)
