"""Questions made with the models in the box."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from random import Random

import pytest
import pytest_asyncio

from core import Core, CoreSettings
from core.quiz import KINDS, Kind, NoQuestion, Posed, ask_again, judge, pose
from core.results import Tokenization

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def core() -> AsyncGenerator[Core]:
    async with Core.open(CoreSettings.bundled()) as core:
        yield core


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "ja"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_is_made_in_every_language_and_the_same_numbers_make_the_same(
    core: Core, kind: Kind, language: str
) -> None:
    first, again = [await pose(core, kind, Random(7), language=language) for _ in range(2)]
    assert (first.question, first.text, first.options) == (again.question, again.text, again.options)
    assert judge(first.question, await ask_again(core, kind, first.text)) == first.options
    assert first.sentence.opinion or kind != "label"


async def test_other_numbers_make_others(core: Core) -> None:
    posed = [await pose(core, "tokens", Random(seed)) for seed in range(9)]
    assert len({one.text for one in posed}) > 4


@pytest.mark.parametrize(
    ("kind", "language", "model", "found"),
    [
        ("tokens", "de", "", {"de"}),
        ("tokens", "ja", "bundled/bert-base-multilingual-cased", {"ja"}),
        ("word", "de", "", {"en"}),
        ("look", "ja", "", {"en"}),
    ],
)
async def test_sentences_are_in_the_language_that_is_wanted_where_the_model_takes_it(
    core: Core, kind: Kind, language: str, model: str, found: set[str]
) -> None:
    posed = [await pose(core, kind, Random(seed), language=language, model=model) for seed in range(6)]
    assert {one.sentence.number[:2] for one in posed} == found
    for one in posed:
        assert not isinstance(one.result, Tokenization) or not one.result.unknown


async def test_a_causal_model_is_asked_as_well(core: Core) -> None:
    word = await pose(core, "word", Random(1), model="bundled/gpt-mini")
    assert "___" in word.text and word.sentence.hidden
    head = await pose(core, "head", Random(1), model="bundled/gpt-mini")
    assert head.options.names == ("1", "2", "3", "4")


async def test_a_typed_text_is_asked_about(core: Core) -> None:
    posed: Posed = await pose(core, "word", Random(1), text="I would like a cup of ___, please.")
    assert posed.options.names[posed.options.right] == "coffee" and not posed.sentence.number


@pytest.mark.parametrize(
    ("kind", "text", "model", "why"),
    [
        ("word", "There is no gap.", "", "Write ___"),
        ("word", "___ is a ___.", "", "one gap"),
        ("look", "word", "", "not clear enough"),
        ("label", "The bus leaves at nine.", "", "not clear enough"),
        ("head", "the cat [VS] the dog", "", "one text looks at itself"),
        ("head", "the cat sat here", "bundled/reverser", "one text looks at itself"),
    ],
)
async def test_a_text_that_makes_no_question_is_refused(
    core: Core, kind: Kind, text: str, model: str, why: str
) -> None:
    with pytest.raises(NoQuestion, match=why):
        await pose(core, kind, Random(1), text=text, model=model)
