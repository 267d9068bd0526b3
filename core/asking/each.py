"""Any number of texts, asked about one after the other and several at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sized
from contextlib import nullcontext
from copy import copy
from itertools import count, islice
from typing import Any, TypeVar

from tqdm import tqdm

from core.errors import Busy, CoreError

T = TypeVar("T")

AT_ONCE = 64
"""Texts that wait for an answer together: enough for devices to share batches, and few for the queue."""

PAUSE = 1.0
"""Seconds at most until a text is offered again that the queue had no room for."""


async def each(
    texts: Iterable[str], ask: Callable[[str], Awaitable[T]], progress: bool = False
) -> AsyncGenerator[T, None]:
    """The answers to texts, in their order.

    Raises:
        CoreError: A text cannot be answered; a note says which. Those behind it are not asked about any more.
    """
    numbered, running = zip(count(1), texts, strict=False), deque[asyncio.Task[T]]()
    total = len(texts) if isinstance(texts, Sized) else None
    with tqdm(total=total, unit="text") if progress else nullcontext() as bar:
        try:
            while True:
                room = AT_ONCE - len(running)
                running += [asyncio.create_task(_ask(ask, text, number)) for number, text in islice(numbered, room)]
                if not running:
                    return
                answer = await running[0]
                running.popleft()
                if bar is not None:
                    bar.update()
                yield answer
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _ask(ask: Callable[[str], Awaitable[Any]], text: str, number: int) -> Any:
    """Ask about a text, as often as the queue has no room for it."""
    while True:
        try:
            return await ask(text)
        except Busy as busy:
            await asyncio.sleep(min(busy.seconds, PAUSE))
        except CoreError as error:
            noted = copy(error)  # others may hold it as well, such as a refusal that is remembered
            noted.add_note(f"This was text number {number:,}.")
            raise noted.with_traceback(error.__traceback__) from error.__cause__
