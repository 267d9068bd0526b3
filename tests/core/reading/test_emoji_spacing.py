"""Words glued to an emoji."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading.emoji_spacing import can_rescue, spaced
from core.reading.tokenizer import Reader
from core.results import ModelInfo
from tests.core.render.golden import samples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("great🎉", "great 🎉"),
        ("🎉great🎉fun", "🎉 great 🎉 fun"),
        ("so 👨‍👩‍👧‍👦happy", "so 👨‍👩‍👧‍👦 happy"),
        ("go🇫🇷go", "go 🇫🇷 go"),
        ("ok👍🏽!", "ok 👍🏽!"),
        ("5️⃣ times 100% #1", "5️⃣ times 100% #1"),
        ("nothing here, at all", "nothing here, at all"),
        ("🎉🎉", "🎉🎉"),
        ("猫🎉", "猫 🎉"),
    ],
)
def test_spaces_between_words_and_emoji(text: str, expected: str) -> None:
    assert spaced(text) == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_nothing_but_spaces_is_added_and_only_once(text: str) -> None:
    once = spaced(text)
    assert once.replace(" ", "") == text.replace(" ", "")
    assert spaced(once) == once


def test_a_space_shows_the_model_the_word(models: Path) -> None:
    reader = Reader.load(ModelInfo("tiny"), models / "bert-masked-lm")
    glued = reader.read("very good🎉")
    assert glued.unknown == ["good🎉"]
    assert can_rescue(glued)
    rescued = reader.read(spaced(glued.text))
    assert rescued.unknown == ["🎉"]
    assert "good" in [token.piece for token in rescued.tokens]
    assert not can_rescue(rescued)


def test_only_unknown_words_need_rescue() -> None:
    assert can_rescue(samples.PIECES)
    assert not can_rescue(samples.CAT)
