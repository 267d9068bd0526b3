"""Devices anywhere: batches go to the replicas of one Ray Serve deployment, on this computer or on a cluster.

Ray decides where replicas run and replaces those that fail. Who runs next, with whom and until when stays with
`core.serving.executor`: one remote call carries one whole batch, and there are as many workers as replicas. Ray's own
batching is not used (it seals batches by a timer while another still runs), nor is its HTTP proxy.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.errors import Busy, NoCluster
from core.serving.runners import Loaded, ReplicaDied, RunnerDied
from core.serving.runners.cluster import Cluster

logger = logging.getLogger(__name__)

PAUSE = 0.1
"""Seconds until the next try after a replica that is about to be replaced."""

PING = 5.0
"""Seconds that a replica gets to tell that it is of use; it does so at once, or is gone."""

RETRY_SECONDS = 5.0
"""Seconds until a cluster that could not be used is tried again; who comes earlier is told the same."""

LOG_INTERVAL = 20.0
"""Seconds between two lines in the log while there is no replica yet."""


class Replicas:
    """What the runners of a process share: a cluster, opened by the first that needs it and closed by the last.

    Args:
        cluster: Where the replicas are.
        first_timeout: Seconds until one of them answers for the first time.
        startup_timeout: Seconds that Ray may take to put a replica in the place of another.
    """

    def __init__(self, cluster: Cluster, *, first_timeout: float = 180.0, startup_timeout: float = 60.0) -> None:
        self._cluster, self._first_timeout, self._startup_timeout = cluster, first_timeout, startup_timeout
        self._lock = threading.Lock()
        self._users = 0
        self._handle: Any = None
        self._refusal: NoCluster | None = None
        self._again = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ray")

    def runners(self) -> list[RayRunner]:
        """A runner for each replica that there may be."""
        self._users = self._cluster.replicas[1]
        return [RayRunner(self) for _ in range(self._users)]

    def run(self, message: bytes) -> bytes:
        """Have a replica run a batch, and return its outcome, as in `core.serving.runners.serialisation`.

        Raises:
            Busy: Ray takes no more.
            ReplicaDied: The replica is gone, or none was of use in time.
            NoCluster: There is no Ray where it should be, or no replica on it.
        """
        handle, end = self._opened(), time.monotonic() + self._cluster.run_timeout
        while (left := end - time.monotonic()) > 0:
            if answered := _call(handle, "run", left, self._cluster.mark, message):
                return answered
            time.sleep(PAUSE)  # it came back unopened: that replica is about to be replaced
        raise ReplicaDied(f"no replica was of use within {self._cluster.run_timeout:.0f} s")

    def recover(self) -> None:
        """Wait until a replica is of use: Serve replaces those that are not.

        Raises:
            ReplicaDied: There is none in time.
            NoCluster: As for `run`.
        """
        handle, end = self._opened(), time.monotonic() + self._startup_timeout
        while time.monotonic() < end:
            if self._is_served(handle):
                return
            time.sleep(PAUSE)
        raise ReplicaDied(f"no replica was of use within {self._startup_timeout:.0f} s")

    def release(self) -> None:
        """Told by each runner at its end."""
        with self._lock:
            self._users -= 1
            if not self._users and self._handle is not None:
                self._handle = None
                self._thread.submit(self._cluster.close).result()
                self._thread.shutdown()

    def _opened(self) -> Any:
        """A handle. Ray's processes end with the thread that started them, so that must outlive every runner."""
        with self._lock:
            if self._handle is None:
                if self._refusal and time.monotonic() < self._again:
                    raise self._refusal
                try:
                    handle = self._thread.submit(self._cluster.open).result()
                    self._wait_for_first(handle)
                except NoCluster as error:
                    self._refusal, self._again = error.with_traceback(None), time.monotonic() + RETRY_SECONDS
                    logger.error("%s", error.reason)
                    raise
                self._handle = handle
            return self._handle

    def _wait_for_first(self, handle: Any) -> None:
        """Wait until a replica is of use, and tell the host what for."""
        start, told = time.monotonic(), 0.0
        while not self._is_served(handle):
            passed = time.monotonic() - start
            if passed > self._first_timeout:
                reason = f"No replica answered within {passed:.0f} s: {self._cluster.diagnose()}."
                self._thread.submit(self._cluster.close).result()
                raise NoCluster(reason)
            if passed > told + LOG_INTERVAL:
                told = passed
                logger.warning("No replica answers yet, after %.0f s: %s.", passed, self._cluster.diagnose())
            time.sleep(PAUSE)
        logger.info("A replica answers, after %.0f s.", time.monotonic() - start)

    def _is_served(self, handle: Any) -> bool:
        """Whether some replica is of use; perhaps another than the next batch gets."""
        with contextlib.suppress(ReplicaDied, Busy):
            return _call(handle, "mark", PING) == self._cluster.mark
        return False


def _call(handle: Any, method: str, timeout: float, *arguments: Any) -> Any:
    """What a replica answers; Ray's errors as those of a runner."""
    from ray.exceptions import RayError
    from ray.serve.exceptions import BackPressureError, RayServeException

    response = getattr(handle, method).remote(*arguments)
    try:
        return response.result(timeout_s=timeout)
    except BackPressureError as error:
        raise Busy(error.retry_after_s or 1.0) from None
    except TimeoutError:
        response.cancel()
        raise ReplicaDied(f"no replica answered within {timeout:.0f} s") from None
    except (RayError, RayServeException) as error:
        raise ReplicaDied(f"Ray reported {type(error).__name__}") from None


class RayRunner:
    """A runner to the replicas: whichever is free runs the batch. See `core.serving.runners.Runner`.

    Attributes:
        name: Not that of a device: each batch may run on another.
        loaded: What the replica that answered last has loaded.
        padding: What it filled its batch up with.
        memory: Unknown here: the replicas' processes are somewhere else.
    """

    def __init__(self, replicas: Replicas) -> None:
        self.name = "Ray"
        self._replicas = replicas
        self.loaded: Mapping[Any, Loaded] = {}
        self.padding = self.memory = 0

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Run one batch on a replica. See `Runner.run` and `Replicas.run`."""
        answered = self._replicas.run(pickle.dumps((key, list(payloads))))
        outcome, self.loaded, self.padding = pickle.loads(answered)  # noqa: S301 - the nodes of a cluster must trust each other anyway
        if isinstance(outcome, RunnerDied):
            raise ReplicaDied(str(outcome))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def restart(self) -> None:
        """Wait for Ray to bring a replica back. See `Replicas.recover`."""
        self._replicas.recover()

    def close(self) -> None:
        """Let go of the replicas."""
        self._replicas.release()
