"""`Core`: opened, it answers (`core.answers`), keeps its answers for a while, and draws them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol, Self

from core.answers import Answers
from core.errors import DeviceFailed, TimedOut
from core.results import Drawing, Result, Table
from core.serving.devices import open_runners
from core.serving.executor import Executor
from core.serving.metrics import Metrics
from core.serving.result_cache import ResultCache
from core.serving.runners import Runner
from core.settings import CoreSettings

logger = logging.getLogger(__name__)

DRAIN = 10.0
"""Seconds that running requests get when a core closes."""

TRIES = 10
"""Times that the models are asked at the start: devices that cannot be used say so before."""


class View(Protocol):
    """A picture that can be drawn: see `core.render`."""

    def draw(self) -> Drawing:
        """Draw it."""
        ...

    def table(self) -> Table:
        """Give its numbers as text."""
        ...


class Core(Answers):
    """Answers requests. Open one with `Core.open`."""

    def __init__(
        self, settings: CoreSettings, executor: Executor, drawing: ThreadPoolExecutor, metrics: Metrics
    ) -> None:
        super().__init__(settings, executor, metrics)
        self._drawing = drawing
        self._results = ResultCache(settings.keep_mib << 20)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: CoreSettings | None = None, runners: Sequence[Runner] = ()
    ) -> AsyncGenerator[Self, None]:
        """A core that works until the block ends; then what runs is finished and the devices are closed.

        Args:
            settings: What the host chose.
            runners: Devices to take in the place of those that the settings name.
        """
        settings = settings or CoreSettings()
        with ThreadPoolExecutor(1, thread_name_prefix="drawing") as drawing:
            metrics = Metrics()
            executor = Executor(
                runners or open_runners(settings),
                budget=settings.batch_tokens,
                capacity=settings.queue_tokens,
                metrics=metrics,
            )
            watching = asyncio.create_task(metrics.watch_event_loop())
            try:
                yield cls(settings, executor, drawing, metrics)
            finally:
                watching.cancel()
                await executor.close(DRAIN)

    async def warm_up(self) -> None:
        """Fetch and load every model, and run each once, so that nobody has to wait for that later.

        Raises:
            DeviceFailed: The devices are still not ready after `TRIES` times as long as a request may take.
        """
        for _ in range(TRIES):
            asks = (
                self.sentiment("Ready."),
                self.unmask("This is ___."),
                self.tokens("Ready."),
                self.attention("Ready."),
            )
            failures = [
                one for one in await asyncio.gather(*asks, return_exceptions=True) if isinstance(one, Exception)
            ]
            if not failures:
                return
            if worse := [one for one in failures if not isinstance(one, TimedOut)]:
                raise worse[0]
            logger.warning("The models are still being loaded.")
        raise DeviceFailed

    async def draw(self, view: View) -> Drawing:
        """Draw a picture, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._drawing, view.draw)

    def keep(self, result: Result, key: str = "") -> str:
        """Keep a result for later, within bounds, under `key` if it had one before; returns the key for `recall`."""
        return self._results.keep(result, key)

    def recall(self, key: str) -> Result:
        """A kept result.

        Raises:
            Expired: It is no longer kept.
        """
        return self._results.get(key)
