"""The time by which rounds go: that of the event loop, unless a test has its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Handle(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """Let it not happen."""
        ...


class Clock(Protocol):
    """What an event loop offers for this."""

    def time(self) -> float:
        """Seconds from anywhere."""
        ...

    def call_later(self, delay: float, callback: Callable[[], Any]) -> Handle:
        """Call something after so many seconds."""
        ...
