"""The vocabularies of well-known models in the box: their ids are those of the models, for plain transformers too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from core import Core, CoreSettings
from core.models.metadata import read_metadata
from core.models.resolver import BUNDLED, resolve_model
from core.reading.tokenizers.bundled import read_bundled
from core.reading.tokenizers.tokenizer import ModelTokenizer
from tests.tokenizers import load
from training.pretrained_vocabularies import VOCABULARIES

SENTENCE = "Transformer models are powerful."
IDS = {
    "bert-base-cased": [101, 13809, 23763, 3584, 1132, 3110, 119, 102],
    "bert-base-uncased": [101, 10938, 2121, 4275, 2024, 3928, 1012, 102],
    "bert-base-multilingual-cased": [101, 29608, 59106, 22441, 10301, 29481, 119, 102],
    "gpt2": [8291, 16354, 4981, 389, 3665, 13],
    "roberta-base": [0, 19163, 22098, 3092, 32, 2247, 4, 2],
}
"""What the published models say."""


@pytest.fixture(scope="module", params=sorted(IDS))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def ours(name: str) -> ModelTokenizer:
    return load(BUNDLED / name, resolve_model(f"bundled/{name}"))


@pytest.fixture(scope="module")
def theirs(name: str) -> Any:
    return AutoTokenizer.from_pretrained(BUNDLED / name)


def test_every_vocabulary_is_measured_here() -> None:
    assert IDS.keys() == VOCABULARIES.keys()


def test_the_ids_are_those_of_the_model(name: str, ours: ModelTokenizer) -> None:
    assert ours.encode(SENTENCE).ids == IDS[name]


@given(text=st.text(min_size=1, max_size=40))
def test_plain_transformers_cuts_in_the_same_way(ours: ModelTokenizer, theirs: Any, text: str) -> None:
    assert ours.encode(text).ids == theirs(text)["input_ids"]


@pytest.fixture(scope="module", params=sorted(path.parent.name for path in BUNDLED.glob("*/tokenizer_config.json")))
def both(request: pytest.FixtureRequest) -> tuple[ModelTokenizer, ModelTokenizer]:
    """The tokenizer of a folder in the box as the bot reads it by itself, and as the device's side has it."""
    folder, model = BUNDLED / request.param, resolve_model(f"bundled/{request.param}")
    if (read := read_bundled(folder)) is None:
        assert request.param in ("gpt2", "roberta-base")
        pytest.skip("transformers makes this one")
    return ModelTokenizer.load(model, folder, read), load(folder, model)


@given(text=st.text(min_size=1, max_size=40))
@example(text="great🎉 ☃ ½ ÉCOLE 日本語\u200b [MASK] <mask> <|endoftext|>")
def test_what_needs_no_device_is_the_same(both: tuple[ModelTokenizer, ModelTokenizer], text: str) -> None:
    alone, device = both
    assert alone.encode(text) == device.encode(text)
    assert alone.encode_pair(f"{text} [SEP] it") == device.encode_pair(f"{text} [SEP] it")


def test_they_are_for_tokens_alone_and_say_whose_they_are(name: str) -> None:
    metadata = read_metadata(BUNDLED / name)
    assert (metadata.commands, metadata.weights) == ({"tokens"}, 0)
    assert metadata.licence == VOCABULARIES[name].licence


def test_all_together_are_small() -> None:
    files: list[Path] = [path for name in IDS for path in (BUNDLED / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 4_000_000


async def test_the_tokens_of_the_course_need_no_network() -> None:
    async with Core.open(CoreSettings.bundled()) as core:
        source = await core.tokens(SENTENCE)
    assert source.model.name == "bundled/bert-base-cased"
    assert [token.piece for token in source.tokens] == "[CLS] Trans ##former models are powerful . [SEP]".split()
