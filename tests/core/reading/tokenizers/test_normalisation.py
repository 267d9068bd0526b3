"""What normalisation changes, with the tokenizers of tiny models."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.reading.tokenizers.normalisation import find_changes
from tests.tokenizers import load


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the cat", []),
        ("The CAT", ["upper case became lower case"]),
        ("café", ["accents were dropped"]),
        ("CAFÉ", ["upper case became lower case", "accents were dropped"]),
        ("the\u200b cat\u202e\u0007", ["invisible characters were taken out"]),
        ("a\u00adb", ["invisible characters were taken out"]),
        ("a 猫 b", ["spaces were put around Chinese characters"]),
        ("the\tcat", ["some characters were replaced by others"]),
        ("the [MASK]", []),
        ("The [MASK]", ["upper case became lower case"]),
    ],
)
def test_what_bert_does_to_a_text_before_cutting_it(models: Path, text: str, expected: list[str]) -> None:
    source = load(models / "bert-masked-lm").encode(text)
    assert find_changes(source) == expected


def test_a_mask_stays_as_it_is_where_the_words_around_it_do_not(models: Path) -> None:
    source = load(models / "bert-masked-lm").encode("The [MASK] is the [MASK] of É.")
    assert source.normalised == "the [MASK] is the [MASK] of e."


def test_byte_level_tokenizers_leave_texts_alone(models: Path) -> None:
    source = load(models / "gpt2").encode("CAFÉ\u200b")
    assert source.normalised is None
    assert find_changes(source) == []
