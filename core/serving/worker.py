"""One device and the thread that owns it: it runs batches, and finds out who is to blame when one fails."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput, CoreError, DeviceFailed, OutOfMemory, describe, is_failure
from core.serving.runners import Loaded, Runner, RunnerDied, RunnerOutOfMemory
from core.serving.tenants import Member, Request

logger = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds between the tries to restart a device that does not come back; the last one repeats."""


@dataclass(slots=True, eq=False, kw_only=True)
class Call(Request):
    """A request with somebody who awaits its outcome.

    Attributes:
        payload: What the runner gets.
        timeout: Seconds after which the outcome is of no use; the deadline follows from it.
        expected: Seconds that it takes at least, where its size does not tell.
        future: The outcome, on the event loop of whoever asks: a result, or an exception as a value.
        crashes: How often the device died while it ran.
        since: When it was asked.
    """

    payload: Any
    timeout: float | None = None
    expected: float = 0.0
    future: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    crashes: int = 0
    since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        Request.__post_init__(self)
        self.tenant, self.person = Member.of(self.tenant)
        self.deadline = math.inf if self.timeout is None else self.since + self.timeout


def settle(calls: Iterable[Call], outcomes: Iterable[Any]) -> None:
    """Hand outcomes to the callers' event loops, from any thread. Whoever was settled before or has left is skipped."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for call, outcome in zip(calls, outcomes, strict=True):
        loops.setdefault(call.future.get_loop(), []).append((call.future, outcome))
    for loop, pairs in loops.items():  # waking a loop costs more than a result: once for the whole batch
        with contextlib.suppress(RuntimeError):  # a closed loop has nobody left who waits
            loop.call_soon_threadsafe(_resolve, pairs)


def fail(calls: list[Call], error: CoreError) -> None:
    """Settle all the calls with one error."""
    settle(calls, [error] * len(calls))


def _resolve(pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in pairs:
        if not future.done():
            future.set_result(outcome)


class Worker:
    """A thread that keeps one device busy.

    Args:
        runner: The device. Nothing else may touch it.
        limit: The most padded tokens it may get at once.
        take: Waits for the next batch, puts it into `batch` and tells whether there is one.
        predict: Tells how many seconds a batch should take.
        learn: Told of every batch that succeeded, the seconds that it took and the tokens of its padding.
        on_down: Called when the device is out of service: it could not be restarted, or the thread ends.
        closing: Set when the executor closes.

    Attributes:
        budget: The padded tokens it may get now: less than `limit` for a while after a batch did not fit.
        batch: What it is working on.
        failures: How often in a row it could not be restarted; 0 while in service.
        healthy: Whether its last batch succeeded.
        deaths: How often it died at work.
        overflows: How many batches did not fit into its memory.
    """

    def __init__(
        self,
        runner: Runner,
        limit: int,
        take: Callable[[Worker], bool],
        predict: Callable[[list[Call]], float],
        learn: Callable[[list[Call], float, int], None],
        on_down: Callable[[], None],
        closing: threading.Event,
    ) -> None:
        self.budget = limit
        self.batch: list[Call] = []
        self.failures = self.deaths = self.overflows = 0
        self.healthy = False
        self.thread = threading.Thread(target=self._serve, name="device", daemon=True)
        self._runner, self._limit = runner, limit
        self._take, self._predict, self._learn, self._on_down, self._closing = take, predict, learn, on_down, closing
        self._death: RunnerDied | None = None  # since which it has not been restarted

    @property
    def name(self) -> str:
        """What its device is called, once that is known."""
        return self._runner.name

    @property
    def loaded(self) -> Mapping[Any, Loaded]:
        """What its device has loaded, by key."""
        return self._runner.loaded

    @property
    def memory(self) -> int:
        """Bytes that its device's own process holds now."""
        return self._runner.memory

    def _serve(self) -> None:
        try:
            while self._recover() and self._take(self):
                self._work_off()
        finally:
            self.failures += 1
            self._on_down()
            self._runner.close()

    def _work_off(self) -> None:
        try:
            self._execute(self.batch)
        except BaseException as error:  # even SystemExit: the thread must not die and leave its callers waiting
            logger.error("A device's thread met %s", describe(error))
            fail(self.batch, DeviceFailed())

    def _recover(self) -> bool:
        """Bring a dead device back, with growing pauses; false if the executor closes meanwhile."""
        while self._death:
            if self._closing.is_set():
                return False
            if not self._restart():
                self._on_down()
                self._closing.wait(PAUSES[min(self.failures, len(PAUSES)) - 1])
        return True

    def _restart(self) -> bool:
        try:
            self._runner.restart()
        except Exception as error:
            self.failures += 1
            reason = str(error) if isinstance(error, RunnerDied) else describe(error)
            logger.error("A device could not be restarted (%d in a row): %s", self.failures, reason)
        else:
            self._death, self.failures = None, 0
        return not self._death

    def _execute(self, batch: list[Call]) -> None:
        """Run a batch; what fails is run again in smaller parts, until only the guilty have failed."""
        parts = [batch]
        crashes = 0
        while parts:
            part = [call for call in parts.pop() if not call.future.done()]  # the others have left
            if not part:
                continue
            if self._death and (crashes >= self._death.limit or not self._restart()):
                for lost in (part, *parts):
                    fail(lost, DeviceFailed())
                return
            parts += reversed(self._attempt(part))
            crashes = crashes + 1 if self._death else 0

    def _attempt(self, part: list[Call]) -> list[list[Call]]:
        """Run some calls together and settle them; where that is not possible, return the parts to run instead."""
        self.healthy = False
        half, start = (len(part) + 1) // 2, time.monotonic()
        try:
            payloads, expected = [call.payload for call in part], self._predict(part)
            results = list(self._runner.run(part[0].key, payloads, expected))
            if len(results) != len(part):
                raise RuntimeError("the number of results differs from the number of payloads")
        except RunnerDied as error:
            self.deaths += 1
            logger.error("A device died in a batch of %d: %s", len(part), error)
            return self._suspect(part, error)
        except RunnerOutOfMemory:
            self._shrink(part)
            outcome, size = OutOfMemory(), half
        except BaseException as error:
            if not is_failure(error):
                raise
            shared = isinstance(error, CoreError) and not isinstance(error, BadInput)  # the same for every payload
            outcome, size = _told(error), len(part) if shared else half
        else:
            self._learn(part, time.monotonic() - start, self._runner.padding)
            self.healthy = True
            self.budget = min(self._limit, self.budget + self._limit // 64 + 1)
            settle(part, [_told(result) if isinstance(result, Exception) else result for result in results])
            return []
        if size == len(part):
            fail(part, outcome)
            return []
        return [part[first : first + size] for first in range(0, len(part), size)]

    def _suspect(self, part: list[Call], death: RunnerDied) -> list[list[Call]]:
        """Let each of those under whom the device died run alone: restarts are slow, and only the guilty crash again.

        Guilty is who does so alone and not for the first time; the device may also have died of something else.
        """
        self._death = death.with_traceback(None)
        for call in part:
            call.crashes += 1
        if len(part) == 1 and part[0].crashes >= death.proof:
            fail(part, DeviceFailed())
            return []
        return [[call] for call in part]

    def _shrink(self, part: list[Call]) -> None:
        """Halve what did not fit. With the slow growth elsewhere: additive increase, multiplicative decrease."""
        self.overflows += 1
        self.budget = max(1, min(self.budget, tokens(part) // 2))


def tokens(part: list[Call]) -> int:
    """The tokens that a batch was expected to have, padding included."""
    sizes = [call.size for call in part]
    return len(sizes) * max(sizes) if part[0].padded else sum(sizes)


def _told(error: BaseException) -> CoreError:
    """Turn what payloads caused into what their callers are told, without the frames, which hold on to tensors."""
    if isinstance(error, CoreError):
        return error.with_traceback(None)
    logger.warning("A run failed: %s", describe(error))
    return DeviceFailed()
