"""Words glued to an emoji."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reading.emoji_spacing import has_glued_emoji, letters_before, space_emoji, token_behind
from tests.core.render.golden import samples
from tests.tokenizers import load


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
    assert space_emoji(text) == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_nothing_but_spaces_is_added_and_only_once(text: str) -> None:
    once = space_emoji(text)
    assert once.replace(" ", "") == text.replace(" ", "")
    assert space_emoji(once) == once


def test_a_space_shows_the_model_the_word(models: Path) -> None:
    reader = load(models / "bert-masked-lm")
    glued = reader.encode("very good🎉")
    assert glued.unknown == ["good🎉"]
    assert has_glued_emoji(glued)
    rescued = reader.encode(space_emoji(glued.text))
    assert rescued.unknown == ["🎉"]
    assert "good" in [token.piece for token in rescued.tokens]
    assert not has_glued_emoji(rescued)


@pytest.mark.parametrize("name", ["bert-masked-lm", "roberta-masked-lm"])
def test_a_token_is_found_again_whatever_the_spaces(models: Path, name: str) -> None:
    reader = load(models / name)
    glued, spaced = (reader.encode(text) for text in ("very🎉🎉good cat!🎉", "  very 🎉🎉 good\tcat !🎉 "))
    for position, token in enumerate(glued.tokens):
        if not token.special:
            there = token_behind(spaced, letters_before(glued, position))
            assert there is not None
            found, written = spaced.tokens[there], glued.text[token.start : token.end].strip()
            assert written.startswith(spaced.text[found.start : found.end].strip())
    assert token_behind(spaced, 99) is None


def test_only_unknown_words_need_rescue() -> None:
    assert has_glued_emoji(samples.PIECES)
    assert not has_glued_emoji(samples.CAT)
