"""A core for code without ``await``: it lives on an event loop in a thread of its own, and whoever asks waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import AbstractAsyncContextManager
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from core.asking.answers import Answers
from core.asking.lessons import Lessons
from core.asking.side_by_side import SideBySide
from core.errors import CoreClosed

P = ParamSpec("P")
T = TypeVar("T")

END = object()
"""Behind the last answer."""


def _waiting(
    method: Callable[Concatenate[Lessons, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[BlockingCore, P], T]:
    """A question that waits for its answer."""

    @wraps(method)
    def ask(self: BlockingCore, *args: P.args, **options: P.kwargs) -> T:
        return self.wait(method(self.asked, *args, **options))

    return ask


class BlockingCore:
    """Every question of `core.asking.lessons.Lessons`, which has all, without ``await``, also inside a notebook.

    Args:
        opened: The core, not yet open.
    """

    def __init__(self, opened: AbstractAsyncContextManager[Lessons]) -> None:
        self._opened, self._runner = opened, asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._asking, self._closed = threading.Lock(), False  # what is asked for under the lock will come to an end
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)
        self._thread.start()
        try:
            self.asked = self.wait(opened.__aenter__())
        except BaseException:
            self._stop()
            raise

    sentiment = _waiting(Answers.sentiment)
    several = _waiting(Answers.several)
    variants = _waiting(Answers.variants)
    changed = _waiting(Answers.changed)
    why = _waiting(Answers.why)
    ablate_label = _waiting(Answers.ablate_label)
    unmask = _waiting(Answers.unmask)
    layers = _waiting(Answers.layers)
    why_word = _waiting(Answers.why_word)
    lens = _waiting(Answers.lens)
    patch = _waiting(Answers.patch)
    ablate_word = _waiting(Answers.ablate_word)
    write = _waiting(Answers.write)
    surprisal = _waiting(Answers.surprisal)
    tokens = _waiting(Answers.tokens)
    compare = _waiting(Answers.compare)
    decode = _waiting(Answers.decode)
    attention = _waiting(Answers.attention)
    attention_row = _waiting(Answers.attention_row)
    lab = _waiting(Answers.lab)
    switch_off = _waiting(Answers.switch_off)
    sentiment_with = _waiting(SideBySide.sentiment_with)
    unmask_with = _waiting(SideBySide.unmask_with)
    attention_with = _waiting(SideBySide.attention_with)
    bottleneck = _waiting(Lessons.bottleneck)
    fill_or_continue = _waiting(Lessons.fill_or_continue)
    moves = _waiting(Lessons.moves)
    positions = _waiting(Lessons.positions)
    saturation = _waiting(Lessons.saturation)

    def each(
        self, texts: Iterable[str], ask: Callable[..., Any] | None = None, *, progress: bool = False, **options: Any
    ) -> Iterator[Any]:
        """The answers to any number of texts, in their order: see `Answers.each`.

        >>> from core import Core, CoreSettings
        >>> with Core.blocking(CoreSettings.bundled()) as core:
        ...     [len(source.tokens) for source in core.each(["One.", "And another."], core.tokens)]
        [4, 5]
        """
        question = getattr(self.asked, ask.__name__) if ask else self.asked.sentiment
        answers = self.asked.each(texts, question, progress=progress, **options)

        async def following() -> Any:
            return await anext(answers, END)

        while (answer := self.wait(following())) is not END:
            yield answer
        # Whoever leaves earlier drops `answers`, and their loop ends them: nothing here waits for that, since it may be
        # the garbage collector that leaves, on any thread.

    def wait(self, asked: Coroutine[Any, Any, T]) -> T:
        """Run something on the core's loop, and wait for it.

        Raises:
            CoreClosed: The core is closed, or was before there was an answer.
        """
        with self._asking:
            if self._closed:
                asked.close()
                raise CoreClosed
            future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return future.result()
        except CancelledError:
            raise CoreClosed from None
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Finish what runs, and close the devices. A second time it does nothing."""
        with self._asking:
            if self._closed:
                return
            self._closed = True
        try:
            asyncio.run_coroutine_threadsafe(self._opened.__aexit__(None, None, None), self._loop).result()
        finally:
            self._stop()

    def _run(self) -> None:
        with self._runner:  # which in the end cancels what is left, and waits until it is done
            self._loop.run_forever()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
