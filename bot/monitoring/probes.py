"""What monitoring asks on this computer: ``/metrics``, ``/healthz`` and ``/readyz`` on a port of loopback."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.failures import PortTaken
from bot.loopback import HOST, serving
from bot.monitoring.exposition import exposition
from core import Core

STUCK = 5.0
"""Seconds of lag from which the event loop counts as stuck: Discord would drop the connection not much later."""


@asynccontextmanager
async def probes(core: Core, port: int) -> AsyncGenerator[int]:
    """Answer until the block ends; yields the port, which for 0 is any that is free.

    Raises:
        PortTaken: Another program uses the port.
    """

    async def metrics(_request: web.Request) -> web.Response:
        written = exposition(core.metrics, core.snapshot())
        return web.Response(body=written, headers={"Content-Type": "text/plain; version=0.0.4"})

    async def live(_request: web.Request) -> web.Response:
        return _verdict(core.metrics.lag < STUCK, "the event loop is stuck")

    async def ready(_request: web.Request) -> web.Response:
        return _verdict(await core.ready(), "no device answers")

    app = web.Application()
    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", live), web.get("/readyz", ready)])
    try:
        listener = socket.create_server((HOST, port))
    except OSError:
        raise PortTaken(f"Port {port} is in use: set METRICS_PORT to another.") from None
    with listener:
        async with serving(app, listener):
            yield listener.getsockname()[1]


def _verdict(good: bool, why: str) -> web.Response:
    return web.Response(text="ok\n") if good else web.Response(status=503, text=f"{why}\n")
