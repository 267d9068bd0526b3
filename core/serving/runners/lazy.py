"""A runner made in the thread that owns it, at its first batch: importing torch must not hold up the event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.serving.runners import Loaded, Runner


class LazyRunner:
    """Stands for a runner of this process until that is needed."""

    def __init__(self, factory: Callable[[], Runner]) -> None:
        self._factory = factory
        self._runner: Runner | None = None

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Run one batch. See `Runner.run`."""
        self._runner = self._runner or self._factory()
        return self._runner.run(key, payloads, expected)

    @property
    def name(self) -> str:
        """What the device is called. See `Runner.name`."""
        return self._runner.name if self._runner else ""

    @property
    def loaded(self) -> Mapping[Any, Loaded]:
        """What is loaded. See `Runner.loaded`."""
        return self._runner.loaded if self._runner else {}

    @property
    def padding(self) -> int:
        """What the last batch was filled up with. See `Runner.padding`."""
        return self._runner.padding if self._runner else 0

    @property
    def memory(self) -> int:
        """None beside that of this process. See `Runner.memory`."""
        return 0

    def restart(self) -> None:
        """Bring the device back."""
        if self._runner:
            self._runner.restart()

    def close(self) -> None:
        """Let go of everything."""
        if self._runner:
            self._runner.close()
