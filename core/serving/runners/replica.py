"""One device in the care of Ray Serve: what every replica of `core.serving.runners.cluster` is. Nothing here loads Ray.

A replica does not mend itself. Once its device is poisoned or hangs it says so when Serve asks how it is, and Serve
puts another in its place; until then it returns every batch unopened, so that another replica gets it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.errors import describe
from core.serving.runners import Runner, RunnerDied
from core.serving.runners.serialisation import pack_outcome, run_message


class Replica:
    """Runs batches in the one thread that owns the device, so that its event loop is free to tell how it is.

    Args:
        factory: Makes the runner, in that thread. If it fails, Serve tries again, with growing pauses.
        mark: What replicas were made from: see `core.serving.runners.cluster`.
        run_timeout: Seconds that a batch may take before the device is taken to hang.
    """

    def __init__(self, factory: Callable[[], Runner], mark: str, run_timeout: float) -> None:
        self._mark, self._run_timeout = mark, run_timeout
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="device")
        self._runner = self._thread.submit(factory).result()
        self._fault = ""
        self._since: float | None = None

    async def run(self, mark: str, message: bytes) -> bytes:
        """Run a batch and return its outcome, as in `serialisation`; nothing if it was not run at all.

        That is so where this replica is of no use any more, or was made from other settings than whoever asks has.
        """
        if mark != self._mark:
            return b""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, message)

    async def mark(self) -> str:
        """What this replica was made from; nothing if it is of no use any more."""
        return "" if self._fault else self._mark

    async def check_health(self) -> None:
        """Raise, which has Serve replace this replica, if its device is poisoned or hangs."""
        if self._since is not None and time.monotonic() - self._since > self._run_timeout:
            self._fault = f"its device gave no answer within {self._run_timeout:.0f} s"
        if self._fault:
            raise RuntimeError(self._fault)

    def _run(self, message: bytes) -> bytes:
        if self._fault:
            return b""
        self._since = time.monotonic()
        try:
            outcome = run_message(self._runner, message)
        except BaseException as error:  # even SystemExit: it would end the event loop, and leave callers waiting
            outcome = RunnerDied(describe(error))
        self._since = None
        if isinstance(outcome, RunnerDied):
            self._fault = str(outcome) or "its device died"
        return pack_outcome(outcome, self._runner)
