"""What a causal model could go on with, as it would stand behind the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.reading.continuation import encode_prompt, spell_next
from tests.tokenizers import load


@pytest.mark.parametrize("text", ["a", "a 🤗", "🤗", "日本", "👩‍👩‍👧", "<|endoftext|>"])
def test_what_follows_is_spelt_as_text_behind_a_character_of_several_tokens_too(models: Path, text: str) -> None:
    tokenizer = load(models / "gpt2")
    entries = [tokenizer.entry("Ġ"), tokenizer.entry("!"), tokenizer.entry("Ċ")]
    assert all(entries)
    following = [entry.id for entry in entries if entry]
    assert spell_next(tokenizer, encode_prompt(tokenizer, text), following) == [" ", "!", "\n"]
