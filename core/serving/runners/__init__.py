"""Where a batch runs. Everything that is policy lives above this seam, in `core.serving.executor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """What may share a batch: requests for the same task of the same model.

    Attributes:
        task: A name in `core.tasks.TASKS`.
        folder: Where the model's files are, complete, in the standard Hugging Face layout; empty if it needs none.
    """

    task: str
    folder: str


class Loaded(NamedTuple):
    """What is known of something that is loaded.

    Attributes:
        size: About how many bytes it takes.
        precision: What it computes in.
    """

    size: int
    precision: str = "float32"


class RunnerDied(Exception):
    """The place where batches run is gone or poisoned; `Runner.restart` may bring it back.

    Attributes:
        proof: After so many deaths, at the last of which it was alone, a request is to blame.
        limit: After so many deaths in a row, with nothing answered in between, the rest of a batch is given up.
    """

    proof, limit = 2, 4


class ReplicaDied(RunnerDied):
    """One of several places is gone: batches of others may have been there, and a restart is only another place."""

    proof, limit = 3, 8


class RunnerOutOfMemory(Exception):
    """A batch did not fit into the device's memory."""


class Runner(Protocol):
    """A device that runs one batch at a time, called from the one thread that owns it."""

    def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Run one batch and return one plain result per payload, in order.

        Args:
            key: What to do with them.
            payloads: On what.
            expected: Seconds that the batch is predicted to take, by which a runner may tell that it hangs.

        Raises:
            RunnerFull: The batch needs more memory than there is.
            RunnerDied: The device must be restarted before anything else can run.
            Exception: Anything else means that some payload is bad.
        """
        ...

    @property
    def name(self) -> str:
        """What the device is called, such as "cpu"; empty until that is known. Any thread may look."""
        ...

    @property
    def loaded(self) -> Mapping[Any, Loaded]:
        """What is loaded, by key. Any thread may look."""
        ...

    @property
    def padding(self) -> int:
        """How many tokens the last batch was filled up with, wherever and for whatever reason."""
        ...

    @property
    def memory(self) -> int:
        """Bytes that a process of its own holds now; 0 if it has none here or nobody knows. Any thread may look."""
        ...

    def restart(self) -> None:
        """Bring a dead device back."""
        ...

    def close(self) -> None:
        """Let go of everything. Called once, after the last `run`."""
        ...
