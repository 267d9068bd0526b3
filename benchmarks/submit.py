"""What `Executor.submit` costs by itself, with a device that takes no time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.chat import share
from benchmarks.runs import burst
from core.serving.executor import Executor
from core.serving.runners import Loaded
from core.serving.runners.process import ProcessRunner


class Echo:
    """A device that takes no time."""

    name = "echo"
    loaded: Mapping[Any, Loaded] = {}
    padding, memory = 0, 0

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Give the payloads back."""
        return payloads

    def restart(self) -> None:
        """Nothing to bring back."""

    def close(self) -> None:
        """Nothing to let go of."""


async def idle() -> None:
    """What `submit` costs by itself, with a device in this process and in a child."""
    for name, runner in (("this process", Echo()), ("a child process", ProcessRunner(Echo))):
        executor = Executor([runner])
        times = await burst(partial(executor.submit, "k", size=8), ["a text"] * 300, 1)
        await executor.close()
        print(f"submit, idle device in {name}: p50 {share(times, 0.5):.2f} ms, p99 {share(times, 0.99):.2f} ms")
