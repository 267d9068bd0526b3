"""Long texts: windows that cover them, and the mean of what a classifier makes of each."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core import Core, CoreSettings
from core.errors import BadInput, TooLong
from core.reading.validation import split_lines
from core.reading.windows import MAX_WINDOWS, split_into_windows
from core.render import SentimentStrips, WindowStrips
from core.results import ModelInfo, Token, Tokenization
from tests import tiny

LONG = "i love this film. it was bad, the cat sat. " * 12
CLASSIFIERS = ["bert-classifier", "distilbert-classifier"]


def text_of(size: int, added: int) -> Tokenization:
    """A text of `size` tokens of one character each, with `added` special tokens at either end."""
    special = tuple(Token(n, "[S]", 0, 0, special=True) for n in range(added))
    ordinary = tuple(Token(100 + n, "x", n, n + 1) for n in range(size))
    return Tokenization("x" * size, ModelInfo("m"), (*special, *ordinary, *special))


@given(st.integers(1, 900), st.integers(0, 2), st.integers(6, 80))
def test_windows_cover_a_text_in_order(size: int, added: int, limit: int) -> None:
    source = text_of(size, added)
    found = split_into_windows(source, limit)
    assert all(len(part.ids) <= limit and part.tokens == part.end - part.start for part in found)
    assert all(len(part.ids) == part.tokens + 2 * added for part in found)
    assert found[0].start == 0
    for before, after in pairwise(found):
        assert before.start < after.start <= before.end < after.end
        assert len(before.ids) == limit
    assert found[-1].end == size or len(found) == MAX_WINDOWS
    if size + 2 * added <= limit:
        assert len(found) == 1 and found[0].ids == tuple(source.ids)


@given(st.integers(1, 900), st.integers(0, 200), st.integers(1, 300))
def test_special_tokens_leave_room_for_another_or_it_is_said(size: int, added: int, limit: int) -> None:
    """Those that somebody typed at either end, too."""
    source = text_of(size, added)
    if limit > 2 * added:
        assert all(part.tokens and len(part.ids) <= limit for part in split_into_windows(source, limit))
    else:
        with pytest.raises(TooLong):
            split_into_windows(source, limit)


@pytest_asyncio.fixture(params=CLASSIFIERS)
async def asked(request: pytest.FixtureRequest, models: Path) -> AsyncGenerator[tuple[Core, Path], None]:
    """A core with a classifier, and its folder."""
    folder = models / request.param
    roles = dict.fromkeys(("unmask_model", "tokens_model", "attention_model"), str(models / "bert-masked-lm"))
    async with Core.open(CoreSettings(sentiment_model=str(folder), **roles, device="cpu", threads=1)) as core:
        yield core, folder


async def test_a_long_text_has_the_weighted_mean_of_its_windows(asked: tuple[Core, Path]) -> None:
    """Against the windows that transformers makes, and its model."""
    core, folder = asked
    found = await core.sentiment(LONG)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model: Any = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
    room = tiny.LONGEST - 2
    rows = tokenizer(LONG, truncation=True, max_length=tiny.LONGEST, stride=room // 4, return_overflowing_tokens=True)[
        "input_ids"
    ]
    assert len(rows) == len(found.windows) > 2
    with torch.inference_mode():
        logits = torch.stack([model(torch.tensor([row])).logits[0] for row in rows])
    weights = torch.tensor([len(row) - 2.0 for row in rows])
    assert [part.tokens for part in found.windows] == weights.tolist()
    mean = (weights[:, None] * logits).sum(dim=0) / weights.sum()
    for scores, expected in zip((found.scores, *(part.scores for part in found.windows)), (mean, *logits), strict=True):
        chances = expected.softmax(dim=-1)
        named = {model.config.id2label[n]: float(chance) for n, chance in enumerate(chances)}
        assert {score.label: score.value for score in scores} == pytest.approx(named, abs=1e-5)
    assert not found.cut


async def test_what_was_not_read_is_said(asked: tuple[Core, Path]) -> None:
    core, _ = asked
    found = await core.sentiment("cat " * 700)
    assert len(found.windows) == MAX_WINDOWS
    assert found.cut == found.source.text[found.windows[-1].end :].strip() != ""
    drawing = WindowStrips(found).draw()
    assert f"{len(found.cut):,} characters at the end were not read." in drawing.alt
    assert len(WindowStrips(found).table().rows) == MAX_WINDOWS + 1


async def test_a_text_that_fits_is_read_at_once(core: Core) -> None:
    assert (await core.sentiment("the cat")).windows == ()


async def test_several_texts_are_scored_as_each_alone(core: Core) -> None:
    lines = ["i love it", "bad film", "the cat sat on the mat"]
    found = await core.several("\n\n  ".join(lines) + "\n")
    alone = [await core.sentiment(line) for line in lines]
    for answer, expected in zip(found.answers, alone, strict=True):
        assert answer.source == expected.source
        chances = {score.label: score.value for score in expected.scores}
        assert {score.label: score.value for score in answer.scores} == pytest.approx(chances, abs=1e-6)
    table = SentimentStrips(found).table()
    rows = [(f"{number}. {one.source.text}", one.scores[0].label) for number, one in enumerate(alone, 1)]
    assert [row[:2] for row in table.rows] == rows
    assert f"3 texts: {found.label_counts}" in SentimentStrips(found).draw().alt


def test_more_texts_than_are_scored_at_once_are_refused() -> None:
    assert split_lines("\n".join("abcdefghij")) == tuple("abcdefghij")
    with pytest.raises(BadInput, match="at most 10 at once, and there are 11"):
        split_lines("\n".join("abcdefghijk"))
