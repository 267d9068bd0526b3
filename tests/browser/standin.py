"""A stand-in for the local Discord: it serves the page, speaks its socket, and says only what a test tells it to."""

from __future__ import annotations

import asyncio
import io
import json
import queue
import threading
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from PIL import Image

from . import samples

STATIC = Path(__file__).parents[2] / "bot" / "playground" / "static"
Frame = dict[str, Any]


class StandIn:
    """Runs in a thread of its own, because Selenium blocks the test's."""

    def __init__(self) -> None:
        self.reset()
        self._sockets: set[web.WebSocketResponse] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._started.wait(30)

    def reset(self) -> None:
        """Forget what an earlier test sent and set."""
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.messages: list[Frame] = []
        self.commands: list[Frame] = samples.COMMANDS
        self.language: Frame = {"code": "en", "words": {}}

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(30)

    def send(self, *frames: Frame) -> None:
        """Send frames to every open page."""
        for frame in frames:
            asyncio.run_coroutine_threadsafe(self._send_all(frame), self._loop).result(10)

    def drop(self) -> None:
        """Close the socket of every open page."""
        asyncio.run_coroutine_threadsafe(self._close_all(), self._loop).result(10)

    def next(self, kind: str) -> Frame:
        """Wait for the page to send a frame of this kind; others are passed over."""
        while True:
            frame = self.frames.get(timeout=10)
            if frame["t"] == kind:
                return frame

    def acknowledge(self, frame: Frame) -> None:
        self.send({"t": "interaction", "nonce": frame["nonce"], "state": "acknowledged"})

    def fail(self, frame: Frame, reason: str = "The application did not respond") -> None:
        self.send({"t": "interaction", "nonce": frame["nonce"], "state": "failed", "reason": reason})

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.router.add_get("/", self._index)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/attachments/{name}", self._picture)
        app.router.add_get("/page/socket", self._socket)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._stopping.wait()
        await self._close_all()
        await runner.cleanup()

    async def _index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _picture(self, _: web.Request) -> web.Response:
        encoded = io.BytesIO()
        Image.linear_gradient("L").resize((640, 400)).save(encoded, "PNG")
        return web.Response(body=encoded.getvalue(), content_type="image/png")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        await socket.send_json(self._hello(samples.ADA))
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            self.frames.put(frame)
            if frame["t"] == "act_as":
                user = next(user for user in samples.USERS if user["id"] == frame["user_id"])
                await socket.send_json(self._hello(user))
        self._sockets.discard(socket)
        return socket

    def _hello(self, user: Frame) -> Frame:
        world = {"bot": samples.BOT, "channel": samples.CHANNEL, "guild": samples.GUILD, "users": samples.USERS}
        told = {"commands": self.commands, "language": self.language, "messages": self.messages}
        return {"t": "hello", "user": user, **world, **told}

    async def _send_all(self, frame: Frame) -> None:
        for socket in self._sockets:
            await socket.send_json(frame)

    async def _close_all(self) -> None:
        for socket in list(self._sockets):
            await socket.close()
