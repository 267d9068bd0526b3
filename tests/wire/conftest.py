"""A local Discord with a bot logged in, over real HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import discord
import pytest

from bot.playground import Clock, Limits, LocalDiscord

from .sample_bot import SampleBot

C = TypeVar("C", bound=discord.Client)

# A slow machine may take a while, and no test depends on it: those about deadlines push the clock.
PATIENT = Limits(acknowledge=30, token=120, silence=0.3)


@pytest.fixture
async def local_discord() -> AsyncGenerator[LocalDiscord, None]:
    async with LocalDiscord.open(clock=Clock(), limits=PATIENT) as local:
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


@pytest.fixture
async def sample_bot(local_discord: LocalDiscord) -> AsyncGenerator[SampleBot, None]:
    async with logged_in(SampleBot(), local_discord) as bot:
        yield bot
        assert not bot.errors
