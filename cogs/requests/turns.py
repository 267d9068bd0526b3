"""Whose turn it is to change a card: whoever pressed first, so that the last press is what stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

Turn = Callable[[], Awaitable[None]]
"""Waits until everything that began before is done."""


class Turns:
    """Keeps the changes of each card in order. They are made at the same time; only the last step waits."""

    def __init__(self) -> None:
        self._begun: dict[int, list[asyncio.Event]] = {}

    @contextmanager
    def take(self, card: int) -> Generator[Turn]:
        """Begin to change a card, which ends with the block.

        Args:
            card: The id of its message.
        """
        begun = self._begun.setdefault(card, [])
        earlier, mine = [*begun], asyncio.Event()
        begun.append(mine)

        async def turn() -> None:
            for one in earlier:
                await one.wait()

        try:
            yield turn
        finally:
            mine.set()
            begun.remove(mine)
            if not begun:
                del self._begun[card]
