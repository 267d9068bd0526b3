"""Every way of the executor to a device: the same devices, made up in a test, behind each kind of runner."""

import itertools
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from core.serving.runners import Loaded, ReplicaDied, Runner, RunnerDied
from core.serving.runners.cluster import Cluster, load
from core.serving.runners.process import ProcessRunner
from core.serving.runners.ray import Replicas

DEATHS: dict[str, type[RunnerDied]] = {"thread": RunnerDied, "process": RunnerDied, "ray": ReplicaDied}
"""The ways, and what a death is told as."""

FAR = ("process", "ray")
"""Ways that take their time."""

DEVICES: dict[int, Any] = {}
"""By number: a runner's factory must be picklable, and these devices are not."""

NUMBERS = itertools.count()
OPENING = threading.Lock()
"""Ray notes for the whole process which modules it pickles by value: two clusters at once, as only tests have them,
would undo each other's note."""

KEY = b"between a test and its children"


@contextmanager
def seam(way: str) -> Iterator[Callable[[Any], Runner]]:
    """What puts a device behind a runner, while the block lasts."""
    with ExitStack() as stack:
        if way == "process":
            listener = stack.enter_context(Listener(authkey=KEY))
            threading.Thread(target=_connect, args=(listener,), daemon=True).start()
            yield lambda device: ProcessRunner(partial(Elsewhere, listener.address, _known(device)))
        elif way == "ray":
            with warnings.catch_warnings(action="ignore"):  # Ray's own, when it is loaded
                load()
            yield lambda device: LocalReplicas(LocalCluster(partial(_made, _known(device)))).runners()[0]
        else:
            yield lambda device: device
    DEVICES.clear()


def _known(device: Any) -> int:
    number = next(NUMBERS)
    DEVICES[number] = device
    return number


class Held:
    """A device as a runner: it has loaded nothing."""

    name = "made up"
    loaded: Mapping[Any, Loaded] = {}
    padding, memory = 0, 0

    def __init__(self, device: Any) -> None:
        self.run, self.close = device.run, device.close


def _made(number: int) -> Held:
    """A device in the place of another; each but the first has been restarted."""
    device = DEVICES[number]
    if getattr(device, "made", False):
        device.restart()
    device.made = True
    return Held(device)


class LocalCluster(Cluster):
    """Serve's local testing mode: a replica in this process, behind a real handle."""

    def open(self) -> Any:
        from ray import serve

        with OPENING:
            return self.deploy(serve, _local_testing_mode=True)

    def close(self) -> None:
        """Nothing was started."""


class LocalReplicas(Replicas):
    """Nobody replaces a replica in local testing mode."""

    def recover(self) -> None:
        self._handle = self._cluster.open()


class Elsewhere:
    """A runner in a child process that has a device in the test's process do everything."""

    name = "made up"
    loaded: Mapping[Any, Loaded] = {}
    padding, memory = 0, 0

    def __init__(self, address: Any, number: int) -> None:
        self._line = Client(address, authkey=KEY)
        self._line.send(number)
        self._ask("made")

    def _ask(self, *question: Any) -> Any:
        self._line.send(question)
        verdict = self._line.recv()
        if isinstance(verdict, BaseException):
            raise verdict
        return verdict

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        return self._ask("run", key, payloads)

    def close(self) -> None:
        self._ask("close")


def _connect(listener: Listener) -> None:
    with suppress(OSError):  # until it is closed
        while True:
            threading.Thread(target=_serve, args=(listener.accept(),), daemon=True).start()


def _serve(line: Connection) -> None:
    """Be the device of one child."""
    with line, suppress(EOFError, OSError):
        number = line.recv()
        while True:
            method, *arguments = line.recv()
            try:
                line.send(_made(number) and None if method == "made" else getattr(DEVICES[number], method)(*arguments))
            except BaseException as error:
                line.send(error)
