"""A WebSocket that is written to from anywhere, at once and in order."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import zstandard
from aiohttp import WSMessage, WSMsgType, web

from bot.playground.payloads import Json

Encode = Callable[[str], str | bytes]
CLOSED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
LONGEST_FRAME = 1 << 20  # bytes
CLOSING = 1.0  # seconds to wait for the other side to say goodbye


class Connection:
    """The server's end of a WebSocket. Get one from `connect`.

    Attributes:
        goodbye: The code with which the other side closed, or ``None`` as long as it has not.
    """

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, encode: Encode) -> None:
        self.socket = socket
        self.goodbye: int | None = None
        self._request = request
        self._encode = encode
        self._outbox: asyncio.Queue[Json | int] = asyncio.Queue()

    def send(self, payload: Json) -> None:
        """Send a payload after all earlier ones."""
        self._outbox.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close the socket with a code, after everything sent so far."""
        self._outbox.put_nowait(code)

    def abort(self) -> None:
        """Cut the line without a goodbye."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def frames(self) -> AsyncIterator[str]:
        """The text frames from the other side, until either side closes."""
        writer = asyncio.create_task(self._write())
        try:
            while (message := await self._heard(writer)) and message.type not in CLOSED:
                if message.type is WSMsgType.TEXT:
                    yield message.data
            if message is None and (code := writer.result()):
                await self.socket.close(code=code)
            elif message and message.type is WSMsgType.CLOSE:
                # The socket's own close_code cannot be used: it is 1000 also for a line that was cut.
                self.goodbye = message.data
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _heard(self, writer: asyncio.Task[int | None]) -> WSMessage | None:
        """The next message; none if this side wants to close.

        Whoever reads has to close, too: aiohttp cuts the line at once when another task closes it, and the other side
        may then take the code for an accident.
        """
        reading = asyncio.create_task(self.socket.receive())
        try:
            await asyncio.wait({reading, writer}, return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else None
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _write(self) -> int | None:
        """Send what is queued, until the line breaks or a code says that it is to be closed."""
        with suppress(ConnectionError):
            while not isinstance(payload := await self._outbox.get(), int):
                frame = self._encode(json.dumps(payload))
                await (self.socket.send_str(frame) if isinstance(frame, str) else self.socket.send_bytes(frame))
            return payload
        return None


@asynccontextmanager
async def connect(request: web.Request, compression: str | None = None) -> AsyncGenerator[Connection, None]:
    """Accept a WebSocket; `compression` is Discord's name of one, or ``None`` for plain text."""
    socket = web.WebSocketResponse(max_msg_size=LONGEST_FRAME, timeout=CLOSING)
    await socket.prepare(request)
    yield Connection(request, socket, encoder(compression))


def encoder(compression: str | None) -> Encode:
    """A function that turns text into frames. One compressed stream runs through all frames of a connection."""
    if compression == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compression == "zstd-stream":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda text: zstd.compress(text.encode()) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return lambda text: text
