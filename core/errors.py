"""Everything that can go wrong in the core, each with the sentence that the person who asked reads."""

from __future__ import annotations

import traceback
from typing import Any


class CoreError(Exception):
    """A request that cannot be answered.

    `mendable` says whether another text, or another name of a model, may be answered.

    ``str(error)`` is one clear sentence for the person who asked: what happened and what to do. It never holds user
    text, a path or a name from the inside.

    Args:
        sentence: The sentence in English, with a field such as ``{count:,}`` for each of the values.
        values: What the sentence tells beside its words, so that it can be told in another language; of an error,
            what that says.
    """

    mendable = False

    def __init__(self, sentence: str, **values: str | float | CoreError) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return self.sentence.format(**self.values) if self.values else self.sentence

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross a process boundary as text and attributes: a subclass's ``__init__`` may want other arguments."""
        return _rebuild, (type(self), self.args, vars(self))


def _rebuild(kind: type[CoreError], args: tuple[Any, ...], attributes: dict[str, Any]) -> CoreError:
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


class Unforeseen(Exception):
    """An exception that was met elsewhere, in the words of `describe`."""


def describe(error: BaseException) -> str:
    """Say what went wrong, for the log: the unforeseen by type and place, since its message may hold user text."""
    if isinstance(error, CoreError | Unforeseen):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__


def is_panic(error: BaseException) -> bool:
    """Whether a library in Rust has panicked: that comes as no `Exception`, and of a class that cannot be imported.

    See `pyo3::panic::PanicException` (https://docs.rs/pyo3/latest/pyo3/panic/struct.PanicException.html). What it says
    may hold user text.
    """
    return type(error).__name__ == "PanicException"


def is_failure(error: BaseException) -> bool:
    """Whether something failed; the other exceptions that are no `Exception` tell to stop, and are to be passed on."""
    return isinstance(error, Exception) or is_panic(error)


class BadInput(CoreError):
    """The text or an option cannot be used as it is."""

    mendable = True


class TooLong(BadInput):
    """The text has more tokens than the model can read."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(
            "That text is {tokens:,} tokens long and at most {limit:,} are read here: shorten it and try again.",
            tokens=tokens,
            limit=limit,
        )


class Busy(CoreError):
    """The queue is full, or the wait would outlast the request's time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "Too many requests are waiting: try again in about {seconds} s.", seconds=max(1, round(seconds))
        )
        self.seconds = seconds


class TimedOut(CoreError):
    """The request's deadline passed before the device reached it."""

    mendable = True

    def __init__(self) -> None:
        super().__init__("This took longer than allowed, so it was stopped: try again, or with a shorter text.")


class Closed(CoreError):
    """The core is shutting down."""

    def __init__(self) -> None:
        super().__init__("The bot is restarting: try again in a minute.")


class CoreClosed(Closed):
    """The core is closed: whoever imports it used it after its block, or after `close`."""

    def __init__(self) -> None:
        super(Closed, self).__init__("This core is closed: start another one with `await Core.start()`.")


class OutOfMemory(CoreError):
    """The device has too little memory for this one request."""

    mendable = True

    def __init__(self) -> None:
        super().__init__("The device ran out of memory on this request: try a shorter text.")


class DeviceFailed(CoreError):
    """The device or its process failed, and trying again did not help."""

    mendable = True

    def __init__(self) -> None:
        super().__init__("The model failed on this request: try again, or with another text.")


class OutOfService(DeviceFailed):
    """No device is in service: each has to be started anew, and did not start yet."""

    mendable = False

    def __init__(self) -> None:
        super(DeviceFailed, self).__init__("What runs the models is being started again: try again in a minute.")


class NoCluster(CoreError):
    """There is no Ray cluster where one should be, or no room on it.

    Attributes:
        reason: What is the matter, for the host.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("The computers that run the models cannot be reached: ask the bot's host to look at them.")
        self.reason = reason


class Misconfigured(CoreError):
    """Settings that do not go together, or that need something that is not installed. For the host."""


class ModelUnavailable(CoreError):
    """A model cannot be loaded, or cannot do what was asked of it."""


class NotOffered(ModelUnavailable):
    """A name that somebody typed is that of no model, or of one that cannot answer the command."""

    mendable = True


class NoDevice(ModelUnavailable):
    """This computer does not have the device that is set, or cannot use it."""


class OfModel(CoreError):
    """What goes wrong with one of two models that are asked the same."""

    def __init__(self, model: str, reason: CoreError) -> None:
        super().__init__("{model}: {reason}", model=model, reason=reason)
        self.mendable = reason.mendable


class Expired(CoreError):
    """A result that a control refers to is no longer kept."""

    def __init__(self, command: str = "") -> None:
        if command:
            super().__init__("That result is no longer kept: run /{command} again.", command=command)
        else:
            super().__init__("That result is no longer kept: run the command again.")
