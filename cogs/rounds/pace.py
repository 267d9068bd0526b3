"""How often a card is edited while many people press: what they did is shown soon, and at most once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from cogs.rounds.clock import Clock, Handle

PAUSE = 1.0
"""Seconds from the start of one edit to the start of the next."""


class Pace:
    """Runs something soon after it was wanted: never twice at a time, nor twice within `PAUSE`.

    Args:
        clock: The time.
        run: What to run; it shows whatever holds by then, so that nothing that comes while it waits is lost.
    """

    def __init__(self, clock: Clock, run: Callable[[], Awaitable[None]]) -> None:
        self._clock, self._run = clock, run
        self._next = clock.time()
        self._waiting: Handle | None = None
        self._running: asyncio.Task[None] | None = None
        self._wanted = self._stopped = False

    def want(self) -> None:
        """Let it run, as soon as it may."""
        self._wanted = True
        if not (self._waiting or self._running or self._stopped):
            self._waiting = self._clock.call_later(max(0.0, self._next - self._clock.time()), self._begin)

    def stop(self) -> None:
        """Let it not run again; what runs is finished."""
        self._stopped = True
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def go_on(self) -> None:
        """Let it run again."""
        self._stopped = False

    def _begin(self) -> None:
        self._waiting, self._wanted = None, False
        self._running = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        self._next = self._clock.time() + PAUSE
        try:
            await self._run()
        finally:
            self._running = None
            if self._wanted:
                self.want()
