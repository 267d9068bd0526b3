"""Several shards and several processes on one local Discord, and the tools that they may share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import aiohttp
import discord
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.client.bot import Bot
from bot.client.shards import SPACING, Starts, rest_through
from bot.playground import Limits, LocalDiscord
from bot.playground.api.rest import PREFIX
from bot.readers import Shards
from core import Core
from tests.bot import process
from tests.wire.conftest import logged_in
from tests.wire.hosting import ROLES, hosted, settings, texts


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.waits.append(seconds)


def starts(clock: Clock, concurrency: int, queue: str = "") -> Starts:
    async def ask() -> int:
        return concurrency

    return Starts(ask, queue, now=lambda: clock.time, sleep=clock.sleep)


async def started(concurrency: int, order: Sequence[int]) -> list[tuple[int, float]]:
    """When each shard has its turn, if they come one after the other."""
    clock = Clock()
    turns, times = starts(clock, concurrency), []
    for shard in order:
        await turns.turn(shard)
        times.append((shard, clock.time))
    return times


async def test_sixteen_at_once_make_a_thousand_shards_sixteen_times_faster() -> None:
    assert (await started(1, range(1000)))[-1] == (999, 999 * SPACING)
    assert (await started(16, range(1000)))[-1] == (999, 62 * SPACING)
    assert (await started(16, range(16)))[-1] == (15, 0.0)


@given(st.integers(1, 8), st.lists(st.integers(0, 40), max_size=60))
async def test_no_bucket_starts_two_shards_within_five_seconds(concurrency: int, order: list[int]) -> None:
    times = await started(concurrency, order)
    for bucket in range(concurrency):
        mine = [time for shard, time in times if shard % concurrency == bucket]
        assert all(later - earlier >= SPACING for earlier, later in pairwise(mine))


@asynccontextmanager
async def web_server(handle: web.RequestHandler) -> AsyncGenerator[str]:
    """The address of a server on loopback."""
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_shared_queue_says_when() -> None:
    asked: list[str] = []

    async def queue(request: web.Request) -> web.Response:
        asked.append(request.query["shard"])
        return web.Response()

    clock = Clock()
    async with web_server(queue) as address:
        turns = starts(clock, 1, address)
        for shard in range(3):
            await turns.turn(shard)
    assert (asked, clock.waits) == (["0", "1", "2"], [])
    await turns.turn(3)  # the queue is gone
    await turns.turn(4)
    assert clock.waits == [0, SPACING]


@pytest.mark.parametrize("concurrency", [1, 16])
async def test_shards_of_one_process(models: Path, concurrency: int) -> None:
    clock = Clock()
    async with LocalDiscord.open(limits=Limits(acknowledge=30, token=120, starts=concurrency)) as local:
        wanted = settings(models, shards=Shards(0, 3, 4))
        async with Core.open(wanted.core()) as core:
            bot = Bot(core, wanted, guild_ready_timeout=0.1)
            bot.starts = Starts(bot.concurrency, now=lambda: clock.time, sleep=clock.sleep)
            async with logged_in(bot, local):
                await bot.wait_until_ready()
                assert {session.shard for session in local.gateway.sessions.values()} == {(n, 4) for n in range(4)}
    assert clock.waits == ([0, 5, 5, 5] if concurrency == 1 else [0, 0, 0, 0])


async def test_processes_share_the_servers_of_one_bot(models: Path) -> None:
    async with (
        LocalDiscord.open(limits=Limits(acknowledge=30, token=120, starts=16)) as local,
        hosted(local, models, shards=Shards(0, 1, 4)) as first,
        hosted(local, models, shards=Shards(2, 3, 4)) as second,
    ):
        await local.until(lambda: len(local.gateway.sessions) == 4)
        assert {session.shard for session in local.gateway.sessions.values()} == {(n, 4) for n in range(4)}
        assert len(first.guilds) + len(second.guilds) == 1
        exchange = await local.command("tokens", {"text": "the cat sat"})
        assert exchange.message and "tokens" in texts(exchange.message)


def proxy(local: LocalDiscord, seen: list[str]) -> web.RequestHandler:
    """Sends every request on to a local Discord, and notes it."""

    async def forward(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.path}")
        url = local.url + request.path_qs
        headers = {key: value for key, value in request.headers.items() if key != "Host"}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(request.method, url, data=await request.read(), headers=headers) as answer,
        ):
            kept = {
                key: value
                for key, value in answer.headers.items()
                if key not in ("Content-Length", "Transfer-Encoding")
            }
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)

    return forward


async def test_a_host_names_a_proxy_and_a_queue(tmp_path: Path, models: Path) -> None:
    """In a process of its own: both are used where their settings name them, for everything that they are there for."""
    seen, turns = list[str](), list[str]()

    async def queue(request: web.Request) -> web.Response:
        turns.append(f"{request.method} {request.path_qs}")
        return web.Response()

    folders = {role.upper(): str(models / name) for role, name in ROLES.items()}
    async with (
        LocalDiscord.open(limits=Limits(acknowledge=30, token=120)) as local,
        web_server(proxy(local, seen)) as rest,
        web_server(queue) as identify,
    ):
        given = {"DISCORD_TOKEN": local.token, "REST_PROXY": rest, "IDENTIFY_QUEUE": identify, "SHARDS": "2"}
        async with process.started(
            tmp_path, "run", local=local, launch=process.IMAGINED, **folders, **given
        ) as running:
            await process.online(running, local)
            await local.until(lambda: len(local.gateway.sessions) == 2)
            exchange = await local.command("sentiment", {"text": "A fine day."})
            running.terminate()
            end = await process.ended(running)
    assert end.code == 0, end.said
    assert exchange.failed is None and exchange.message
    assert turns == ["GET /?shard=0", "GET /?shard=1"]
    assert {entry.split("/")[3] for entry in seen} >= {"users", "applications", "interactions", "webhooks"}


async def test_every_request_goes_through_the_proxy(local_discord: LocalDiscord, models: Path) -> None:
    seen: list[str] = []
    async with web_server(proxy(local_discord, seen)) as address, Core.open(settings(models).core()) as core:
        bot = Bot(core, settings(models), guild_ready_timeout=0.1)
        async with bot:
            with local_discord.in_use(), rest_through(address):
                base = discord.http.Route.BASE
                assert base == address + PREFIX
                await bot.login(local_discord.token)
                running = asyncio.create_task(bot.connect())
                await local_discord.online()
                exchange = await local_discord.command("sentiment", {"text": "A fine day."})
                await bot.close()
                await running
    assert exchange.failed is None and exchange.message
    assert {entry.split("/")[3] for entry in seen} >= {"users", "gateway", "applications", "interactions", "webhooks"}
