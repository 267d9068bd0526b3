"""Time and ids in the local Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

DISCORD_EPOCH = 1_420_070_400_000  # milliseconds; snowflakes count from the start of 2015


@dataclass(frozen=True, slots=True)
class Limits:
    """How long Discord waits, in seconds, and how much it allows.

    Attributes:
        acknowledge: From an interaction to the bot's first answer.
        token: From an interaction to the last answer.
        silence: How long a person looks at nothing, after the bot deleted its answer, before they give up.
        starts: How many shards may identify at once.
    """

    acknowledge: float = 3.0
    token: float = 900.0
    silence: float = 1.0
    starts: int = 1


class Clock:
    """The computer's clock, which a test can push forward so that it never has to sleep through a deadline."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._last_id = 0
        self._timers: dict[asyncio.Timeout, float] = {}

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def timestamp(self) -> str:
        """The present moment as Discord writes it."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    def advance(self, seconds: float) -> None:
        """Push the clock forward; whoever waits for a moment that has now passed stops waiting."""
        self._ahead += seconds
        loop_time = asyncio.get_running_loop().time()
        for timer, moment in self._timers.items():
            timer.reschedule(loop_time + moment - self.now())

    @asynccontextmanager
    async def until(self, moment: float) -> AsyncGenerator[None, None]:
        """Raise TimeoutError out of the block once the clock passes `moment`."""
        async with asyncio.timeout(moment - self.now()) as timer:
            self._timers[timer] = moment
            try:
                yield
            finally:
                del self._timers[timer]

    def snowflake(self) -> str:
        """A new Discord id: unique, later than every earlier one, and holding the present moment.

        discord.py reads message ages, cooldowns and the 15 minutes of an interaction from ids.
        """
        stamp = (int(self.now() * 1000) - DISCORD_EPOCH) << 22
        self._last_id = max(stamp, self._last_id + 1)
        return str(self._last_id)
