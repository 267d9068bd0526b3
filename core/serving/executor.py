"""Runs requests on devices: whoever asks awaits `Executor.submit`, and one thread per device does the work.

A device that becomes free takes whatever waits by then (`core.serving.scheduler` decides what), and an idle one takes a
request alone and at once: there is no timer. Every caller gets exactly one outcome, a result or a `CoreError`.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Hashable, Iterable
from typing import Any

from core.errors import Busy, Closed, CoreError, OutOfService, TimedOut
from core.serving.cost import CPU, Cost, CostEstimate
from core.serving.metrics import Metrics, Snapshot
from core.serving.patience import CONTENDED, CONTENTION_WINDOW, PATIENCE, Patience
from core.serving.runners import Loaded, Runner
from core.serving.scheduler import Scheduler
from core.serving.worker import Call, Worker, fail, settle, tokens


class Executor:
    """Shares devices out between callers.

    Args:
        runners: One for each device. From here on they belong to the executor, which closes them.
        budget: The most tokens that a batch may have, padding included.
        capacity: The most tokens that may wait.
        cost: How fast a device is at first, until its batches tell: predicts waits, decides where a shared run pays.
        patience: How long a batch of several may take, unless it is `CONTENDED`.
        metrics: Where to count what happens.
    """

    def __init__(
        self,
        runners: Iterable[Runner],
        *,
        budget: int = 4096,
        capacity: int = 32_768,
        cost: Cost = CPU,
        patience: Patience = PATIENCE,
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._scheduler = Scheduler[Call](capacity, cost)
        self._estimate, self._patience = CostEstimate(cost), patience
        self._tenant, self._mixed = None, -math.inf  # who asked last, and when it last was another than before
        self._work = threading.Condition()  # guards the scheduler; notified when work arrives
        self._closing = threading.Event()
        self._workers = [
            Worker(runner, budget, self._take, self._predict, self._learn, self._on_down, self._closing)
            for runner in runners
        ]
        for worker in self._workers:
            worker.thread.start()

    async def submit(
        self,
        key: Hashable,
        payload: Any,
        *,
        size: int,
        tenant: Hashable = None,
        timeout: float | None = None,  # noqa: ASYNC109 - asyncio.timeout() could not refuse what is bound to be late
        weight: float = 1.0,
        padded: bool = True,
        expected: float = 0.0,
    ) -> Any:
        """Run a payload and return its result. A cancelled caller's request leaves the queue at once.

        Args:
            key: What to do with the payload; only requests with equal keys share a batch.
            payload: What the runner gets.
            size: Its length in tokens.
            tenant: Whom it is for, perhaps a `Member`: tenants share the devices fairly, and their people take turns.
            timeout: Seconds after which the answer is of no use.
            weight: Its tenant is charged ``size / weight`` tokens for it.
            padded: Whether the runner pads a batch to its longest payload; the same for all requests of a key.
            expected: Seconds that it takes at least, where its size does not tell.

        Raises:
            Busy: The queue is full, or the predicted wait exceeds the timeout.
            TimedOut: The timeout has passed, or is bound to pass before the answer.
            OutOfMemory: Even alone it does not fit into the device.
            DeviceFailed: The device fails on it.
            OutOfService: No device has come back yet after a failure.
            Closed: The executor is closing.
            CoreError: Whatever the runner raised or returned for this payload.
        """
        call = Call(
            key=key,
            size=size,
            tenant=tenant,
            weight=weight,
            padded=padded,
            payload=payload,
            timeout=timeout,
            expected=expected,
        )
        outcome: Any = asyncio.CancelledError()
        try:
            outcome = await self._outcome(call)
        finally:
            self._metrics.record_answer(key, _name(outcome), time.monotonic() - call.since)
        if isinstance(outcome, BaseException):
            raise outcome.with_traceback(None)
        return outcome

    async def _outcome(self, call: Call) -> Any:
        """The result of a call, or its error as a value."""
        try:
            self._admit(call)
            await asyncio.wait([call.future], timeout=call.timeout)
            return call.future.result() if call.future.done() else TimedOut()
        except CoreError as error:
            return error
        finally:
            if call.future.cancel():  # nobody waits for the outcome any more
                with self._work:
                    self._scheduler.cancel(call)

    async def close(self, grace: float = 10.0) -> None:
        """Refuse new requests, finish those at hand, and close the runners.

        What is not finished after `grace` seconds fails with `Closed`.
        """
        with self._work:
            self._closing.set()
            self._work.notify_all()
        try:
            await asyncio.to_thread(self._join, grace)
        finally:
            with self._work:
                unfinished = self._scheduler.clear() + [call for worker in self._workers for call in worker.batch]
            fail(unfinished, Closed())
        await asyncio.to_thread(self._join, 1.0)

    def snapshot(self) -> Snapshot:
        """Tell how busy the devices are now."""
        with self._work:
            workers = self._workers
            return Snapshot(
                queued=len(self._scheduler),
                tokens=self._scheduler.tokens,
                busy=sum(bool(worker.batch) for worker in workers),
                devices=len(workers),
                down=sum(bool(worker.failures) for worker in workers),
                healthy=any(worker.healthy and not worker.failures for worker in workers),
                tenants=len(self._scheduler.tenants),
                budget=sum(map(self._budget, workers)) / max(1, len(workers)),
                deaths=sum(worker.deaths for worker in workers),
                overflows=sum(worker.overflows for worker in workers),
                memory=sum(worker.memory for worker in workers),
                cost=self._scheduler.cost,
            )

    def _budget(self, worker: Worker) -> int:
        """The tokens that a worker's next batch may have: fewer in a flood that others have to wait for."""
        usual = self._room(worker, self._patience)
        lately = time.monotonic() - self._mixed < CONTENTION_WINDOW
        return (
            min(usual, self._room(worker, CONTENDED)) if lately and self._scheduler.largest_backlog > usual else usual
        )

    def _room(self, worker: Worker, patience: Patience) -> int:
        """The tokens that its device manages in time and has memory for."""
        return min(worker.budget, patience.tokens(self._scheduler.cost))

    def names(self) -> list[str]:
        """What the devices are called, as far as that is known."""
        return [worker.name for worker in self._workers if worker.name]

    def loaded(self) -> dict[Any, Loaded]:
        """What is loaded, by key, on all devices together."""
        found: dict[Any, Loaded] = {}
        for worker in self._workers:
            for key, one in worker.loaded.items():
                found[key] = Loaded(one.size + (found[key].size if key in found else 0), one.precision)
        return found

    def _admit(self, call: Call) -> None:
        """Let a call wait for a device, or raise why not."""
        with self._work:
            if self._closing.is_set():
                raise Closed
            if self._is_down():
                raise OutOfService
            if call.timeout is not None and self._wait(call) > call.timeout:
                raise Busy(self._wait(call))
            if call.tenant != self._tenant:
                self._tenant, self._mixed = call.tenant, call.since
            victims = self._scheduler.push(call)
            settle(victims, [Busy(self._wait(victim)) for victim in victims])
            self._work.notify()

    def _wait(self, call: Call) -> float:
        """The seconds that it would wait at least."""
        return self._scheduler.wait(call) / len(self._workers)

    def _take(self, worker: Worker) -> bool:
        """Wait until there is work for a device and give it to the worker; false if there will be none any more."""
        with self._work:
            while True:
                now = time.monotonic()
                worker.batch, late = self._scheduler.pop(self._budget(worker), now)
                fail(late, TimedOut())
                self._metrics.record_waits(now - call.since for call in worker.batch)
                if worker.batch or self._closing.is_set():
                    return bool(worker.batch)
                self._work.wait()

    def _predict(self, batch: list[Call]) -> float:
        """The seconds that a batch should take, as those before it did or as who asks for it knows."""
        return max(self._scheduler.cost.seconds(tokens(batch)), *(call.expected for call in batch))

    def _learn(self, batch: list[Call], seconds: float, padding: int) -> None:
        """Told of a batch that succeeded: what monitoring sees is what was, what is learnt is about what is planned."""
        self._metrics.record_batch(len(batch), sum(call.size for call in batch), padding, seconds)
        with self._work:
            self._estimate.observe(tokens(batch), seconds)
            self._scheduler.cost = self._estimate.cost

    def _is_down(self) -> bool:
        return all(worker.failures for worker in self._workers)

    def _on_down(self) -> None:
        """Fail everybody who waits, if no device is left that could serve them."""
        with self._work:
            if self._is_down():
                fail(self._scheduler.clear(), OutOfService())

    def _join(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        for worker in self._workers:
            worker.thread.join(max(0.0, end - time.monotonic()))


def _name(outcome: Any) -> str:
    """What an outcome is counted as."""
    return type(outcome).__name__ if isinstance(outcome, BaseException) else "ok"
