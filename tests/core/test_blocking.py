"""A core across the cells of a notebook, and one without ``await``."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from core import BlockingCore, Core, CoreSettings, show
from core.asking.lessons import Lessons
from core.asking.service import Service
from core.errors import BadInput, Closed, CoreClosed
from core.lab import parse_exercise

TEXT = "The cat sat on the mat."

LONG = 60.0
"""Seconds after which something hangs."""


async def test_a_core_lives_until_it_is_closed(settings: CoreSettings) -> None:
    core = await Core.start(settings)
    result = await core.sentiment(TEXT)
    view = show(result)
    await core.close()
    await core.close()
    assert view.draw().png  # which needs none
    with pytest.raises(CoreClosed, match=r"start another one with `await Core.start\(\)`"):
        await core.sentiment(TEXT)
    for asked in (core.tokens(TEXT), core.attention(TEXT), core.lab(parse_exercise()), core.draw(view)):
        with pytest.raises(CoreClosed):
            await asked


async def test_a_vector_picture_is_drawn_off_the_event_loop_too(core: Core) -> None:
    drawing = await core.draw(show(await core.tokens(TEXT)), format="svg")
    assert drawing.suffix == "svg" and drawing.png.startswith(b"<svg")


def test_without_await(settings: CoreSettings) -> None:
    before = set(threading.enumerate())
    with Core.blocking(settings) as core:
        assert core.sentiment(TEXT).scores
        assert core.unmask("The ___ sat.", top=2).masks
        assert [len(source.tokens) for source in core.each([TEXT, TEXT], core.tokens)] == [9, 9]
        assert next(core.each([TEXT] * 3)).source.text == TEXT
        with pytest.raises(BadInput):
            core.sentiment("")
    for ask in (lambda: core.sentiment(TEXT), lambda: next(core.each([TEXT]))):
        with pytest.raises(CoreClosed):
            ask()
    core.close()
    assert set(threading.enumerate()) == before


async def test_without_await_inside_a_running_loop(settings: CoreSettings) -> None:
    """As in a notebook."""
    with Core.blocking(settings) as core:
        assert core.tokens(TEXT).tokens


def in_a_thread(ask: Callable[[], Any]) -> Future[Any]:
    """The outcome of a question from a thread of its own, which the tests survive if it never comes."""
    outcome = Future[Any]()

    def run() -> None:
        try:
            outcome.set_result(ask())
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome


@pytest.mark.parametrize("swallows", [False, True])
def test_whoever_waits_when_it_is_closed_is_told(settings: CoreSettings, swallows: bool) -> None:
    """Also where what was asked for does something else yet before it ends."""
    began = threading.Event()

    async def without_end() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            if swallows:
                await asyncio.to_thread(lambda: None)

    with Core.blocking(settings) as core:
        waiting = in_a_thread(lambda: core.wait(without_end()))
        assert began.wait(LONG)
    with pytest.raises(CoreClosed):
        waiting.result(LONG)


def test_whoever_asks_while_it_is_closed_is_told(settings: CoreSettings) -> None:
    """In whichever moment of the end."""
    core = Core.blocking(settings)

    def ask_on() -> None:
        while True:
            core.wait(asyncio.sleep(0))

    askers = [in_a_thread(ask_on) for _ in range(4)]
    core.tokens(TEXT)
    core.close()
    for asker in askers:
        with pytest.raises(CoreClosed):
            asker.result(LONG)


def test_a_first_reading_that_is_under_way_keeps_nobody(
    settings: CoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process tries the tokenizer of a folder when the core is closed."""
    began, start = threading.Event(), asyncio.create_subprocess_exec

    async def watched(*program: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*program, **options)
        began.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    with Core.blocking(settings) as core:
        reading = in_a_thread(lambda: core.tokens(TEXT))
        assert began.wait(LONG)
    assert isinstance(reading.exception(LONG), Closed | None)  # a quick process has told already


def test_the_garbage_collector_may_find_half_read_answers_on_any_thread(settings: CoreSettings) -> None:
    """Even on that of the core itself, which could not wait for itself."""
    left, never, ended = list[str](), asyncio.Event(), asyncio.Event()

    async def ask(text: str) -> str:
        try:
            if text != "first":
                await never.wait()
        except asyncio.CancelledError:
            left.append(text)
            if len(left) == 2:
                ended.set()
            raise
        return text

    async def collect() -> None:
        gc.collect()
        await ended.wait()

    def leave(core: BlockingCore) -> None:
        core.asked.ask = ask  # pyright: ignore[reportAttributeAccessIssue] - a question as any other
        answers = core.each(["first", "second", "third"], ask)
        assert next(answers) == "first"
        cycle: list[Any] = [answers]
        cycle.append(cycle)

    gc.disable()
    try:
        with Core.blocking(settings) as core:
            leave(core)
            in_a_thread(lambda: core.wait(collect())).result(LONG)
    finally:
        gc.enable()
    assert left == ["second", "third"]


def test_every_question_can_be_asked_without_await() -> None:
    others = {name for name, _ in inspect.getmembers(Service, inspect.iscoroutinefunction)}
    questions = {
        name
        for name, _ in inspect.getmembers(Lessons, inspect.iscoroutinefunction)
        if name[0] != "_" and name not in others
    }
    assert "why" in questions and "sentiment" in questions
    assert questions <= set(dir(BlockingCore))
    assert all(getattr(BlockingCore, name).__doc__ == getattr(Lessons, name).__doc__ for name in questions)
