"""How a batch and its outcome travel to another process and back: as bytes; failures as values, never as tracebacks.

Both ends must trust each other: pickles can do anything.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

from core.errors import CoreError, Unforeseen, describe, is_failure
from core.serving.runners import Runner, RunnerDied, RunnerOutOfMemory

DEVICE = "core.tasks."
"""Modules that only a device's process is to load."""


def run_message(runner: Runner, message: bytes) -> list[Any] | Exception:
    """Run a batch, a pickled key with its payloads, and return its results, or why there are none."""
    try:
        key, payloads = pickle.loads(message)  # noqa: S301 - from whoever started this process for it
        return [_portable(result) if isinstance(result, Exception) else result for result in runner.run(key, payloads)]
    except BaseException as error:
        if not is_failure(error):
            raise
        return _portable(error)


def pack_outcome(outcome: list[Any] | Exception, runner: Runner) -> bytes:
    """What `run_message` returned, and what the runner holds and tells of padding now.

    If some result cannot be pickled, that is the outcome.
    """
    packed = io.BytesIO()
    try:
        _Pickler(packed).dump((outcome, runner.loaded, runner.padding))
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        return pickle.dumps((_portable(error), runner.loaded, runner.padding))
    return packed.getvalue()


class _Pickler(pickle.Pickler):
    """Names no module of a device, which would load torch where this is read: named tuples travel as plain ones."""

    def reducer_override(self, value: Any, /) -> Any:
        if isinstance(value, tuple) and type(value).__module__.startswith(DEVICE):
            return tuple, (list(value),)
        return NotImplemented


def _portable(error: BaseException) -> Exception:
    """Reduce the unforeseen to its description: it may hold user text, and perhaps cannot be pickled."""
    return error if isinstance(error, CoreError | RunnerOutOfMemory | RunnerDied) else Unforeseen(describe(error))
