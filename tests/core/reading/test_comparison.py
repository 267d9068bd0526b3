"""Tokenizers side by side."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import example, given
from hypothesis import strategies as st

from core import Core, CoreSettings
from core.errors import BadInput, ModelUnavailable
from core.reading.comparison import measure_fertility, require_several, split_names
from core.render import ComparisonView
from core.results import ModelInfo, TokenizerComparison
from tests import tiny
from tests.core.reading.tokenizers.test_tokenizer import ANY, load

NAMES = ("bert-masked-lm", "gpt2", "roberta-masked-lm")


def test_tokens_are_counted_without_those_that_are_added(models: Path) -> None:
    found = measure_fertility(load(models / "bert-masked-lm").encode("the cat 🤗 sat"))
    assert (found.tokens, found.added, found.per_word, found.unknown) == (4, 2, 1.0, 1)
    assert found.per_character == pytest.approx(4 / 13)
    family = measure_fertility(load(models / "gpt2").encode("👩‍👩‍👧"))
    assert family.per_character == family.tokens == 18  # one character for a reader


def test_names_are_read_one_by_one() -> None:
    assert split_names("a, b;c\nb,,d,") == ["a", "b", "c", "b", "d"]
    assert split_names(" ,;\n") == []


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ("a", "only"),
        ("aa", "model a is compared in any case"),
        ("aba", "model a is compared in any case"),
        ("abb", "the model b twice"),
        ("abcde", "5 tokenizers and at most 4"),
    ],
)
def test_models_that_cannot_be_compared(names: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        require_several([ModelInfo(name) for name in names])


def test_models_that_can_be_compared() -> None:
    require_several([ModelInfo(name) for name in "abcd"])


@given(text=ANY, count=st.integers(2, 4))
@example(text="", count=2)
@example(text="👩‍👩‍👧" * 40, count=4)
def test_any_text_is_compared_and_drawn(models: Path, text: str, count: int) -> None:
    readers = [load(models / NAMES[n % 3]) for n in range(count)]
    view = ComparisonView(TokenizerComparison(tuple(tokenizer.encode(text) for tokenizer in readers)))
    drawing, table = view.draw(), view.table()
    assert 0 < len(drawing.alt) <= 1024
    for source, row in zip(view.result.sources, table.rows, strict=True):
        assert int(row[2]) + int(row[3]) == len(source.tokens)


@pytest_asyncio.fixture
async def core(models: Path) -> AsyncGenerator[Core, None]:
    folders = {name: str(models / name) for name in NAMES}
    settings = CoreSettings(
        sentiment_model=str(models / "bert-classifier"),
        unmask_model=folders["roberta-masked-lm"],
        tokens_model=folders["bert-masked-lm"],
        attention_model=folders["gpt2"],
        device="cpu",
    )
    async with Core.open(settings) as core:
        yield core


async def test_each_tokenizer_cuts_as_it_does_alone(core: Core) -> None:
    found = await core.compare("the cat 🤗", others="gpt2, roberta-masked-lm")
    assert [source.model.name for source in found.sources] == list(NAMES)
    assert found.sources == tuple([await core.tokens("the cat 🤗", model=name) for name in NAMES])


async def test_an_unknown_tokenizer_is_refused(core: Core) -> None:
    with pytest.raises(ModelUnavailable, match="not among"):
        await core.compare("the cat", others="../../etc")


async def test_decoding_tells_whether_the_way_back_is_the_same(core: Core) -> None:
    ids = (await core.tokens("the cat, unsat.")).ids
    there = await core.decode(str(ids))
    assert (there.source.text, there.faithful) == ("the cat, unsat.", True)
    letters = [tiny.VOCABULARY.index(piece) for piece in ("c", "##a", "##t")]
    spelt = await core.decode(str(letters))
    assert (spelt.source.text, spelt.source.ids, spelt.faithful) == ("cat", letters, False)
