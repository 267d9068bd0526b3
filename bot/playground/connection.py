"""A WebSocket that is written to from anywhere, at once and in order."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import zstandard
from aiohttp import WSMsgType, web

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
        # The socket's own close_code cannot be used: it is 1000 also for a line that was cut.
        while (message := await self.socket.receive()).type not in CLOSED:
            if message.type is WSMsgType.TEXT:
                yield message.data
        if message.type is WSMsgType.CLOSE:
            self.goodbye = message.data

    async def write(self) -> None:
        """Send what is queued, for ever or until the socket closes."""
        with suppress(ConnectionError):
            while not isinstance(payload := await self._outbox.get(), int):
                frame = self._encode(json.dumps(payload))
                await (self.socket.send_str(frame) if isinstance(frame, str) else self.socket.send_bytes(frame))
            await self.socket.close(code=payload)


@asynccontextmanager
async def connect(request: web.Request, compression: str | None = None) -> AsyncGenerator[Connection, None]:
    """Accept a WebSocket; `compression` is Discord's name of one, or ``None`` for plain text."""
    socket = web.WebSocketResponse(max_msg_size=LONGEST_FRAME, timeout=CLOSING)
    await socket.prepare(request)
    connection = Connection(request, socket, encoder(compression))
    writer = asyncio.create_task(connection.write())
    try:
        yield connection
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)


def encoder(compression: str | None) -> Encode:
    """A function that turns text into frames. One compressed stream runs through all frames of a connection."""
    if compression == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compression == "zstd-stream":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda text: zstd.compress(text.encode()) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return lambda text: text
