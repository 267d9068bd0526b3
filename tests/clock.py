"""A clock that goes only when a test says so, for whatever takes an event loop's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Planned:
    """Something that will happen."""

    moment: float
    callback: Callable[[], Any]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class StoppedClock:
    """Seconds from 0."""

    def __init__(self) -> None:
        self._now = 0.0
        self._planned: list[Planned] = []

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], Any]) -> Planned:
        self._planned.append(Planned(self._now + delay, callback))
        return self._planned[-1]

    def advance(self, seconds: float = 0.0) -> None:
        """Let so many seconds pass, and do what is to be done by then, in its order."""
        end = self._now + seconds
        while due := [one for one in self._planned if one.moment <= end and not one.cancelled]:
            first = min(due, key=lambda one: one.moment)
            self._planned.remove(first)
            self._now = max(self._now, first.moment)
            first.callback()
        self._now = end

    @property
    def waiting(self) -> int:
        """How many things are still to happen."""
        return sum(not one.cancelled for one in self._planned)
