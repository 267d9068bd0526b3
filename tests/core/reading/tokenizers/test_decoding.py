"""Token ids become the text that the tokenizer makes of them, and each id has its place in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from core.errors import BadInput
from core.reading.tokenizers.decoding import parse_ids
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.render import TokenStrip
from tests import tokenizers
from tests.core.reading.tokenizers.test_tokenizer import ANY, load

NAMES = ["bert-masked-lm", "gpt2", "roberta-masked-lm"]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_any_ids_are_decoded_as_the_tokenizer_decodes_them(models: Path, name: str, data: st.DataObject) -> None:
    plain = Tokenizer.from_file(str(models / name / "tokenizer.json"))
    ids = data.draw(st.lists(st.integers(0, plain.get_vocab_size() - 1), min_size=1, max_size=20))
    found = load(models / name).decode_list(str(ids))
    assert found.ids == ids
    written = [token.id for token in found.tokens if not (token.special or token.unknown)]
    assert found.text == plain.decode(written)
    assert all(0 <= token.start <= token.end <= len(found.text) for token in found.tokens)
    assert [token.start for token in found.tokens] == sorted(token.start for token in found.tokens)
    TokenStrip(found).draw()


@pytest.mark.parametrize("name", ["gpt2", "roberta-masked-lm"])
@given(text=ANY)
@example(text="a 👩‍👩‍👧 b")
def test_byte_level_ids_lead_back_to_the_text(models: Path, name: str, text: str) -> None:
    text = text.replace("<", "(")
    reader = load(models / name)
    source = reader.encode(text)
    if source.ids:
        assert reader.decode_list(str(source.ids)).text == text


def test_transformers_gives_the_same_text(models: Path) -> None:
    theirs = AutoTokenizer.from_pretrained(models / "bert-masked-lm")
    ids = theirs("the cat, unsat.")["input_ids"]
    found = load(models / "bert-masked-lm").decode_list(", ".join(map(str, ids)))
    assert found.text == theirs.decode(ids, skip_special_tokens=True) == "the cat, unsat."
    pieces = [(token.piece, found.text[token.start : token.end].strip(), token.word) for token in found.tokens]
    assert pieces == [
        ("[CLS]", "", None),
        ("the", "the", 0),
        ("cat", "cat", 1),
        (",", ",", 1),
        ("u", "u", 2),
        ("##n", "n", 2),
        ("##s", "s", 2),
        ("##a", "a", 2),
        ("##t", "t", 2),
        (".", ".", 2),
        ("[SEP]", "", None),
    ]


@pytest.mark.parametrize("written", ["101 7592 102", "[101, 7592, 102]", "101,7592;102", " 101\n7592\t102 "])
def test_ids_are_read_from_what_people_copy(written: str) -> None:
    assert parse_ids(written, 30_000) == (101, 7592, 102)


@pytest.mark.parametrize("written", ["", "[]", "hello", "1 -2", "1.5", "101 the", "9" * 20, "٣"])
def test_what_is_no_id_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match=r"write token ids|ends at id"):
        parse_ids(written, 30_000)


def test_an_id_beyond_the_vocabulary_is_refused() -> None:
    with pytest.raises(BadInput, match="ends at id 99"):
        parse_ids("100", 100)


@pytest.fixture(scope="module", params=[tokenizers.llama, tokenizers.mistral])
def with_bytes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelTokenizer:
    """A tokenizer that spells what its vocabulary lacks in bytes."""
    request.param(folder := tmp_path_factory.mktemp("bytes"))
    return tokenizers.load(folder)


SOME = ("<0x51>", "<0xE3>", "<0x81>", "<0x82>", "<0xFF>", "<0xF0>", "▁the", "▁cat", "c")


@given(pieces=st.lists(st.sampled_from(SOME), min_size=1, max_size=12))
@example(pieces=["<0x51>", "<0x82>", "c"])
def test_bytes_that_are_no_character_have_a_place_too(with_bytes: ModelTokenizer, pieces: list[str]) -> None:
    """A stream of the library's own gives up on these; models write them, and people type them."""
    ids = [token.id for piece in pieces if (token := with_bytes.entry(piece))]
    source = with_bytes.decode(ids)
    assert source.text == with_bytes._tokenizer.decode(ids)
    places = [place for token in source.tokens for place in (token.start, token.end)]
    assert places[-1] == len(source.text)
    assert places[::2] == sorted(places[::2]) and places[1::2] == sorted(places[1::2])
