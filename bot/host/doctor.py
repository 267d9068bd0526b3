"""``attention-bot doctor``: what would keep the bot from working, each with one way to mend it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp
import discord
from discord.http import Route

from bot import server_file
from bot.exit_codes import CONFIGURATION, OK, UNREACHABLE
from bot.failures import NO_NETWORK, NO_TOKEN, PORTAL, explain
from bot.host import computer, ports, room
from bot.settings import Settings, SettingsError

MOST_SKEW = 60.0
"""Seconds that the clock may be off: cooldowns and the 15 minutes of an answer are read from Discord's ids."""

PATIENCE = aiohttp.ClientTimeout(total=15)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was looked at.
        found: What was found.
        fix: How to mend it; empty if all is well.
        code: The exit code that a start would end with; `OK` where it would work all the same.
    """

    name: str
    found: str
    fix: str = ""
    code: int = OK

    @property
    def mark(self) -> str:
        """``ok``, ``look`` where the bot would start all the same, or ``FAIL``."""
        return "ok" if not self.fix else "look" if self.code == OK else "FAIL"


async def examine(say: Callable[[str], object] = print, *, as_json: bool = False) -> int:
    """Look at everything, print it, and return the exit code of the first thing that must be mended.

    Args:
        say: What prints a line.
        as_json: Whether to print one JSON document at the end in the place of a table.
    """
    rows: list[Row] = []
    async for row in _rows():
        rows.append(row)
        if not as_json:
            say(f"{row.mark:4}  {row.name:12}  {row.found}")
        if row.fix and not as_json:
            say(f"{'':20}→ {row.fix}")
    code = next((row.code for row in rows if row.code), OK)
    if as_json:
        found = [{"name": row.name, "mark": row.mark, "found": row.found, "fix": row.fix} for row in rows]
        say(json.dumps({"code": code, "rows": found}, indent=2))
    else:
        say("Something must be mended first." if code else "Nothing would keep the bot from starting.")
    return code


async def _rows() -> AsyncGenerator[Row]:
    try:
        settings = Settings.load()
        yield Row("settings", "all can be used")
    except SettingsError as error:
        settings = Settings()
        for line in str(error).splitlines():
            yield Row("settings", "one cannot be used", line, CONFIGURATION)
    for row in computer_rows(settings):
        yield row
    yield Row("hub", *await computer.hub(settings))
    yield await _device(settings)
    async for row in _discord_rows(settings):
        yield row


def computer_rows(settings: Settings) -> Iterable[Row]:
    """What can be found out on this computer alone, without torch."""
    for name, look in (
        ("versions", computer.versions),
        ("fonts", computer.fonts),
        ("memory", room.memory),
        ("files", room.files),
        ("models", computer.models),
        ("disk", computer.disk),
        ("writable", computer.writable),
        ("servers", server_file.look),
        ("port", ports.play),
        ("metrics", ports.metrics),
    ):
        yield Row(name, *look(settings))


async def _device(settings: Settings) -> Row:
    return Row("device", *await computer.device(settings))


async def _discord_rows(settings: Settings) -> AsyncGenerator[Row]:
    try:
        skew = await _skew()
    except (aiohttp.ClientError, OSError):
        yield Row("network", "Discord does not answer", NO_NETWORK, UNREACHABLE)
        return
    yield Row("network", "Discord answers")
    off = abs(skew) > MOST_SKEW
    yield Row("clock", f"{skew:+.0f} s", "let the system set the time (NTP): it is wrong" if off else "")
    if not settings.token:
        yield Row("token", "none", NO_TOKEN, CONFIGURATION)
        return
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(settings.token)
            about = await client.application_info()
    except Exception as error:
        code, sentence = explain(error)
        yield Row("token", "was not accepted", sentence, code)
        return
    yield Row("token", "was accepted")
    for row in application_rows(about):
        yield row


async def _skew() -> float:
    """Seconds by which this computer's clock is ahead of Discord's."""
    async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(f"{Route.BASE}/gateway") as answer:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    return (discord.utils.utcnow() - theirs).total_seconds()


def application_rows(about: discord.AppInfo) -> Iterable[Row]:
    """What the application is like."""
    yield Row("intents", "none is needed that must be switched on")
    yield Row("application", str(about.id))
    link = discord.utils.oauth_url(about.id, scopes=("bot", "applications.commands"), permissions=discord.Permissions())
    fix = f"switch off “Requires OAuth2 Code Grant” on the Bot page at {PORTAL}" if about.bot_require_code_grant else ""
    yield Row("invite", link, fix)
