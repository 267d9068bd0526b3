"""Requests that are none, on real sockets: each is refused with a 4xx, none leaves a traceback or holds its socket."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.loopback import HOST, serving
from bot.playground import LocalDiscord

CALLBACK = "POST /api/v10/interactions/1/x/callback HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
SOCKET = "GET /page/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
GET = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n"
NESTED = "[" * 100_000

REQUESTS = {
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n",
    "no HTTP": "hello\r\n\r\n",
    "a header without a colon": "GET / HTTP/1.1\r\nHost 127\r\n\r\n",
    "a long header": GET.format("/", f"X: {'a' * 100_000}\r\n"),
    "a long path": GET.format("/" + "a" * 100_000, ""),
    "a long name of a file": GET.format("/static/" + "a" * 5000, ""),
    "a NUL": GET.format("/\0", ""),
    "a NUL in a file's name": GET.format("/static/%00", ""),
    "half a character": GET.format("/static/%ff%fe", ""),
    "out of the folder": GET.format("/static/../../../../etc/passwd", ""),
    "out of the folder, encoded": GET.format("/static/%2e%2e/%2e%2e/page.py", ""),
    "an address that is none": GET.format("http://[evil/", ""),
    "no path": "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a proxy": "CONNECT a:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "an expectation": GET.format("/", "Expect: nothing\r\n"),
    "a range that is none": GET.format("/", "Range: bytes=9-1,a\r\n"),
    "a negative length": "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
    "two lengths": f"{CALLBACK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that are none": f"{CALLBACK}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "packed, but not": f"{CALLBACK}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "no JSON": f"{CALLBACK}Content-Length: 3\r\n\r\nabc",
    "another JSON": f"{CALLBACK}Content-Length: 2\r\n\r\n[]",
    "nested JSON": f"{CALLBACK}Content-Length: {len(NESTED)}\r\n\r\n{NESTED}",
    "parts without a boundary": f"{CALLBACK}Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
    "no parts": f"{CALLBACK}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\nabc",
    "no token": GET.format("/api/v10/gateway/bot?%%%=1", ""),
    "no upgrade": f"{SOCKET}\r\n",
    "a key that is none": SOCKET + UPGRADE.format(key="abc"),
    "no upgrade to the gateway": GET.format("/gateway", ""),
}
CUT = {
    "a line": "GET / HT",
    "a body": f"{CALLBACK}Content-Length: 100\r\n\r\nabc",
    "parts": f"{CALLBACK}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100\r\n\r\n--x\r\nabc",
    "a frame": SOCKET + UPGRADE.format(key="dGhlIHNhbXBsZSBub25jZQ==") + "\x01\x02\x03\x04",
    "a frame of the gateway": GET.format("/gateway", UPGRADE.format(key="dGhlIHNhbXBsZSBub25jZQ==")) + "\x01\x02",
}


@pytest_asyncio.fixture
async def local() -> AsyncGenerator[LocalDiscord]:
    async with LocalDiscord.open() as opened:
        yield opened


async def first_line(url: str, request: str, *, cut: bool = False) -> bytes:
    """The first line of the answer; nothing if the sender leaves in the middle."""
    reader, writer = await asyncio.open_connection(HOST, int(url.rpartition(":")[2]))
    writer.write(request.encode("latin-1"))
    await writer.drain()
    line = b"" if cut else await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    return line


async def wait_for_end(url: str, request: bytes) -> bytes:
    """What comes until the server ends the connection."""
    reader, writer = await asyncio.open_connection(HOST, int(url.rpartition(":")[2]))
    writer.write(request)
    said = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return said


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]


@pytest.mark.parametrize("name", REQUESTS)
async def test_what_cannot_be_read_is_refused(name: str, local: LocalDiscord, caplog: pytest.LogCaptureFixture) -> None:
    line = await first_line(local.url, REQUESTS[name])
    assert line.split()[1].startswith(b"4"), line
    assert not tracebacks(caplog)
    assert (await first_line(local.url, GET.format("/", ""))).split()[1] == b"200"


@pytest.mark.parametrize("name", CUT)
async def test_who_leaves_in_the_middle_is_not_missed(
    name: str, local: LocalDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    await first_line(local.url, CUT[name], cut=True)
    for _ in range(20):
        assert (await first_line(local.url, GET.format("/", ""))).split()[1] == b"200"
    assert not tracebacks(caplog)


async def test_a_nested_frame_is_answered_with_a_sentence(local: LocalDiscord) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{local.url}/page/socket", origin=local.url) as line,
    ):
        await line.send_str(NESTED)
        while (frame := await line.receive_json(timeout=30))["t"] != "error":
            pass
        assert "cannot be understood" in frame["reason"]


async def test_who_sends_nothing_is_let_go_and_who_asks_is_not() -> None:
    async def slow(_request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response(text="at last")

    app = web.Application()
    app.router.add_get("/", slow)
    with socket.create_server((HOST, 0)) as listener:
        async with serving(app, listener, silence=0.2):
            url = f"http://{HOST}:{listener.getsockname()[1]}"
            silent, half = await asyncio.gather(wait_for_end(url, b""), wait_for_end(url, b"GET / HT"))
            assert (silent, half) == (b"", b"")
            assert (await first_line(url, GET.format("/", ""))).split()[1] == b"200"
