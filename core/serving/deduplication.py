"""The same question from several people is worked out once, and its answer serves repeats for a while."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from core.errors import Busy, TimedOut
from core.serving.result_cache import freeze, size_of

TTL = 300.0
"""How long an answer serves repeats."""


@dataclass(slots=True, eq=False)
class _Question:
    """A question that is being worked out.

    Attributes:
        answer: Settled by whichever tenant's request succeeds first.
        requests: One for each tenant that asks.
        waiting: How many of each tenant wait for it.
    """

    answer: asyncio.Future[Any]
    requests: dict[Hashable, asyncio.Task[Any]] = field(default_factory=dict[Hashable, "asyncio.Task[Any]"])
    waiting: Counter[Hashable] = field(default_factory=Counter[Hashable])


class Deduplicator:
    """Shares answers between those who ask the same, within one event loop.

    Every tenant that asks has one request in the queue, so that nobody waits behind another's flood for what both want.
    The first request that succeeds answers all of them, only its tenant is charged, and the others are withdrawn. A
    request ends with the last of its tenant's people who waited for it. Its deadline and its place in the queue are
    those of whoever asked first: where it loses them, those who joined it ask once more, with a deadline of their own.

    Answers are several people's: nobody can write to their arrays.

    Args:
        capacity: The most bytes of answers that are kept.
        clock: Seconds that only ever grow.
    """

    def __init__(self, capacity: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._clock = capacity, clock
        self._asked: dict[Hashable, _Question] = {}
        self._kept: OrderedDict[Hashable, tuple[float, int, Any]] = OrderedDict()  # until when, bytes, answer
        self._bytes = 0

    async def run(self, key: Hashable, tenant: Hashable, request: Callable[[], Awaitable[Any]]) -> Any:
        """The answer to a question.

        Args:
            key: Equal for equal questions.
            tenant: Who asks.
            request: Gets the answer; called only if it is needed.

        Raises:
            Exception: What the request of this tenant raised.
        """
        asked = self._asked.get(key)
        if asked and tenant in asked.requests:
            with contextlib.suppress(Busy, TimedOut):
                return await self._share(key, tenant, request)
        return await self._share(key, tenant, request)

    async def _share(self, key: Hashable, tenant: Hashable, request: Callable[[], Awaitable[Any]]) -> Any:
        """What is kept, or comes of the request that its tenant has now or gets here."""
        self._forget()
        if key in self._kept:
            return self._kept[key][2]
        question = self._asked.setdefault(key, _Question(asyncio.get_running_loop().create_future()))
        task = question.requests.get(tenant)
        if task is None or task.done():  # done: it failed, and not all who waited for it have taken notice yet
            task = question.requests[tenant] = asyncio.create_task(self._settle(key, question, request))
        question.waiting[tenant] += 1
        try:
            await asyncio.wait({question.answer, task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            question.waiting[tenant] -= 1
            if not question.waiting[tenant]:
                question.requests.pop(tenant).cancel()
            if not question.requests:
                self._asked.pop(key, None)
        return question.answer.result() if question.answer.done() else task.result()

    async def _settle(self, key: Hashable, question: _Question, request: Callable[[], Awaitable[Any]]) -> Any:
        answer = freeze(await request())
        if not question.answer.done():
            question.answer.set_result(answer)
            self._keep(key, answer)
        return answer

    def _keep(self, key: Hashable, answer: Any) -> None:
        bytes = size_of(answer)
        if bytes <= self._capacity and key not in self._kept:
            self._kept[key] = (self._clock() + TTL, bytes, answer)
            self._bytes += bytes
            self._forget()

    def _forget(self) -> None:
        """Drop what is too old, and the oldest of what is too much."""
        now = self._clock()
        while self._kept and (self._bytes > self._capacity or next(iter(self._kept.values()))[0] <= now):
            self._bytes -= self._kept.popitem(last=False)[1][1]
