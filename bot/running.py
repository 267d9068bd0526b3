"""``python -m bot run``: the bot on Discord."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import discord
from discord import app_commands

from bot.client.bot import Bot, serve
from bot.client.shards import rest_through
from bot.exit_codes import OK
from bot.failures import NoToken
from bot.monitoring.probes import probes
from bot.server_file import ServerFile
from bot.settings import Settings
from core import Core

logger = logging.getLogger(__name__)


async def run(settings: Settings) -> int:
    """Log in to Discord and answer until told to stop; models load first, so that a bot that is online can answer.

    Raises:
        Exception: See `bot.failures.explain`.
    """
    if not settings.token:
        raise NoToken
    stop = stop_on_signals()
    async with AsyncExitStack() as stack:
        servers = await ServerFile.open(settings.server_settings) if settings.server_settings else None
        core = await stack.enter_async_context(Core.open(settings.core()))
        if settings.metrics_port:
            await stack.enter_async_context(probes(core, settings.metrics_port))
        logger.info("Loading the models; the first time they are fetched.")
        if await _done_before(stop, core.warm_up()):
            stop_on_signals(stop)  # once more: Ray's own handlers, put in their place, would print a stack first
            gc.freeze()  # what is loaded stays: looking through it for garbage would stop the event loop for 50 ms
            stack.enter_context(rest_through(settings.rest_proxy))
            await serve(Bot(core, settings, servers), settings.token, stop)
    return OK


async def clear(settings: Settings) -> int:
    """Take the registered commands off Discord: those of the dev guild if one is set, else those for everywhere."""
    if not settings.token:
        raise NoToken
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(settings.token)
        tree = app_commands.CommandTree(client)
        await tree.sync(guild=discord.Object(settings.dev_guild) if settings.dev_guild else None)
    logger.info("The commands are off %s.", "the test server" if settings.dev_guild else "Discord")
    return OK


def stop_on_signals(stop: asyncio.Event | None = None) -> asyncio.Event:
    """An event that SIGINT and SIGTERM set, where the platform allows it; elsewhere Ctrl+C interrupts."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    return stop


async def _done_before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether some work was done before `stop` was set; else it is given up."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
        return True
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return False
