"""A core across the cells of a notebook, and one without ``await``."""

from __future__ import annotations

import inspect
import threading

import pytest

from core import BlockingCore, Core, CoreSettings, show
from core.asking.lessons import Lessons
from core.asking.service import Service
from core.errors import BadInput, CoreClosed
from core.lab import parse_exercise

TEXT = "The cat sat on the mat."


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
