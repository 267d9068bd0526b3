"""What a tokenizer may make of a text."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFKC, Precompiled, Sequence

from core.reading.tokenizers.bounds import MOST_GROWTH, check_bounds
from tests.stress.hostile_folders import charsmap


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
