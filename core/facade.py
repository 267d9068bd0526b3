"""`Core`: opened, it answers (`core.asking`), keeps its answers for a while, and draws them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Literal, Protocol, Self

from core.asking.lessons import Lessons
from core.blocking import BlockingCore
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

OPENED = (
    "A core is opened before it answers: `async with Core.open(settings) as core:`, in a notebook "
    "`core = await Core.start(settings)`, without await `with Core.blocking(settings) as core:`."
)
"""What whoever makes one by hand is told: it has no devices."""


class View(Protocol):
    """A picture that can be drawn: see `core.render`."""

    def draw(self) -> Drawing:
        """Draw it."""
        ...

    def table(self) -> Table:
        """Give its numbers as text."""
        ...


class Core(Lessons):
    """Answers questions about texts: sentiment, masked words, tokens, attention.

    In a program it lives as long as a block, and then closes its devices:

        async with Core.open(CoreSettings.bundled()) as core:
            answer = await core.sentiment("I loved every minute of it.")

    In a notebook it lives across cells, until it is closed:

        core = await Core.start(CoreSettings.bundled())
        await core.sentiment("I loved every minute of it.")
        await core.close()

    Without ``await``, in a script, on a loop of its own:

    >>> from core import Core, CoreSettings
    >>> with Core.blocking(CoreSettings.bundled()) as core:
    ...     core.tokens("Transformer models are powerful.")
    <Tokenization: 8 tokens · “Transformer models are powerful.” · bundled/bert-base-cased>

    Every question is a method of `core.asking.answers.Answers`, or of `core.asking.side_by_side.SideBySide` for two
    models, or of `core.asking.lessons.Lessons` for a course; results show themselves in a notebook, and `core.show`
    draws them.
    """

    def __init__(
        self,
        settings: CoreSettings | None = None,
        executor: Executor | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        if settings is None or executor is None or metrics is None:
            raise TypeError(OPENED)
        super().__init__(settings, executor, metrics)
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._results = ResultCache(settings.keep_mib << 20)
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, settings: CoreSettings | None = None, runners: Sequence[Runner] = ()) -> Self:
        """A core that works until `close`, such as across the cells of a notebook.

        Args:
            settings: What the host chose.
            runners: Devices to take in the place of those that the settings name.
        """
        settings, metrics = settings or CoreSettings(), Metrics()
        executor = Executor(
            runners or open_runners(settings),
            budget=settings.batch_tokens,
            capacity=settings.queue_tokens,
            metrics=metrics,
        )
        try:
            core = cls(settings, executor, metrics)
        except BaseException:
            await executor.close(DRAIN)
            raise
        core._watching = asyncio.create_task(metrics.watch_event_loop())
        return core

    async def close(self) -> None:
        """Finish what runs, and close the devices. A second time it does nothing."""
        if self._closed:
            return
        try:
            if self._watching:
                self._watching.cancel()
            self._hub.close()
            await self._executor.close(DRAIN)
        finally:
            self._closed = True
            self._drawing.shutdown()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: CoreSettings | None = None, runners: Sequence[Runner] = ()
    ) -> AsyncGenerator[Self, None]:
        """A core that works until the block ends; then it is closed: see `start` and `close`."""
        core = await cls.start(settings, runners)
        try:
            yield core
        finally:
            await core.close()

    @classmethod
    def blocking(cls, settings: CoreSettings | None = None) -> BlockingCore:
        """A core for code without ``await``; use it in a ``with`` block, or close it."""
        return BlockingCore(cls.open(settings))

    async def warm_up(self) -> None:
        """Fetch and load every model, and run each once, so that nobody has to wait for that later.

        Raises:
            DeviceFailed: The devices are still not ready after `TRIES` times as long as a request may take.
        """
        for _ in range(TRIES):
            asks = (
                self.sentiment("Ready."),
                self.unmask("This is ___."),
                self.write("Ready.", count=0),
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

    async def draw(self, view: View, format: Literal["png", "svg"] = "png") -> Drawing:
        """Draw a picture off the event loop, if wanted as a vector picture. Without a core, ``view.draw()`` does it.

        Raises:
            BadInput: A film is wanted as a vector picture.
        """
        self._check_open()
        drawing = await asyncio.get_running_loop().run_in_executor(self._drawing, view.draw)
        return await asyncio.to_thread(drawing.as_svg) if format == "svg" else drawing

    def keep(self, result: Result, key: str = "") -> str:
        """Keep a result for later, within bounds, under `key` if it had one before; returns the key for `recall`."""
        return self._results.keep(result, key)

    def recall(self, key: str) -> Result:
        """A kept result.

        Raises:
            Expired: It is no longer kept.
        """
        return self._results.get(key)
