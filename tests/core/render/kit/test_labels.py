"""What each token is called on a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.reading.tokenizers.byte_level import BYTE_LEVEL
from core.render.kit.wording.labels import labels
from core.results import ModelInfo, Token, Tokenization


def named(text: str, *tokens: Token, kind: str = "") -> list[str]:
    return [label.numbered for label in labels(Tokenization(text, ModelInfo("m"), tokens, kind=kind))]


@pytest.mark.parametrize(
    ("text", "piece", "span", "name"),
    [
        ("Transformer", "##former", (5, 11), "former"),
        ("CAFÉ", "cafe", (0, 4), "cafe"),  # what an uncased model reads is not what was written
        ("ﬁne", "fine", (0, 3), "fine"),
        ("café", "Ã©", (3, 4), "é"),
        ("a cat", "Ġcat", (1, 5), "cat"),
        ("a cat", "Ġcat", (2, 5), "cat"),
        ("a  b", "Ġ", (1, 2), "·"),
        ("a\n\nb", "ĊĊ", (1, 3), "↵↵"),
        ("Hello", "▁Hello", (0, 5), "Hello"),
        ("Hello", "▁", (0, 0), "·"),
        ("##", "##", (0, 2), "##"),
        ("a\u3000b", "\u3000", (1, 2), "U+3000"),
        ("x" * 30, "x" * 30, (0, 30), "xxxxxxx…xxxxxx"),
    ],
)
def test_a_token_is_called_what_it_stands_for(text, piece, span, name):
    assert named(text, Token(1, piece, *span)) == [name]


def test_an_unknown_token_is_called_what_was_written():
    assert named("great🎉", Token(100, "[UNK]", 0, 6, unknown=True)) == ["great🎉"]


def test_tokens_of_the_same_name_are_numbered():
    cat, dog = (Token(1, "cat", 0, 3), Token(1, "cat", 8, 11)), Token(2, "dog", 4, 7)
    assert named("cat dog cat", cat[0], dog, cat[1]) == ["cat₁", "dog", "cat₂"]


def test_the_bytes_of_one_emoji_share_its_name():
    parts = (Token(1, "ĠðŁ", 1, 3), Token(2, "¤", 2, 3), Token(3, "Ĺ", 2, 3), Token(4, "!", 3, 4))
    assert named("a 🤗!", *parts, kind=BYTE_LEVEL) == ["🤗 1/3", "🤗 2/3", "🤗 3/3", "!"]


def test_characters_that_were_one_are_called_by_themselves():
    """½ as SentencePiece's normalisation spells it; of these, one may be unknown."""
    known = Token(1, "▁", 0, 0), Token(2, "1", 0, 1), Token(3, "⁄", 0, 1), Token(4, "2", 0, 1)
    assert named("½", *known, kind="Unigram") == ["·", "1", "⁄", "2"]
    unknown = replace(known[2], piece="<unk>", unknown=True)
    assert named("½", known[0], known[1], unknown, known[3], kind="Unigram") == ["·", "1", "½", "2"]


def test_special_tokens_keep_their_spelling():
    assert named("", Token(1, "[CLS]", 0, 0, special=True), Token(2, "<|endoftext|>", 0, 0, special=True)) == [
        "[CLS]",
        "<|endoftext|>",
    ]
