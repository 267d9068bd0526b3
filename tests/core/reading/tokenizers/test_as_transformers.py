"""Every kind of tokenizer: ids, places and words are those of `AutoTokenizer`, or the folder is refused."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from core.errors import ModelUnavailable
from core.maps.selection import select_tokens
from core.models import metadata
from core.models.metadata import read_metadata
from core.reading.tokenizers.normalisation import find_changes
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR, ModelTokenizer
from core.render.kit.pills import pills
from core.render.kit.wording.labels import labels
from core.results import Token, Tokenization
from core.tasks import tokenizer as task
from tests import tiny
from tests.core.reading.tokenizers.test_tokenizer import VOCABULARIES, needs_vocabularies
from tests.tokenizers import KINDS, WITHOUT_WORDS, load

WRITTEN = [*tiny.WORDS, *"  \n▁☃½é日🎉.,AÉ", "<s>", "[MASK]"]
TEXTS = st.text(max_size=40) | st.lists(st.sampled_from(WRITTEN), max_size=20).map("".join)


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each of `KINDS`."""
    folder = tmp_path_factory.mktemp("tokenizers")
    for name, make in KINDS.items():
        make(folder / name)
    return folder


@cache
def both(folder: Path) -> tuple[ModelTokenizer, Any]:
    """Our tokenizer of a folder and theirs."""
    return load(folder), AutoTokenizer.from_pretrained(folder)


def pieces(source: Tokenization) -> list[str]:
    return [token.piece for token in source.tokens]


def words(source: Tokenization) -> list[str]:
    return [source.written(places).strip() for places in source.words]


def token(source: Tokenization, written: str) -> list[Token]:
    """The tokens that stand where something is written."""
    start = source.text.index(written)
    return [one for one in source.tokens if one.start >= start and start < one.end <= start + len(written)]


# Ids


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS)
@example(text=" ½ ☃  the cat\n\nÉcole 日本 🎉")
def test_any_text_has_the_ids_that_transformers_gives(kinds: Path, name: str, text: str) -> None:
    ours, theirs = both(kinds / name)
    source = ours.encode(text)
    assert source.ids == theirs(text)["input_ids"]
    assert pieces(source) == theirs.convert_ids_to_tokens(source.ids)


@pytest.mark.parametrize("name", KINDS)
@given(first=TEXTS, second=TEXTS)
@example(first="the cat sat.", second="it was tired.")
@example(first="the cat", second="\u200b")
def test_any_pair_has_the_ids_that_transformers_gives(kinds: Path, name: str, first: str, second: str) -> None:
    first, second = first.strip() or "the", second.strip() or "cat"
    ours, theirs = both(kinds / name)
    source = ours.encode_pair(f"{first} {PAIR_SEPARATOR} {second}")
    expected = theirs(first, second)
    sides = expected.sequence_ids()
    assert source.ids == expected["input_ids"]
    assert source.second == (sides.index(1) if 1 in sides else 0)
    begins = len(source.text) - len(second)
    for one, side in zip(source.tokens, sides, strict=True):
        assert one.special or (one.end <= len(first) if side == 0 else begins <= one.start <= one.end)


def test_a_pair_has_no_stray_space(kinds: Path) -> None:
    """What people get who give `/attention` two texts."""
    pair = f"the cat sat. {PAIR_SEPARATOR} it was tired."
    read = " ".join(pieces(both(kinds / "roberta")[0].encode_pair(pair)))
    assert ". </s> </s> i" in read
    assert not read.endswith("Ġ </s>")
    assert "▁" not in pieces(both(kinds / "llama")[0].encode_pair(pair))


@pytest.mark.parametrize(
    ("options", "read"),
    [({}, "the cat sat"), ({"do_lower_case": False}, "[UNK] [UNK] sat")],
)
def test_options_beside_a_tokenizer_count(tmp_path: Path, options: dict[str, Any], read: str) -> None:
    KINDS["bert"](tmp_path)
    path = tmp_path / "tokenizer_config.json"
    tiny.write_json(path, {**json.loads(path.read_text()), **options})
    assert pieces(load(tmp_path).encode("The CAT sat")) == ["[CLS]", *read.split(), "[SEP]"]


