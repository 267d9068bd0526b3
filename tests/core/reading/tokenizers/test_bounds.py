"""What a tokenizer may make of a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFKC, Precompiled, Sequence

from core.models.config_file import TOKENIZER_OPTIONS
from core.reading.tokenizers.bounds import MOST_ADDED, MOST_GROWTH, check_bounds, check_options
from tests.stress.hostile_folders import charsmap
from tests.tiny import write_json


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("grows", "fits"), [(1, True), (18, True), (MOST_GROWTH, True), (MOST_GROWTH + 1, False)])
def test_what_a_map_of_sentencepiece_may_write_for_a_character(grows: int, fits: bool, together: bool) -> None:
    made = Precompiled(charsmap("x" * grows))
    assert made.normalize_str("cat") == "x" * grows + "at"
    tokenizer = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    tokenizer.normalizer = Sequence([NFKC(), made]) if together else made
    if fits:
        check_bounds(tokenizer)
    else:
        with pytest.raises(ValueError, match="normalizer could make millions of characters"):
            check_bounds(tokenizer)


@pytest.mark.parametrize(("count", "fits"), [(MOST_ADDED, True), (MOST_ADDED + 1, False)])
@pytest.mark.parametrize("name", TOKENIZER_OPTIONS)
def test_how_many_tokens_may_be_named_beside_the_vocabulary(name: str, count: int, fits: bool, tmp_path: Path) -> None:
    """With all their options, as `save_pretrained` writes them; in one file or in several."""
    options = dict.fromkeys(("lstrip", "normalized", "rstrip", "single_word", "special"), True)
    tokens = {str(n): {"content": f"<unused{n}>", **options} for n in range(count - 1)}
    write_json(tmp_path / name, {"added_tokens_decoder": tokens, "pad_token": None})
    check_options(tmp_path)
    other = "added_tokens.json" if name != "added_tokens.json" else "tokenizer_config.json"
    write_json(tmp_path / other, {"[one]": 1})
    if fits:
        check_options(tmp_path)
    else:
        with pytest.raises(ValueError, match="name more than 10,000 tokens"):
            check_options(tmp_path)


@pytest.mark.parametrize("token", ["<x>", 7, {}, [], {"special": True}, {"content": "<x>"}, {"content": None}])
def test_a_token_counts_whatever_it_is(token: Any, tmp_path: Path) -> None:
    write_json(tmp_path / "special_tokens_map.json", {"extra_special_tokens": [token] * (MOST_ADDED + 1)})
    with pytest.raises(ValueError, match="name more than 10,000 tokens"):
        check_options(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"[" * 200_000, b"", b"\xff"])
def test_options_that_are_no_json_name_no_tokens(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "special_tokens_map.json").write_bytes(content)
    check_options(tmp_path)
