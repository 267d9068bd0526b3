"""The sentences that are drawn."""

from __future__ import annotations

from collections import Counter

import pytest

from core.quiz import LONGEST, find_sentence, read_sentences
from core.quiz.bank import GAP, SENTENCES

CODES = ("de", "en", "es", "fr", "ja")


def test_there_is_a_file_for_each_language_and_a_few_hundred_sentences() -> None:
    assert tuple(sorted(file.stem for file in SENTENCES.glob("*.txt"))) == CODES
    assert sum(len(read_sentences(code)) for code in CODES) >= 300
    assert read_sentences("xx") == []


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_can_be_asked_about(code: str) -> None:
    sentences = read_sentences(code)
    assert len({one.text for one in sentences}) == len(sentences) >= 50
    opinions = Counter(one.opinion for one in sentences)
    assert opinions["positive"] == opinions["negative"] >= 10
    for one in sentences:
        assert one.hidden and one.gapped.count(GAP) == 1 and one.gapped.replace(GAP, one.hidden) == one.text
        assert not {*"{}`+_"} & {*one.text} and one.text == " ".join(one.text.split()) and len(one.text) < LONGEST
        assert find_sentence(one.number) == one


@pytest.mark.parametrize("number", ["", "en", "en0", "en9999", "xx1", "../1", "en1.", "EN1"])
def test_no_other_number_is_that_of_a_sentence(number: str) -> None:
    assert find_sentence(number) is None
