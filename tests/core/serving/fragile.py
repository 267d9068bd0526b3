"""Runners for a child process that do whatever the payload says. No torch, so that a child starts in an instant."""

import gc
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import BadInput, Busy, TooLong
from core.serving.runners import Loaded, RunnerDied, RunnerOutOfMemory


class FragileRunner:
    """Echoes its payloads, unless one of them is an order to fail."""

    name = "fragile"
    loaded: Mapping[Any, Loaded] = {"weights": Loaded(7)}
    padding, memory = 0, 0

    def __init__(self, room: int = 1000, closed: Path | None = None) -> None:
        self.room = room
        self.closed = closed

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        if len(payloads) > self.room:
            raise RunnerOutOfMemory
        return [self.obey(payload) for payload in payloads]

    def obey(self, order: Any) -> Any:
        match order:
            case "pid":
                return os.getpid()
            case "tunables":
                return os.environ.get("GLIBC_TUNABLES")
            case "hoard":
                self.hoard = b"x" * (50 << 20)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "exit":
                sys.exit(3)
            case "nap":
                time.sleep(1)
            case "hang":
                time.sleep(600)
            case "poisoned":
                raise RunnerDied("the CUDA context is poisoned")
            case "full":
                raise RunnerOutOfMemory
            case "too long":
                raise TooLong(600, 512)
            case "busy":
                raise Busy(7.5)
            case "bad":
                raise ValueError("the user's secret text")
            case "refuse":
                return BadInput("This one is not to my liking.")
            case "return error":
                return KeyError("the user's secret text")
            case "garbage":
                return gc.isenabled(), gc.get_freeze_count()
            case "unspeakable":
                return lambda: None  # cannot be pickled
            case "print":
                print("noise from a library", flush=True)  # noqa: T201
                os.write(1, b"noise from C\n")
            case _:
                pass
        return order

    def restart(self) -> None:
        raise AssertionError("a child is replaced, not restarted")

    def close(self) -> None:
        if self.closed:
            time.sleep(0.2)
            self.closed.touch()


def wait_for(file: Path) -> FragileRunner:
    """Start only once the file is there."""
    while not file.exists():
        time.sleep(0.01)
    return FragileRunner()


def fail() -> FragileRunner:
    raise OSError("no such device")


class Mute:
    """A payload that a child cannot read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("not a number",)
