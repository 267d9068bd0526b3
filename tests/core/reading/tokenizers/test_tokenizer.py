"""Tokenizers: exact ids with the real vocabularies, offsets that lead back to the text, refusals."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, BertTokenizer, GPT2Tokenizer, RobertaTokenizer

from core.errors import BadInput, ModelUnavailable, TooLong
from core.reading.masks import answer_positions, encode_masked, require_mask
from core.reading.tokenizers.tokenizer import NO_LIMIT, ModelTokenizer
from core.reading.validation import MAX_CHARACTERS, validate_text
from core.results import ModelInfo, Token, Tokenization
from tests import tiny
from tests.tokenizers import load

VOCABULARIES = Path(__file__).parents[5] / "shared" / "data" / "vocab"
needs_vocabularies = pytest.mark.skipif(
    not VOCABULARIES.is_dir(), reason=f"there are no vocabularies in {VOCABULARIES}"
)
SENTENCE = "Transformer models are powerful."
INFO = ModelInfo("tiny")
ANY = st.text(max_size=60)
WRITTEN = st.text(st.sampled_from("the cat sat on mat [MASK]<s>é🤗ß日本\n\t ’‿").map(str), max_size=60)


def write(folder: Path, name: str, content: Any) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


@cache
def _reader(folder: Path) -> ModelTokenizer:
    return load(folder)


@pytest.fixture(params=["bert-masked-lm", "roberta-masked-lm", "gpt2"])
def folder(request: pytest.FixtureRequest, models: Path) -> Path:
    return models / request.param


# The real vocabularies


@needs_vocabularies
@pytest.mark.parametrize(
    ("name", "options", "ids", "pieces"),
    [
        (
            "bert-base-cased",
            {"do_lower_case": False},
            [101, 13809, 23763, 3584, 1132, 3110, 119, 102],
            "[CLS] Trans ##former models are powerful . [SEP]",
        ),
        (
            "bert-base-uncased",
            {},
            [101, 10938, 2121, 4275, 2024, 3928, 1012, 102],
            "[CLS] transform ##er models are powerful . [SEP]",
        ),
    ],
)
@pytest.mark.parametrize("saved", [False, True])
def test_exact_ids_of_bert(
    tmp_path: Path, name: str, options: dict[str, bool], ids: list[int], pieces: str, saved: bool
) -> None:
    """From a bare vocabulary, and from what transformers saves."""
    if saved:
        BertTokenizer(str(VOCABULARIES / name / "vocab.txt"), **options).save_pretrained(tmp_path)
    else:
        shutil.copy(VOCABULARIES / name / "vocab.txt", tmp_path)
        write(tmp_path, "tokenizer_config.json", options)
    source = load(tmp_path).encode(SENTENCE)
    assert source.ids == ids
    assert [token.piece for token in source.tokens] == pieces.split()
    assert [token.special for token in source.tokens] == [True, *[False] * 6, True]


@needs_vocabularies
@pytest.mark.parametrize(
    ("name", "kind", "ids"),
    [
        ("gpt2", GPT2Tokenizer, [8291, 16354, 4981, 389, 3665, 13]),
        ("roberta-base", RobertaTokenizer, [0, 19163, 22098, 3092, 32, 2247, 4, 2]),
    ],
)
def test_exact_ids_of_byte_level_vocabularies(tmp_path: Path, name: str, kind: Any, ids: list[int]) -> None:
    parts = (str(VOCABULARIES / name / file) for file in ("vocab.json", "merges.txt"))
    kind(*parts).save_pretrained(tmp_path)
    reader = load(tmp_path)
    assert reader.encode(SENTENCE).ids == ids
    assert reader.mask == ("<mask>" if name == "roberta-base" else None)


@needs_vocabularies
@given(ANY)
def test_any_text_is_read_as_transformers_reads_it(text: str) -> None:
    reader, theirs = _uncased()
    assert reader.encode(text).ids == theirs(text)["input_ids"]


@cache
def _uncased() -> tuple[ModelTokenizer, BertTokenizer]:
    folder = VOCABULARIES / "bert-base-uncased"
    return load(folder), BertTokenizer(str(folder / "vocab.txt"))


@needs_vocabularies
def test_an_emoji_glued_to_a_word_hides_the_word() -> None:
    source = _uncased()[0].encode("great🎉 film")
    assert source.unknown == ["great🎉"]
    assert [token.unknown for token in source.tokens] == [False, True, False, False]


# Offsets


@given(text=ANY | WRITTEN)
@example(text="É🤗b naïve\u0301 ﬁ İstanbul 日本語\u200d\ufeff\x00")
def test_offsets_lead_back_to_the_text(models: Path, text: str) -> None:
    text = validate_text(text) if text.strip() else "x"
    for name in ("bert-masked-lm", "roberta-masked-lm", "gpt2"):
        reader = _reader(models / name)
        source = reader.encode(text)
        covered = set[int]()
        last = 0
        for token in source.tokens:
            if token.special:
                assert (token.start, token.end, token.word) == (0, 0, None)
                continue
            assert last <= token.start <= token.end <= len(text)
            covered |= set(range(token.start, token.end))
            last = token.start
        left_out = "".join(text[n] for n in range(len(text)) if n not in covered)
        assert all(_may_be_left_out(character, name) for character in left_out), ascii(left_out)


def _may_be_left_out(character: str, name: str) -> bool:
    """Spaces between words; and what BERT throws away: controls, marks on letters, U+FFFD."""
    if character.isspace():
        return True
    category = unicodedata.category(character)
    return name.startswith("bert") and (category[0] == "C" or category == "Mn" or character == "\ufffd")


def test_pieces_of_one_emoji_share_its_place(models: Path) -> None:
    source = load(models / "gpt2").encode("a 🤗")
    assert len(source.tokens) > 4
    assert {(token.start, token.end) for token in source.tokens[-3:]} == {(2, 3)}


def test_pieces_of_a_word_share_its_number(models: Path) -> None:
    source = load(models / "bert-masked-lm").encode("the zoo, 42")
    assert [(token.piece, token.word) for token in source.tokens] == [
        ("[CLS]", None),
        ("the", 0),
        ("z", 1),
        ("##o", 1),
        ("##o", 1),
        (",", 2),
        ("4", 3),
        ("##2", 3),
        ("[SEP]", None),
    ]


def test_what_the_vocabulary_lacks_is_told(models: Path) -> None:
    assert load(models / "bert-masked-lm").encode("the 日 cat").unknown == ["日"]
    assert load(models / "gpt2").encode("the 日 cat").unknown == []  # bytes leave nothing out


def test_what_a_unigram_vocabulary_lacks_is_told(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0), ("b", -2.0)], 0))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    source = load(tmp_path).encode("ab 日 b")
    assert source.unknown == ["日"]
    assert [token.piece for token in source.tokens] == ["a", "b", "<unk>", "b"]


def test_truncation_and_padding_saved_with_a_tokenizer_are_off(models: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(models / "bert-masked-lm" / "tokenizer.json"))
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=30)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert len(load(tmp_path).encode("the cat sat on the mat").ids) == 8


# Limits


@pytest.mark.parametrize(
    ("config", "options", "limit"),
    [
        ({"model_type": "bert", "max_position_embeddings": 512}, {"model_max_length": 512}, 512),
        ({"model_type": "bert", "max_position_embeddings": 512}, {"model_max_length": int(1e30)}, 512),
        ({"model_type": "bert", "max_position_embeddings": 512}, {"model_max_length": 100}, 100),
        ({"model_type": "roberta", "max_position_embeddings": 514}, {"model_max_length": 1e30}, 512),
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514}, {}, 512),
        ({"model_type": "gpt2", "n_positions": 1024}, {}, 1024),
        ({}, {}, NO_LIMIT),
    ],
)
def test_the_limit_is_the_smallest_there_is(
    models: Path, tmp_path: Path, config: dict[str, Any], options: dict[str, Any], limit: int
) -> None:
    shutil.copy(models / "bert-masked-lm" / "tokenizer.json", tmp_path)
    write(tmp_path, "config.json", config)
    write(tmp_path, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", **options})
    assert load(tmp_path).limit == limit


def test_the_last_token_that_fits_and_the_first_that_does_not(folder: Path) -> None:
    reader = load(folder)
    assert reader.limit == tiny.LONGEST
    specials = sum(token.special for token in reader.encode("a").tokens)
    longest = ("a " * (reader.limit - specials)).strip()
    if folder.name != "bert-masked-lm":  # a letter and the space before it are two tokens of these
        longest = "z" * (reader.limit - specials)
    assert len(reader.encode_within_limit(longest).ids) == tiny.LONGEST
    with pytest.raises(TooLong, match=f"{tiny.LONGEST + 1} tokens long and at most {tiny.LONGEST} are read here"):
        reader.encode_within_limit(longest + ("z" if folder.name != "bert-masked-lm" else " z"))
    with pytest.raises(TooLong, match="at most 5"):
        reader.encode_within_limit("z z z z z z", limit=5)


@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u2060", "\x00\x07", "\ufffd"])
def test_a_text_of_which_nothing_is_left_is_refused(models: Path, text: str) -> None:
    reader = load(models / "bert-masked-lm")
    assert all(token.special for token in reader.encode(text).tokens)
    with pytest.raises(BadInput, match="nothing in that text"):
        reader.encode_within_limit(text)


def test_a_token_that_the_model_lacks_never_reaches_it(models: Path, tmp_path: Path) -> None:
    """On a GPU an id out of range ruins the process."""
    tokenizer = AutoTokenizer.from_pretrained(models / "bert-masked-lm")
    tokenizer.add_tokens(["beyond"])
    tokenizer.save_pretrained(tmp_path)
    shutil.copy(models / "bert-masked-lm" / "config.json", tmp_path)
    reader = load(tmp_path)
    assert max(reader.encode("the beyond").ids) == len(tiny.VOCABULARY)
    assert reader.encode_within_limit("the cat").ids
    with pytest.raises(ModelUnavailable, match="lacks"):
        reader.encode_within_limit("the beyond")


# Masks


@pytest.mark.parametrize("text", ["___ sat", "The cat [MASK]", "___ ___"])
def test_a_tokenizer_that_cuts_its_own_mask_fills_none(models: Path, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "splitting"
    shutil.copytree(models / "bert-masked-lm", folder)
    options = json.loads((folder / "tokenizer_config.json").read_text())
    write(folder, "tokenizer_config.json", {**options, "split_special_tokens": True})
    assert "[MASK]" not in AutoTokenizer.from_pretrained(folder).tokenize("The [MASK] sat")
    with pytest.raises(ModelUnavailable, match="cannot fill masks"):
        encode_masked(load(folder), text)


@pytest.mark.parametrize("written", ["[MASK]", "[mask]", "[Mask]", "<mask>", "<MASK>", "___", "_" * 40])
@pytest.mark.parametrize("name", ["bert-masked-lm", "roberta-masked-lm"])
def test_every_spelling_of_a_mask(models: Path, name: str, written: str) -> None:
    reader = load(models / name)
    mask = {"bert-masked-lm": "[MASK]", "roberta-masked-lm": "<mask>"}[name]
    source = encode_masked(reader, f"The {written} sat,{written}.")
    assert source.text == f"The {mask} sat,{mask}."
    assert [source.tokens[place].piece for place in answer_positions(source)] == [mask, mask]


@pytest.mark.parametrize("text", ["the cat", "[MASQ]", "__", "mask", "< mask >", "[MASK"])
def test_a_text_without_a_mask(models: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"no mask.*\[MASK\], <mask> or ___"):
        require_mask(text)
    with pytest.raises(BadInput, match="no mask"):
        encode_masked(load(models / "bert-masked-lm"), text)


def test_too_many_masks(models: Path) -> None:
    require_mask("[MASK] " * 6)
    with pytest.raises(BadInput, match="9 masks and at most 6"):
        require_mask("[MASK] ___ " * 4 + "<mask>")


@pytest.mark.parametrize("name", ["bert-masked-lm", "roberta-masked-lm"])
def test_a_mask_beyond_what_the_model_reads_has_a_sentence_of_its_own(models: Path, name: str) -> None:
    reader = load(models / name)
    fill = "z" * (tiny.LONGEST - 3)
    assert len(encode_masked(reader, f"{fill} ___").tokens) == tiny.LONGEST
    with pytest.raises(BadInput, match=rf"49 tokens long, and a mask lies beyond the {tiny.LONGEST}"):
        encode_masked(reader, f"{fill}z ___")
    with pytest.raises(TooLong):
        encode_masked(reader, f"___ {fill}z")


def test_a_causal_model_reads_what_stands_before_the_gap(models: Path) -> None:
    reader, text = load(models / "gpt2"), "the cat sat  ___ the mat."
    assert reader.mask is None
    source = encode_masked(reader, text)
    assert source.text == text
    assert source.tokens == reader.encode("the cat sat").tokens
    assert answer_positions(source) == (len(source.tokens) - 1,)


@pytest.mark.parametrize("text", ["the cat sat", "the cat sat  ", "the cat sat\n"])
def test_a_causal_model_goes_on_with_a_text_without_a_gap(models: Path, text: str) -> None:
    reader = load(models / "gpt2")
    source = encode_masked(reader, text)
    assert (source.text, source.tokens) == (text, reader.encode("the cat sat").tokens)
    assert answer_positions(source) == (len(source.tokens) - 1,)


def test_a_causal_model_goes_on_with_as_many_tokens_as_it_reads(models: Path) -> None:
    reader = load(models / "gpt2")
    fill = "!?" * (tiny.LONGEST // 2)
    assert len(encode_masked(reader, fill).tokens) == tiny.LONGEST
    with pytest.raises(TooLong):
        encode_masked(reader, f"{fill}!")


@pytest.mark.parametrize(("text", "complaint"), [("the ___ on ___", "fills one gap"), ("  ___ cat", "before the gap")])
def test_what_a_causal_model_cannot_go_on_with(models: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        encode_masked(load(models / "gpt2"), text)


def test_a_model_that_neither_has_a_mask_nor_goes_on(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "gpt2", tmp_path / "bare")
    tiny.change_config(folder, architectures=["GPT2Model"])
    with pytest.raises(ModelUnavailable, match="tiny cannot fill masks"):
        encode_masked(load(folder), "the [MASK]")


# Folders that cannot be used


@pytest.mark.parametrize("damage", ["broken json", "not a tokenizer", "vocab", "config"])
def test_a_folder_without_a_tokenizer_that_can_be_read(models: Path, tmp_path: Path, damage: str) -> None:
    match damage:
        case "broken json":
            (tmp_path / "tokenizer.json").write_text("{")
        case "not a tokenizer":
            write(tmp_path, "tokenizer.json", {"model": {"type": "Mystery"}})
        case "vocab":
            (tmp_path / "vocab.txt").write_text("the\ncat\n")
        case _:
            shutil.copy(models / "bert-masked-lm" / "tokenizer.json", tmp_path)
            (tmp_path / "config.json").write_text("[")
    with pytest.raises(ModelUnavailable, match="tiny has no tokenizer that can be read") as caught:
        load(tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_options_of_a_bare_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\nCafé\ncafe\n日本\n")
    write(tmp_path, "config.json", {"model_type": "bert", "vocab_size": 7})
    for options, pieces in (
        ({}, ["cafe", "cafe", "[UNK]", "[UNK]"]),
        ({"do_lower_case": False}, ["Café", "[UNK]", "[UNK]", "[UNK]"]),
        ({"do_lower_case": True, "strip_accents": False}, ["[UNK]", "[UNK]", "[UNK]", "[UNK]"]),
        ({"tokenize_chinese_chars": False}, ["cafe", "cafe", "日本"]),
    ):
        write(tmp_path, "tokenizer_config.json", options)
        reader = load(tmp_path)
        read = [token.piece for token in reader.encode("Café CAFÉ 日本").tokens if not token.special]
        assert read == pieces == BertTokenizer.from_pretrained(tmp_path).tokenize("Café CAFÉ 日本")
        assert reader.mask is None  # transformers adds one, which the model has no embedding for


# What may be asked at all


@given(ANY.filter(str.strip))
def test_a_text_without_half_surrogates_stays_as_it_is(text: str) -> None:
    assert validate_text(text) == text


@given(st.text(st.characters(categories=["Cs"], include_characters="ab"), min_size=1))
def test_half_surrogates_become_replacement_characters(text: str) -> None:
    checked = validate_text(text)
    checked.encode()  # raises for a half surrogate
    assert re.sub("[^ab]", "", checked) == re.sub("[^ab]", "", text)
    assert len(checked) <= len(text)


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("a\ud83d", "a\ufffd"),
        ("\udc00b", "\ufffdb"),
        ("a\ud83d\ude00b", "a😀b"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
        ("\ufeffa", "\ufeffa"),
    ],
)
def test_halves_that_belong_together_are_joined(text: str, checked: str) -> None:
    assert validate_text(text) == checked


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000\u00a0"])
def test_an_empty_text(text: str) -> None:
    with pytest.raises(BadInput, match="empty"):
        validate_text(text)


def test_a_long_text() -> None:
    assert validate_text("é" * MAX_CHARACTERS)
    with pytest.raises(BadInput, match=r"2,001 characters and at most 2,000"):
        validate_text("é" * (MAX_CHARACTERS + 1))


def test_ids_in_order() -> None:
    assert Tokenization("ab", INFO, (Token(7, "a", 0, 1), Token(3, "b", 1, 2))).ids == [7, 3]