def test_a_space_before_the_first_word_is_an_option(kinds: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(kinds / "roberta", tmp_path / "spaced")
    path = folder / "tokenizer_config.json"
    tiny.write_json(path, {**json.loads(path.read_text()), "add_prefix_space": True})
    ours, theirs = load(folder), AutoTokenizer.from_pretrained(folder)
    assert ours.encode("the cat").ids == theirs("the cat")["input_ids"] != load(kinds / "roberta").encode("the cat").ids


# Vocabularies without a tokenizer.json


@needs_vocabularies
@pytest.mark.parametrize(("name", "family"), [("gpt2", "gpt2"), ("roberta-base", "roberta")])
@given(text=TEXTS)
def test_merges_are_read_as_transformers_reads_them(name: str, family: str, text: str) -> None:
    ours, theirs = bare(name, family)
    assert ours.encode(text).ids == theirs(text)["input_ids"]


@cache
def bare(name: str, family: str) -> tuple[ModelTokenizer, Any]:
    """The tokenizers of a vocabulary with its merges and nothing else."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(VOCABULARIES / name, folder, dirs_exist_ok=True)
        tiny.write_json(Path(folder) / "config.json", {"model_type": family, "architectures": ["GPT2LMHeadModel"]})
        assert {"tokens", "unmask"} <= read_metadata(Path(folder)).commands
        return both.__wrapped__(Path(folder))


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (["vocab.json", "config.json"], "merges.txt"),
        (["merges.txt", "config.json"], "vocab.json"),
        (["vocab.json", "merges.txt"], "config.json"),
        (["config.json"], "tokenizer.json"),
        ([], "tokenizer.json"),
        (["spiece.model", "config.json"], "sentencepiece (PyPI)"),
        (["tokenizer.model", "config.json"], "sentencepiece (PyPI)"),
    ],
)
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], missing: str
) -> None:
    monkeypatch.setattr(metadata, "find_spec", lambda name: None if name == "sentencepiece" else find_spec(name))
    for name in files:
        (tmp_path / name).write_text('{"model_type": "roberta"}')
    with pytest.raises(ModelUnavailable, match=re.escape(f"tokenizer of tiny cannot be read without {missing}: ")):
        load(tmp_path)


def test_a_folder_that_is_elsewhere_is_not_called_a_missing_tokenizer(tmp_path: Path) -> None:
    """As on a computer of a Ray cluster to which nobody copied it."""
    with pytest.raises(ModelUnavailable) as caught:
        load(tmp_path / "nowhere")
    assert str(caught.value) == (
        "The files of the model tiny are not on the computer that runs it: ask the bot's host to copy them there."
    )


# What is refused


def test_a_tokenizer_that_only_python_reads_is_refused(tmp_path: Path) -> None:
    """It tells no places, and cannot be carried over."""
    (tmp_path / "vocab.txt").write_text("<cls>\n<pad>\n<eos>\n<unk>\nL\nA\n<mask>")
    tiny.write_json(tmp_path / "config.json", {"model_type": "esm"})
    assert AutoTokenizer.from_pretrained(tmp_path)("LA")["input_ids"] == [0, 4, 5, 2]
    with pytest.raises(ModelUnavailable, match="does not tell where in a text its tokens stand"):
        load(tmp_path)


@pytest.mark.parametrize("differs", ["encode", "encode_pair"])
def test_a_tokenizer_that_would_be_read_otherwise_is_refused(
    kinds: Path, monkeypatch: pytest.MonkeyPatch, differs: str
) -> None:
    exact = getattr(ModelTokenizer, differs)
    monkeypatch.setattr(ModelTokenizer, differs, lambda self, text: exact(self, text.replace("sat", "cat")))
    assert any("sat" in probe for probe in task.PROBES)
    with pytest.raises(ModelUnavailable, match="tokenizer of tiny cannot be read here as transformers reads it"):
        load(kinds / "bert, cased by an option")


# Words


@pytest.mark.parametrize("name", WITHOUT_WORDS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the cat sat.", ["the", "cat", "sat."]),
        ("it was\ntired", ["it", "was", "", "tired"]),
        ("good 🎉 film", ["good", "🎉", "film"]),
        ("unlovely 日本 cats", ["unlovely", "日本", "cats"]),
    ],
)
def test_words_begin_at_white_space(kinds: Path, name: str, text: str, expected: list[str]) -> None:
    assert words(both(kinds / name)[0].encode(text)) == expected


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the cat's cat", ["the", "cat's", "cat"]),
        ("it didn’t", ["it", "didn’t"]),
        ("the un-lovely cat", ["the", "un-lovely", "cat"]),
        ("cat - cat", ["cat", "-", "cat"]),
        ("was 3.5 it", ["was", "3.5", "it"]),
    ],
)
def test_words_are_what_people_call_so(kinds: Path, name: str, text: str, expected: list[str]) -> None:
    assert words(both(kinds / name)[0].encode(text)) == expected


@pytest.mark.parametrize("name", WITHOUT_WORDS)
def test_words_of_a_pair_go_on(kinds: Path, name: str) -> None:
    source = both(kinds / name)[0].encode_pair(f"the cat {PAIR_SEPARATOR} it was")
    assert words(source) == ["the", "cat", "it", "was"]


@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS)
def test_places_and_words_go_on_and_on(kinds: Path, name: str, text: str) -> None:
    source = both(kinds / name)[0].encode(text)
    ordinary = [one for one in source.tokens if not one.special]
    assert all(0 <= one.start <= one.end <= len(text) for one in ordinary)
    starts = [one.start for one in ordinary]
    assert starts == sorted(starts)
    numbers = [one.word for one in ordinary if one.word is not None]
    assert numbers == sorted(numbers)
    if name in WITHOUT_WORDS and ordinary:
        assert numbers[0] == 0
        assert all(after - before in (0, 1) for before, after in itertools.pairwise(numbers))


# What a vocabulary lacks


@pytest.mark.parametrize("name", ["xlm-roberta", "t5"])
@pytest.mark.parametrize("text", ["☃", "the ☃ cat", "☃cat", "a ☃☃"])
def test_what_sentencepiece_lacks_is_unknown(kinds: Path, name: str, text: str) -> None:
    source = both(kinds / name)[0].encode(text)
    assert source.unknown == ["☃☃" if "☃☃" in text else "☃"]
    spaces = [one for one in source.tokens if one.piece == "▁"]
    assert all(not text[one.start : one.end].strip() for one in spaces)


@pytest.mark.parametrize("name", ["llama", "mistral", "gemma"])
def test_bytes_leave_nothing_out(kinds: Path, name: str) -> None:
    source = both(kinds / name)[0].encode("the ☃ cat")
    assert source.unknown == []
    assert len(token(source, "☃")) == len("☃".encode())


@pytest.mark.parametrize("text", ["☃", "the ☃ cat"])
def test_the_unknown_is_outlined_wherever_it_is_drawn(kinds: Path, text: str) -> None:
    source = both(kinds / "xlm-roberta")[0].encode(text)
    assert [(pill.label.text, len(pill.ids)) for pill in pills(source) if pill.label.unknown] == [("☃", 1)]
    assert [label.text for label in labels(source) if label.unknown] == ["☃"]
    (word,) = (places for places in source.words if any(source.tokens[place].unknown for place in places))
    assert source.written(word).strip() == "☃"


def test_one_character_may_be_several_that_are_known(kinds: Path) -> None:
    """½ becomes 1⁄2, none of which is a byte."""
    source = both(kinds / "xlm-roberta")[0].encode("the ½")
    assert source.unknown == []
    assert [label.text for label in labels(source)] == ["<s>", "the", "·", "1", "⁄", "2", "</s>"]
    assert all(len(pill.ids) == 1 for pill in pills(source))


@pytest.mark.parametrize("name", WITHOUT_WORDS)
def test_words_that_are_merged_are_called_without_their_space(kinds: Path, name: str) -> None:
    source = both(kinds / name)[0].encode("the cat unlovely")
    weights = np.full((len(source.tokens),) * 2, 1 / len(source.tokens), np.float32)
    merged = select_tokens(source, weights, "bare").columns
    assert [label.text for label in labels(merged)] == ["the", "cat", "unlovely"]


@pytest.mark.parametrize("name", ["llama", "mistral", "gemma"])
def test_spaces_written_otherwise_are_no_change_of_the_text(kinds: Path, name: str) -> None:
    assert find_changes(both(kinds / name)[0].encode("the cat  sat")) == []
