"""A local Discord with a bot logged in, over real HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import aiohttp
import discord
import pytest

from bot.playground import Limits, LocalDiscord
from tests.wire.protocol.sample_bot import SampleBot


class ZlibStream:
    """What discord.py uses where zstandard is not installed: a message ends where the stream was flushed."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    def decompress(self, data: bytes) -> str | None:
        assert data.endswith(b"\x00\x00\xff\xff")
        return self._stream.decompress(data).decode()


C = TypeVar("C", bound=discord.Client)

# No test depends on how fast the machine is: those about deadlines push the clock.
PATIENT = Limits(acknowledge=30, token=120, silence=0.3)


@pytest.fixture
async def local_discord() -> AsyncGenerator[LocalDiscord, None]:
    async with LocalDiscord.open(limits=PATIENT) as local:
        yield local


@asynccontextmanager
async def logged_in(client: C, local: LocalDiscord) -> AsyncGenerator[C, None]:
    """Run any discord.py client against a local Discord, and close it afterwards; its failure is the test's."""
    with local.in_use():
        async with client:
            running = asyncio.create_task(client.start(local.token))
            online = asyncio.create_task(local.online())
            try:
                await asyncio.wait({running, online}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    await running
                assert online.done(), "the bot did not come online"
                yield client
            finally:
                online.cancel()
                await client.close()
                with suppress(asyncio.CancelledError):
                    await running


@pytest.fixture(params=["zlib-stream", "zstd-stream"])
def compression(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs the test once with each compression; name it before `sample_bot`."""
    if request.param == ZlibStream.COMPRESSION_TYPE:
        monkeypatch.setattr(discord.utils, "_ActiveDecompressionContext", ZlibStream)
    return request.param


@pytest.fixture
async def sample_bot(local_discord: LocalDiscord) -> AsyncGenerator[SampleBot, None]:
    async with logged_in(SampleBot(), local_discord) as bot:
        yield bot
        assert bot.errors.empty()


class RawBot:
    """Speaks to the REST API without discord.py, so that it can say what discord.py would never say."""

    def __init__(self, session: aiohttp.ClientSession, local: LocalDiscord) -> None:
        self.session, self.local = session, local

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.local.token}"}
        async with self.session.request(
            method, f"{self.local.url}/api/v10{path}", json=body, headers=headers
        ) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None


@pytest.fixture
async def raw(local_discord: LocalDiscord) -> AsyncGenerator[RawBot, None]:
    async with aiohttp.ClientSession() as session:
        yield RawBot(session, local_discord)


def paths(errors: dict[str, Any], at: str = "") -> set[str]:
    """Where an error of Discord's API says that something is wrong."""
    found = {at.strip(".")} if "_errors" in errors else set[str]()
    return found.union(*(paths(inner, f"{at}.{key}") for key, inner in errors.items() if key != "_errors"))
