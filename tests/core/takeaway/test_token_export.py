"""Tokens as files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.results import ModelInfo, Token, Tokenization
from core.takeaway.spreadsheet import FORMULA
from core.takeaway.token_export import as_csv, as_json
from tests.core.reading.tokenizers.test_tokenizer import load
from tests.core.render.golden import samples


def test_the_json_file_holds_everything() -> None:
    listing = json.loads(as_json(samples.PIECES))
    assert listing["text"] == samples.PIECES.text
    assert listing["model"] == samples.MODEL.name
    assert listing["ids"] == samples.PIECES.ids
    for row, token in zip(listing["tokens"], samples.PIECES.tokens, strict=True):
        assert row.pop("written") == samples.PIECES.text[token.start : token.end]
        assert row == asdict(token)


def test_byte_level_pieces_have_their_bytes(models: Path) -> None:
    source = load(models / "gpt2").encode("é")
    assert [row["bytes"] for row in json.loads(as_json(source))["tokens"]] == ["C3", "A9"]


def test_several_tokenizers_are_listed_one_after_the_other(models: Path) -> None:
    sources = [load(models / name).encode("the é") for name in ("bert-masked-lm", "gpt2")]
    assert [one["ids"] for one in json.loads(as_json(*sources))] == [source.ids for source in sources]
    named = [replace(source, model=ModelInfo(name)) for source, name in zip(sources, "ab", strict=True)]
    rows = list(csv.DictReader(io.StringIO(as_csv(*named).decode("utf-8-sig"), newline="")))
    assert [(row["model"], int(row["id"])) for row in rows] == [(one.model.name, id) for one in named for id in one.ids]
    assert {row["bytes"] for row in rows if row["model"] == "a"} == {""}
    assert "C3" in [row["bytes"] for row in rows]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), max_size=6))
def test_the_csv_file_is_read_back_and_runs_nothing(pieces: list[str]) -> None:
    tokens = tuple(Token(number, piece, number, number + 1) for number, piece in enumerate(pieces))
    file = as_csv(Tokenization("=1+2\t" * 3, ModelInfo("m"), tokens)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file, newline="")))
    assert [row["piece"].removeprefix("'") for row in rows] == [piece.removeprefix("'") for piece in pieces]
    for cell in (cell for row in rows for cell in row.values()):
        assert not cell.startswith(FORMULA) or float(cell) is not None


def test_a_number_stays_a_number_in_the_csv_file() -> None:
    tokens = tuple(Token(number, piece, number, number + 1) for number, piece in enumerate(["-5", "+0.5", "-5+1"]))
    file = as_csv(Tokenization("abc", ModelInfo("m"), tokens)).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(file, newline=""))
    assert [(row["piece"], row["word"]) for row in rows] == [("-5", ""), ("+0.5", ""), ("'-5+1", "")]
