"""Whose turn it is: how many requests of one person are at work at once, and how soon the next may follow."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from core.errors import CoreError


class RateLimited(CoreError):
    """A person asks more, or more often, than the host allows."""


class RateLimiter:
    """Counts the requests of each person.

    Args:
        at_once: The most requests of a person at work at a time.
        pause: Seconds from the start of one to the start of the next.
        clock: Seconds from anywhere.
    """

    def __init__(self, at_once: int, pause: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once, self._pause, self._clock = at_once, pause, clock
        self._at_work: Counter[int] = Counter()
        self._began: dict[int, float] = {}

    def acquire(self, person: int, task: asyncio.Task[Any]) -> None:
        """Begin a request, which ends with its task.

        Raises:
            RateLimited: It has to wait.
        """
        now = self._clock()
        self._began = {who: then for who, then in self._began.items() if now - then < self._pause}
        if self._at_work[person] >= self._at_once:
            raise RateLimited("Your last request is still being worked on: wait for its answer, then try again.")
        if person in self._began:
            seconds = math.ceil(self._began[person] + self._pause - now)
            raise RateLimited("That was quick: try again in {seconds} s.", seconds=seconds)
        self._began[person] = now
        self._at_work[person] += 1
        task.add_done_callback(lambda _: self._end(person))

    def _end(self, person: int) -> None:
        self._at_work[person] -= 1
        if not self._at_work[person]:
            del self._at_work[person]
