"""What many need of one thing is got once: kept for ever, and a refusal for a while."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

from core.errors import ModelUnavailable

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

REFUSED = 180.0
"""Seconds for which a refusal is remembered: nobody mends a model within a moment, but somebody may."""


class Once(Generic[Key, Value]):
    """Gets each thing once, for all who want it meanwhile and later, within one event loop.

    All who wait get the same outcome at once. Getting goes on when they have left, for the sake of the next. A
    `ModelUnavailable` is remembered for `REFUSED` seconds, and whatever else fails is tried anew.

    Args:
        clock: Seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tasks: dict[Key, asyncio.Task[Value]] = {}
        self._until: dict[Key, float] = {}  # when a task is out of date

    def known(self, key: Key) -> Value | None:
        """What was got already."""
        task = self._tasks.get(key)
        got = task and task.done() and not task.cancelled() and not task.exception()
        return task.result() if task and got else None

    async def get(self, key: Key, request: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """What was got, or is got now.

        Args:
            key: Equal for equal things.
            request: Gets it; called only if it is needed.

        Raises:
            Exception: What the request raised.
        """
        if self._until.get(key, -math.inf) <= self._clock():
            self._until[key] = math.inf
            self._tasks[key] = asyncio.create_task(request())
            self._tasks[key].add_done_callback(partial(self._settle, key))
        task = self._tasks[key]
        if not task.done():
            await asyncio.wait({task})  # which leaves the task alone when whoever waits is cancelled
        return task.result()

    def _settle(self, key: Key, task: asyncio.Task[Value]) -> None:
        if task.cancelled():
            self._until[key] = -math.inf
        elif error := task.exception():
            self._until[key] = self._clock() + REFUSED if isinstance(error, ModelUnavailable) else -math.inf
