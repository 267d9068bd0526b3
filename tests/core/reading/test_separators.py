"""Several texts in one option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reading.separators import split_texts


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("i love it;; bad film ;;the cat", ("i love it", "bad film", "the cat")),
        ("i love it\n\nbad film ;; the cat", ("i love it", "bad film", "the cat")),
        ("良い；；悪い", ("良い", "悪い")),
        (";; one ;; ;; two ;;", ("one", "two")),
        ("one;two", ("one;two",)),
        ("wait;;; what", ("wait;;; what",)),
        ("for (;;) { }", ("for (;;) { }",)),
        (r"case x) a \;; esac", ("case x) a ;; esac",)),
        (r"a \;; b ;; c", ("a ;; b", "c")),
        (" ;; ", ()),
    ],
)
def test_texts_that_were_typed_into_one_option(typed: str, texts: tuple[str, ...]) -> None:
    assert split_texts(typed) == texts


TEXTS = st.text("ab ,.'|{", min_size=1).map(str.strip).filter(bool)


@given(st.lists(TEXTS, min_size=1), st.sampled_from([";;", " ;; ", "\n"]))
def test_texts_come_back_as_they_were(texts: list[str], between: str) -> None:
    assert split_texts(between.join(texts)) == tuple(texts)
