"""HTTP for this computer alone: what cannot be read is refused in one line, and nobody holds a socket for ever."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
"""Nobody else reaches this address."""

UNREADABLE = (ConnectionError, web.RequestPayloadError, HttpProcessingError, OSError, UnicodeError)
"""What reading a request, or the file that it names, can end in; the first where nobody is there any more."""

MOST_SILENCE = 20.0
"""Seconds that a connection may take until its first request has come whole."""

LOOK = 5.0
"""Seconds between two looks at the connections."""


@asynccontextmanager
async def serving(
    app: web.Application, listener: socket.socket, *, silence: float = MOST_SILENCE, **options: Any
) -> AsyncGenerator[None]:
    """Serve on a socket of this computer until the block ends.

    Args:
        app: What answers.
        listener: Where.
        silence: Seconds that a connection may take until its first request has come.
        options: Passed on to the runner.
    """
    heard = set[RequestHandler]()

    @web.middleware
    async def readable(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        heard.add(request.protocol)
        try:
            return await handler(request)
        except UNREADABLE as error:
            logger.warning("A request could not be read: %s", type(error).__name__)
            return web.Response(status=400, text="That request cannot be read.")

    app.middlewares.insert(0, readable)
    quiet = logging.getLogger("aiohttp.server")
    runner = web.AppRunner(app, access_log=None, **options)
    await runner.setup()
    watching = asyncio.create_task(_end_silent(runner, heard, silence))
    quiet.addFilter(_without_unreadable)
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        watching.cancel()
        await runner.cleanup()
        quiet.removeFilter(_without_unreadable)


async def _end_silent(runner: web.AppRunner, heard: set[RequestHandler], silence: float) -> None:
    """End connections that have sent no whole request for so long; aiohttp itself waits without end."""
    since: dict[RequestHandler, float] = {}
    while True:
        await asyncio.sleep(min(LOOK, silence / 2))
        now = time.monotonic()
        connections = runner.server.connections if runner.server else []
        heard.intersection_update(connections)
        since = {one: since.get(one, now) for one in connections if one not in heard}
        for connection in (one for one, began in since.items() if now - began > silence):
            connection.force_close()


def _without_unreadable(record: logging.LogRecord) -> bool:
    """A filter for aiohttp's logger, which would log a traceback for every request that is no HTTP."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, UNREADABLE):
        logger.warning("A request could not be read: %s", type(error).__name__)
        return False
    return True
