"""``python -m bot play`` and ``ask``: the bot in a local Discord, with no token and no network."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord

from bot.client.bot import Bot, serve
from bot.exit_codes import OK
from bot.playground import LocalDiscord
from bot.playground.ask import ask
from bot.running import stop_on_signals
from bot.settings import Settings
from cogs.requests.server_settings import ServerStore
from core import Core
from core.render.kit.drawing.palette import Theme
from core.serving.runners import Runner


class LocalBot(Bot):
    """The real bot, which hears here what Discord does not tell: in which theme somebody reads. It keeps no file."""

    def __init__(self, local: LocalDiscord, core: Core, settings: Settings, **options: Any) -> None:
        super().__init__(core, settings, ServerStore(), **options)
        self._local = local

    def own_theme(self, interaction: discord.Interaction[Any], unknown: Theme = "dark") -> Theme:
        """The theme of the page on which a person acts."""
        return self._local.world.themes.get(str(interaction.user.id)) or super().own_theme(interaction, unknown)


async def play(settings: Settings, devices: Sequence[Runner] = ()) -> int:
    """Serve the page of a local Discord until told to stop."""
    stop = stop_on_signals()
    async with LocalDiscord.open(settings.port) as local, _bot_in(local, settings, devices) as (core, running):
        warming = asyncio.create_task(core.warm_up())
        sys.stdout.write(f"Open {local.url} in a browser. Ctrl+C ends it.\n")
        sys.stdout.flush()
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
    return OK


async def ask_once(settings: Settings, line: str, out: Path | None, devices: Sequence[Runner] = ()) -> int:
    """Send one command line to the bot in a local Discord and print its answer."""
    async with LocalDiscord.open() as local, _bot_in(local, settings, devices, guild_ready_timeout=0.1) as (_, running):
        online = asyncio.create_task(local.online())
        await asyncio.wait({running, online}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():  # it failed, and never gets online
            online.cancel()
            await running
        return await ask(local, line, out)


@asynccontextmanager
async def _bot_in(
    local: LocalDiscord, settings: Settings, devices: Sequence[Runner] = (), **options: float
) -> AsyncGenerator[tuple[Core, asyncio.Task[None]], None]:
    """The real bot, on the bundled models unless others are set, logged in to a local Discord."""
    stop = asyncio.Event()
    async with Core.open(settings.core(bundled=True), devices) as core:
        with local.in_use():
            running = asyncio.create_task(serve(LocalBot(local, core, settings, **options), local.token, stop))
            try:
                yield core, running
            finally:
                stop.set()
                await running
