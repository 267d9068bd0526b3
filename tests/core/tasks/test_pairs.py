"""Two texts read as a pair, as transformers reads them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from core import Core, CoreSettings
from core.questions import TextPair
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from tests.tokenizers import load

FIRST, SECOND = "the cat sat", "it was unbelievably tired"
BOTH = f"{FIRST} {PAIR_SEPARATOR} {SECOND}"
MODELS = ["bert-masked-lm", "distilbert-masked-lm", "roberta-masked-lm", "gpt2"]


@pytest.mark.parametrize("name", MODELS)
def test_a_pair_is_cut_as_transformers_cuts_it(models: Path, name: str) -> None:
    reader = load(models / name)
    source = reader.encode_pair(BOTH)
    expected = AutoTokenizer.from_pretrained(models / name)(FIRST, SECOND)
    assert source.ids == expected["input_ids"]
    sides = expected.sequence_ids()
    assert source.second == sides.index(1)
    for token, side in zip(source.tokens, sides, strict=True):
        if not token.special and not token.unknown:
            assert source.text[token.start : token.end].strip() in (FIRST if side == 0 else SECOND)
    ordinary = [token for token in source.tokens if not token.special]
    assert [token.start for token in ordinary] == sorted(token.start for token in ordinary)
    assert [token.word for token in ordinary] == sorted(token.word for token in ordinary)


@pytest.mark.parametrize(
    "text", ["the cat sat", PAIR_SEPARATOR, f"the cat {PAIR_SEPARATOR} ", f" {PAIR_SEPARATOR} the cat"]
)
def test_one_text_stays_one(models: Path, text: str) -> None:
    reader = load(models / "bert-masked-lm")
    assert reader.encode_pair(text) == reader.encode(text)
    assert reader.encode_pair(text).second == 0


@pytest.mark.parametrize("name", MODELS)
def test_the_model_is_told_which_text_is_the_second(models: Path, name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(models / name)
    encoded = tokenizer(FIRST, SECOND, return_tensors="pt")
    ids, second = encoded["input_ids"][0].tolist(), encoded.sequence_ids().index(1)
    alone = tokenizer(FIRST)["input_ids"]
    model = AutoModel.from_pretrained(models / name, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.inference_mode():
        if name == "gpt2":
            encoded.pop("token_type_ids", None)
        expected = torch.stack(model(**encoded, output_attentions=True).attentions)[:, 0].numpy()
    (single, _), (weights, _) = DeviceRunner("cpu").run(
        Job("attention", str(models / name)), [alone, TextPair(tuple(ids), second)]
    )
    np.testing.assert_allclose(weights.astype(np.float32), expected, atol=1e-3)
    assert single.shape[-1] == len(alone)


async def test_a_core_reads_a_pair(core: Core) -> None:
    attention = await core.attention(BOTH)
    assert attention.source.text == BOTH
    assert attention.source.tokens[attention.source.second].start >= len(FIRST) + len(PAIR_SEPARATOR)
    assert (await core.attention(FIRST)).source.second == 0


@pytest.mark.parametrize("name", MODELS)
async def test_the_weights_of_a_pair_are_those_of_transformers(settings: CoreSettings, models: Path, name: str) -> None:
    """From what people type to what is drawn."""
    encoded = AutoTokenizer.from_pretrained(models / name)(FIRST, SECOND, return_tensors="pt")
    model = AutoModel.from_pretrained(models / name, attn_implementation="eager", dtype=torch.float32).eval()
    if name == "gpt2":
        encoded.pop("token_type_ids", None)
    with torch.inference_mode():
        expected = torch.stack(model(**encoded, output_attentions=True).attentions)[:, 0].numpy()
    async with Core.open(replace(settings, attention_model=str(models / name))) as core:
        found = await core.attention(BOTH)
    assert found.source.ids == encoded["input_ids"][0].tolist()
    np.testing.assert_allclose(found.weights.astype(np.float32), expected, atol=1e-3)


@pytest.mark.parametrize("told", [False, True])
async def test_types_of_texts_are_given_only_where_the_tokenizer_gives_them(
    settings: CoreSettings, models: Path, tmp_path: Path, told: bool
) -> None:
    """Whatever the model has embeddings for: some classes, such as ALBERT's, keep to themselves which text is whose."""
    folder = Path(shutil.copytree(models / "bert-masked-lm", tmp_path / "model"))
    path = folder / "tokenizer_config.json"
    names = ["input_ids", *(["token_type_ids"] if told else []), "attention_mask"]
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "model_input_names": names}))
    encoded = AutoTokenizer.from_pretrained(folder)(FIRST, SECOND, return_tensors="pt")
    assert ("token_type_ids" in encoded) == told
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.inference_mode():
        plain = model(**encoded, output_attentions=True, output_hidden_states=True)
    async with Core.open(replace(settings, attention_model=str(folder))) as core:
        found, moves = await core.attention(BOTH), await core.moves(BOTH)
    expected = torch.stack(plain.attentions)[:, 0].numpy()
    np.testing.assert_allclose(found.weights.astype(np.float32), expected, atol=1e-3)
    np.testing.assert_allclose(moves.stream[0, 0], plain.hidden_states[0][0].norm(dim=-1).numpy(), atol=1e-4)
    assert found.source.second
