"""A device in a process of its own, so that whatever it does to that process can be undone by starting another.

A segmentation fault, the kernel's out-of-memory killer, a hang, a poisoned CUDA context ("program restart is required",
https://github.com/pytorch/pytorch/issues/17425): all end as `RunnerDied`, and `ProcessRunner.restart` brings the device
back. The parent needs no torch. Failures cross the pipe as plain outcomes, never as tracebacks.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

from core.errors import describe
from core.serving.memory import held
from core.serving.runners import Loaded, Runner, RunnerDied
from core.serving.runners.environment import LARGE_PAGES, environment
from core.serving.runners.serialisation import pack_outcome, run_message

SPAWN = multiprocessing.get_context("spawn")
"""A forked child could not use CUDA, nor trust the locks of threads that it does not have."""

GOODBYE = 5.0
"""Seconds that a child gets to close its runner, or the kernel to bury a killed one."""


HANGS = 20.0
"""So many times what was expected of a batch, and it hangs: a busy computer is slow, too."""


LONGER = 3.0
"""Or so many times the longest batch of the same model: what is expected goes by all models together."""


class ProcessRunner:
    """Runs batches in a child process that loads in the background from the moment this object is made.

    Args:
        factory: Makes the runner, in the child. Pickled by name: it must be importable and should itself import torch
            only when called. If it fails, so does every run.
        startup_timeout: Seconds that the child may take until its runner is made.
        run_timeout: Seconds that a batch may take, including models that the runner loads for it, before the child is
            taken to hang and is killed.
        hang_timeout: The same for a batch that needs nothing loaded, if that is more than `HANGS` times what is
            expected of it.
    """

    def __init__(
        self,
        factory: Callable[[], Runner],
        *,
        startup_timeout: float = 180.0,
        run_timeout: float = 120.0,
        hang_timeout: float = 10.0,
    ) -> None:
        self._factory = factory
        self._startup_timeout, self._run_timeout, self._hang_timeout = startup_timeout, run_timeout, hang_timeout
        self._child = _Child(factory, startup_timeout)
        self._longest: dict[Any, float] = {}  # seconds of a batch that was answered, loading included, by key

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Run one batch in the child. See `Runner.run`."""
        self._child.wait_until_ready()
        limit = self._run_timeout
        if key in self._child.loaded:
            limit = min(limit, max(self._hang_timeout, HANGS * expected, LONGER * self._longest.get(key, 0.0)))
        began = time.monotonic()
        results = self._child.ask((key, list(payloads)), limit)
        self._longest[key] = max(self._longest.get(key, 0.0), time.monotonic() - began)
        return results

    @property
    def name(self) -> str:
        """What the device called itself when it was ready. See `Runner.name`."""
        return self._child.name

    @property
    def loaded(self) -> Mapping[Any, Loaded]:
        """What was loaded after the last batch. See `Runner.loaded`."""
        return self._child.loaded

    @property
    def padding(self) -> int:
        """What the last batch was filled up with. See `Runner.padding`."""
        return self._child.padding

    @property
    def memory(self) -> int:
        """Bytes that the child holds now. See `Runner.memory`."""
        return self._child.memory

    def restart(self) -> None:
        """Replace the child and wait until the new one is ready.

        Raises:
            RunnerDied: It does not start.
        """
        self._child.kill()
        self._child = _Child(self._factory, self._startup_timeout)
        self._child.wait_until_ready()

    def close(self) -> None:
        """Let the child close its runner and end."""
        self._child.close()


class _Child:
    """A process and this end of its pipe. It answers one message at a time, and lives no longer than its parent.

    Attributes:
        name: What its runner calls itself, once it is known to be ready.
        loaded: What its runner had loaded when it answered last.
        padding: What its runner had filled its last batch up with.
    """

    def __init__(self, factory: Callable[[], Runner], startup_timeout: float) -> None:
        self.name, self.loaded, self.padding = "", dict[Any, Loaded](), 0
        self._connection, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_main, args=(theirs, factory), name="device")
        with environment(LARGE_PAGES):
            self._process.start()
        theirs.close()  # so that the pipe ends when the child does
        self._ready_by: float | None = time.monotonic() + startup_timeout
        atexit.register(self.kill)  # before multiprocessing's own exit waits for it without end

    @property
    def memory(self) -> int:
        """Bytes that it holds now."""
        return held(self._process.pid or 0)

    def wait_until_ready(self) -> None:
        """Wait for what remains of its start; nothing if it is known to be ready."""
        if self._ready_by is not None:
            self.name = self._receive(max(0.0, self._ready_by - time.monotonic()))
            self._ready_by = None

    def ask(self, message: Any, timeout: float) -> Any:
        """Send a message, wait for the outcome, and return or raise it."""
        with self._death_noticed():
            self._connection.send(message)
        return self._receive(timeout)

    def _receive(self, timeout: float) -> Any:
        with self._death_noticed():
            if not self._connection.poll(timeout):
                self.kill()
                raise RunnerDied(f"its process gave no answer within {timeout:.0f} s and was killed")
            outcome, self.loaded, self.padding = self._connection.recv()
        if isinstance(outcome, RunnerDied):
            self.kill()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @contextlib.contextmanager
    def _death_noticed(self) -> Generator[None]:
        try:
            yield
        except (EOFError, OSError):
            self._process.join(GOODBYE)
            self.kill()
            raise RunnerDied(f"its process ended with exit code {self._process.exitcode}") from None

    def close(self) -> None:
        """Let it end in good order, unless it has not even started."""
        self._connection.close()
        if self._ready_by is None:
            self._process.join(GOODBYE)
        self.kill()

    def kill(self) -> None:
        """End it at once, if it has not ended yet."""
        self._process.kill()
        self._process.join(GOODBYE)
        self._connection.close()
        atexit.unregister(self.kill)


def _main(connection: Connection, factory: Callable[[], Runner]) -> None:
    """Be the child: answer messages until the parent closes the pipe or is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and service managers signal every process there is, but
        signal.signal(number, signal.SIG_IGN)  # when a device stops is for the parent to decide
    os.dup2(2, 1)  # what libraries print must not get into the parent's answers on stdout
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # next to nothing of what is imported is garbage, and looking for it takes a quarter of the time
    try:
        runner = factory()
    except Exception as error:
        connection.send((RunnerDied(f"its process could not start: {describe(error)}"), {}, 0))
        return
    gc.freeze()  # what was imported stays, and is looked through no more
    gc.enable()
    with contextlib.suppress(EOFError, OSError):  # until the pipe is closed
        connection.send((runner.name, {}, 0))
        while True:
            connection.send_bytes(pack_outcome(run_message(runner, connection.recv_bytes()), runner))
    runner.close()
    sys.stdout.flush()
    os._exit(0)  # Python would take a second to dismantle what was imported


def _end_with_parent() -> None:
    """End with the parent even in the middle of a run."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
