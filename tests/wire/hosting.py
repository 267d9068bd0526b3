"""The bot as a host runs it, with tiny models, logged in to a local Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.client.bot import Bot
from bot.playground import LocalDiscord
from bot.playground.api.rules import walk
from bot.playground.payloads import Json
from bot.settings import Settings
from cogs.requests.server_settings import ServerStore
from core import Core

from .conftest import logged_in

ROLES = {
    "sentiment_model": "bert-classifier",
    "unmask_model": "bert-masked-lm",
    "tokens_model": "bert-masked-lm",
    "attention_model": "bert-masked-lm",
}


def settings(models: Path, **chosen: Any) -> Settings:
    folders = {role: str(models / name) for role, name in ROLES.items()}
    return Settings(**{**folders, "device": "cpu", "runner": "thread", "threads": 1, "drain_seconds": 30, **chosen})


@asynccontextmanager
async def hosted(
    local: LocalDiscord, models: Path, servers: ServerStore | None = None, **chosen: Any
) -> AsyncGenerator[Bot, None]:
    """A process of the bot: a core that keeps nothing of an earlier one, and a bot that logs in."""
    wanted = settings(models, **chosen)
    async with (
        Core.open(wanted.core()) as core,
        logged_in(Bot(core, wanted, servers, guild_ready_timeout=0.1), local) as bot,
    ):
        await bot.wait_until_ready()
        yield bot


def control(message: Json, beginning: str) -> str:
    """The custom_id of the first control of a card that begins like this."""
    ids = [part.get("custom_id", "") for _, part in walk(message["components"])]
    return next(id for id in ids if id.startswith(beginning))


def texts(message: Json) -> str:
    return "\n".join(part["content"] for _, part in walk(message["components"]) if "content" in part)
