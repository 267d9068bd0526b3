"""Many connections to Discord: whose turn it is to start one, and what several processes may share for that."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Generator

import aiohttp
from discord.http import Route

logger = logging.getLogger(__name__)

SPACING = 5.0
"""Seconds between two shards of a bucket: https://docs.discord.com/developers/events/gateway#rate-limiting"""

QUEUED = 7200.0
"""Seconds that a shard may wait in a shared queue: a thousand shards, one by one, take 83 minutes."""


class Starts:
    """Whose turn it is to identify: of the shards with the same ``id % concurrency`` one every five seconds.

    Args:
        concurrency: Asks Discord how many shards of this bot may identify at once.
        queue: The address of a queue that all processes of the bot share (twilight's gateway-queue): it answers
            ``GET ?shard=ID`` when it is that shard's turn. Empty for none; each process then counts by itself.
        now: The time in seconds.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        concurrency: Callable[[], Awaitable[int]],
        queue: str = "",
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._concurrency, self._queue, self._now, self._sleep = concurrency, queue, now, sleep
        self._buckets = 0
        self._free: dict[int, float] = {}

    async def turn(self, shard: int) -> None:
        """Wait for the turn of a shard."""
        if self._queue and await self._queued(shard):
            return
        self._buckets = self._buckets or await self._concurrency()
        bucket = shard % self._buckets
        start = max(self._now(), self._free.get(bucket, 0.0))
        self._free[bucket] = start + SPACING
        await self._sleep(start - self._now())

    async def _queued(self, shard: int) -> bool:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=QUEUED)) as session,
                session.get(self._queue, params={"shard": shard}, raise_for_status=True),
            ):
                return True
        except (aiohttp.ClientError, TimeoutError):
            logger.warning("The queue at IDENTIFY_QUEUE does not answer: shard %d goes without it.", shard)
            return False


@contextlib.contextmanager
def rest_through(proxy: str) -> Generator[None]:
    """Send every request to Discord through a proxy that all processes share (nirn-proxy), until the block ends."""
    before = Route.BASE
    if proxy:
        Route.BASE = f"{proxy.rstrip('/')}/api/v10"
    try:
        yield
    finally:
        Route.BASE = before
