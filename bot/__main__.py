"""The commands that people start: ``python -m bot run | play | ask``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import discord

from bot.client import Bot, serve
from bot.playground import LocalDiscord
from bot.playground.ask import ask
from bot.settings import Settings, SettingsError
from core import Core
from core.errors import CoreError

OK, FAILED = 0, 1
CONFIGURATION = os.EX_CONFIG if sys.platform != "win32" else 78
"""Tells supervisors that starting again will not help."""

NO_TOKEN = (
    "There is no DISCORD_TOKEN: copy .env.example to .env and paste the bot's token there, "
    "or try everything without one: python -m bot play"
)
REJECTED = "Discord rejected the token: reset it on the Bot page of the application and paste the new one into .env."
NO_NETWORK = "Discord cannot be reached: check the network connection of this computer."


def main() -> int:
    """Do what the command line says and return the exit code."""
    chosen = _parser().parse_args()
    try:
        settings = Settings.load()
        _log(settings.log_level if chosen.command != "ask" else "WARNING")
        match chosen.command:
            case "run":
                return asyncio.run(run(settings))
            case "play":
                return asyncio.run(play(settings))
            case _:
                return asyncio.run(ask_once(settings, chosen.line, chosen.out))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return CONFIGURATION
    except CoreError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED


async def run(settings: Settings) -> int:
    """Log in to Discord and answer until told to stop; models load first."""
    if not settings.token:
        print(NO_TOKEN, file=sys.stderr)
        return CONFIGURATION
    stop = _stop_on_signals()
    async with Core.open(settings.core()) as core:
        await core.warm_up()
        try:
            await serve(Bot(core, settings), settings.token, stop)
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired):
            print(REJECTED, file=sys.stderr)
            return CONFIGURATION
        except OSError:
            print(NO_NETWORK, file=sys.stderr)
            return FAILED
    return OK


async def play(settings: Settings) -> int:
    """Serve the page of a local Discord until told to stop."""
    stop = _stop_on_signals()
    async with LocalDiscord.open(settings.port) as local, _bot_in(local, settings) as (core, running):
        warming = asyncio.create_task(core.warm_up())
        print(f"Open {local.url} in a browser. Ctrl+C ends it.", flush=True)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
    return OK


async def ask_once(settings: Settings, line: str, out: Path | None) -> int:
    """Send one command line to the bot in a local Discord and print its answer."""
    async with LocalDiscord.open() as local, _bot_in(local, settings, guild_ready_timeout=0.1):
        await local.online()
        return await ask(local, line, out)


@asynccontextmanager
async def _bot_in(
    local: LocalDiscord, settings: Settings, **options: float
) -> AsyncGenerator[tuple[Core, asyncio.Task[None]], None]:
    """The real bot, on the bundled models unless others are set, logged in to a local Discord."""
    stop = asyncio.Event()
    async with Core.open(settings.core(bundled=True)) as core:
        with local.in_use():
            running = asyncio.create_task(serve(Bot(core, settings, **options), local.token, stop))
            try:
                yield core, running
            finally:
                stop.set()
                await running


def _stop_on_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set, where the platform allows it; elsewhere Ctrl+C interrupts."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    return stop


def _log(level: str) -> None:
    """Log to stderr; discord.py never below INFO, for at DEBUG it logs whole payloads, which hold user text."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # this bot has no voice
    discord.utils.setup_logging(level=getattr(logging, level), root=True)
    for name, least in (("discord", logging.INFO), ("discord.http", logging.WARNING), ("aiohttp", logging.WARNING)):
        logging.getLogger(name).setLevel(max(least, getattr(logging, level)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="A Discord bot that looks inside transformers.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="log in to Discord and answer")
    commands.add_parser("play", help="a page that looks like Discord, with the real bot: no token, no network")
    asking = commands.add_parser("ask", help="one command, one answer, in the terminal: no token, no network")
    asking.add_argument("line", help='such as "/attention text:The cat sat"')
    asking.add_argument("--out", type=Path, help="a folder for the pictures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
