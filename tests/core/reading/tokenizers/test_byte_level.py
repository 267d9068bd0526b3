"""Byte-level pieces: their bytes are the text's, and what shares a character stays together."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex
from hypothesis import example, given

from core.reading.tokenizers.byte_level import bytes_of, group_characters
from core.render import TokenStrip
from core.render.kit.pills import pills
from core.results import ModelInfo, Token, Tokenization
from tests.core.reading.tokenizers.test_tokenizer import ANY
from tests.tokenizers import load

FAMILY = "👩‍👩‍👧‍👦"
WRITTEN = [f"a {FAMILY} b", "🤗", "नमस्ते 日本", "e\u0301e\u0301", " \n\t\r\n ", "🇫🇷🇩🇪 naïve"]


def groups(source: Tokenization) -> list[str]:
    """The text of each group of tokens."""
    found = group_characters(source)
    return [source.text[source.tokens[group[0]].start : source.tokens[group[-1]].end] for group in found]


@pytest.mark.parametrize("name", ["gpt2", "roberta-masked-lm"])
@given(text=ANY)
@example(text=f"a {FAMILY}")
def test_the_bytes_of_the_pieces_are_those_of_the_text(models: Path, name: str, text: str) -> None:
    source = load(models / name).encode(text.replace("<", "(").strip())
    together = b"".join(bytes_of(source, token) for token in source.tokens)
    assert together.decode() == source.text
    assert not any(bytes_of(source, token) for token in source.tokens if token.special)


@pytest.mark.parametrize("name", ["bert-masked-lm", "gpt2", "roberta-masked-lm"])
@given(text=ANY)
@example(text=FAMILY * 2)
@example(text="\r\n \u0301")
def test_every_token_is_in_one_group_in_order(models: Path, name: str, text: str) -> None:
    source = load(models / name).encode(text)
    assert [place for group in group_characters(source) for place in group] == list(range(len(source.tokens)))
    assert [id for pill in pills(source) for id in pill.ids] == source.ids
    for group in group_characters(source):
        assert len(group) == 1 or not any(source.tokens[place].special for place in group)


@pytest.mark.parametrize("text", WRITTEN)
@pytest.mark.parametrize("name", ["gpt2", "roberta-masked-lm"])
def test_what_a_reader_takes_for_one_character_is_never_cut(models: Path, name: str, text: str) -> None:
    source = load(models / name).encode(text)
    starts = {found.start() for found in regex.finditer(r"\X", text)}
    for group in group_characters(source):
        first = source.tokens[group[0]]
        assert first.special or first.start == first.end or first.start in starts


def test_an_emoji_is_one_pill_with_all_its_ids(models: Path) -> None:
    source = load(models / "gpt2").encode(f"the {FAMILY} cat")
    (pill,) = (pill for pill in pills(source) if FAMILY in source.text[pill.start : pill.end])
    assert pill.label.text == FAMILY
    assert len(pill.ids) == len(FAMILY.encode())  # the tiny vocabulary has no larger pieces of it
    assert pill.numbers.endswith(" …")


def test_pieces_of_characters_have_no_bytes(models: Path) -> None:
    source = load(models / "bert-masked-lm").encode("the cat")
    assert source.kind == "WordPiece"
    assert {bytes_of(source, token) for token in source.tokens} == {b""}
    assert "bytes" not in TokenStrip(source).table().header


def test_byte_fallback_has_bytes() -> None:
    tokens = tuple(Token(n, f"<0x{byte:02X}>", 0, 1, word=0) for n, byte in enumerate("é".encode()))
    source = Tokenization("é", ModelInfo("fallback"), tokens, kind="BPE")
    assert [bytes_of(source, token) for token in tokens] == [b"\xc3", b"\xa9"]
    assert group_characters(source) == [(0, 1)]


def test_the_table_has_the_bytes(models: Path) -> None:
    table = TokenStrip(load(models / "gpt2").encode("é")).table()
    assert table.header == ("#", "token", "id", "characters", "bytes", "note")
    assert [row[4] for row in table.rows] == ["C3", "A9"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("bert-masked-lm", "WordPiece"), ("gpt2", "byte-level BPE"), ("roberta-masked-lm", "byte-level BPE")],
)
def test_the_picture_names_the_kind_of_tokenizer(models: Path, name: str, kind: str) -> None:
    assert load(models / name).kind == kind
