"""Any number of texts: in their order, and never more at once than the queue has room for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from core import Core, CoreSettings
from core.asking.each import AT_ONCE, each
from core.errors import BadInput, Busy, ModelUnavailable
from tests.stress.imagined import ImaginedDevice


@pytest.fixture(name="small")
async def core_with_a_small_queue(settings: CoreSettings) -> AsyncIterator[Core]:
    async with Core.open(replace(settings, queue_tokens=60, batch_tokens=60, repeats_mib=0)) as core:
        yield core


async def test_more_texts_than_the_queue_has_room_for(small: Core) -> None:
    texts = [f"{'good ' * (n % 7)}cat number {n}" for n in range(200)]
    alone = [await small.sentiment(text) for text in texts[:5]]
    with pytest.raises(Busy):
        await asyncio.gather(*map(small.sentiment, texts))
    found = [answer async for answer in small.each(texts)]
    assert [answer.source.text for answer in found] == texts
    for together, one in zip(found[:5], alone, strict=True):
        values = {score.label: score.value for score in one.scores}
        assert {score.label: score.value for score in together.scores} == pytest.approx(values, abs=1e-6)


async def test_thousands_of_reviews_without_one_refusal() -> None:
    reviews, refused = [f"Review {n}: {'very ' * (n % 40)}good." for n in range(5000)], 0
    async with Core.open(CoreSettings.bundled(), [ImaginedDevice(["word"], 1)]) as core:

        async def ask(text: str) -> str:
            nonlocal refused
            try:
                return (await core.sentiment(text)).source.text
            except Busy:
                refused += 1
                raise

        assert [text async for text in core.each(reviews, ask)] == reviews
    assert not refused


async def test_any_question_with_its_options(small: Core) -> None:
    found = [answer async for answer in small.each(["The ___ sat.", "A ___."], small.unmask, top=2)]
    assert [len(answer.masks[0]) for answer in found] == [2, 2]


async def test_an_iterator_is_read_no_further_than_needed() -> None:
    read, running = list[int](), 0

    def texts() -> Iterator[str]:
        for number in range(1000):
            read.append(number)
            yield str(number)

    async def ask(text: str) -> int:
        nonlocal running
        running += 1
        await asyncio.sleep(0)
        assert running <= AT_ONCE
        running -= 1
        return int(text)

    answers = each(texts(), ask)
    assert [await anext(answers) for _ in range(3)] == [0, 1, 2]
    assert len(read) <= AT_ONCE + 3
    await answers.aclose()
    assert len(read) <= AT_ONCE + 3


async def test_one_that_cannot_be_answered_is_named_and_ends_it(small: Core) -> None:
    answers = small.each(["one", "two", "   ", "four"])
    assert [(await anext(answers)).source.text for _ in range(2)] == ["one", "two"]
    with pytest.raises(BadInput) as caught:
        await anext(answers)
    assert caught.value.__notes__ == ["This was text number 3."]


async def test_a_refusal_that_others_hold_stays_as_it_is() -> None:
    """That of a model is remembered, and told to all who ask for it."""
    remembered = ModelUnavailable("The model {model} cannot be read: choose another.", model="m")

    async def ask(text: str) -> str:
        raise remembered

    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            await anext(each(["one"], ask))
        assert str(caught.value) == str(remembered) and caught.value.__notes__ == ["This was text number 1."]
    assert not hasattr(remembered, "__notes__")


async def test_progress_is_shown_when_wanted(small: Core, capsys: pytest.CaptureFixture[str]) -> None:
    assert len([answer async for answer in small.each(["one", "two"], progress=True)]) == 2
    assert "2/2" in capsys.readouterr().err
    assert len([answer async for answer in small.each(["one", "two"])]) == 2
    assert not capsys.readouterr().err
