"""all-MiniLM-L6-v2, a BERT of 6 × 12 heads, through the whole way of a model of the Hub: a small one on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import torch
from huggingface_hub import constants
from transformers import AutoModel, AutoTokenizer

from core import Core, CoreSettings
from core.render import HeadView, OverviewGrid
from core.results import AttentionMap
from tests.core.models.local_hub import COMMIT, Hub

pytestmark = [pytest.mark.weights, pytest.mark.asyncio(loop_scope="module")]

NAME = "sentence-transformers/all-MiniLM-L6-v2"
RESOLVED = "/{repo_id}/resolve/{revision}/{filename}"
TIRED = "The animal didn't cross the street because it was too tired."
TEXTS = [TIRED, "Unbelievable: a naïve café 🤗 ☃ 你好", "it's the ½ of [MASK]", "the cat sat [SEP] it was tired"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def core(minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Core, None]:
    """A core whose models come from a Hub, at a pinned commit, into an empty cache."""
    files = await asyncio.to_thread(contents, minilm)
    chosen = f"{NAME}@{COMMIT}"
    settings = CoreSettings(tokens_model=chosen, attention_model=chosen, unmask_model=chosen, sentiment_model=chosen)
    with pytest.MonkeyPatch.context() as patch:
        async with Hub(files, NAME).open() as hub:
            patch.setattr(constants, "ENDPOINT", hub.url)
            patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{hub.url}{RESOLVED}")
            patch.setattr(constants, "HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
            patch.setenv("no_proxy", "127.0.0.1")
            async with Core.open(settings) as core:
                yield core
        assert set(hub.served) == {
            *("README.md", "config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"),
            *("vocab.txt", "model.safetensors"),
        }


@pytest.fixture(scope="module")
def plain(minilm: Path) -> tuple[Any, Any]:
    """What plain transformers makes of the same folder."""
    return AutoTokenizer.from_pretrained(minilm), AutoModel.from_pretrained(minilm, attn_implementation="eager").eval()


def encoded(tokenizer: Any, text: str, **options: Any) -> Any:
    first, _, second = text.partition(" [SEP] ")
    return tokenizer(first, second or None, **options)


@pytest.mark.parametrize("text", TEXTS[:3])
async def test_tokens_and_offsets_are_those_of_transformers(core: Core, plain: tuple[Any, Any], text: str) -> None:
    theirs = plain[0](text, return_offsets_mapping=True, return_special_tokens_mask=True)
    ours = await core.tokens(text)
    assert ours.ids == theirs["input_ids"]
    assert [token.special for token in ours.tokens] == [bool(special) for special in theirs["special_tokens_mask"]]
    assert [(token.start, token.end) for token in ours.tokens] == theirs["offset_mapping"]


@pytest.mark.parametrize("text", TEXTS)
async def test_every_weight_is_that_of_transformers(core: Core, plain: tuple[Any, Any], text: str) -> None:
    result = await core.attention(text)
    inputs = encoded(plain[0], text, return_tensors="pt")
    assert result.source.ids == inputs["input_ids"][0].tolist()
    with torch.inference_mode():
        theirs = torch.cat(plain[1](**inputs, output_attentions=True).attentions).numpy()
    assert result.weights.shape == theirs.shape
    assert np.abs(result.weights - theirs).max() < 5e-4  # they are kept in float16


async def test_the_norms_are_those_of_the_paper(core: Core, plain: tuple[Any, Any]) -> None:
    """‖f(x_j)‖ with f(x) = (x W_V + b_V) W_O of each head (Kobayashi et al. 2020), worked out from the weights."""
    result = await core.attention(TIRED)
    assert result.norms
    tokenizer, model = plain
    with torch.inference_mode():
        states = model(**tokenizer(TIRED, return_tensors="pt"), output_hidden_states=True).hidden_states
        for number, layer in enumerate(model.encoder.layer):
            value, output = layer.attention.self.value, layer.attention.output.dense
            heads = value(states[number][0]).unflatten(-1, (12, 32))  # (N, heads, 32)
            parts = torch.einsum("nhd,whd->hnw", heads, output.weight.unflatten(1, (12, 32)))
            assert np.allclose(result.norms.heads[number], parts.norm(dim=-1).numpy(), rtol=2e-3, atol=1e-4)


async def test_it_looks_at_the_animal(core: Core) -> None:
    result: AttentionMap = await core.attention(TIRED)
    pieces = [token.piece for token in result.source.tokens]
    looks = result.weights[3, 1, pieces.index("it")]
    assert looks[pieces.index("animal")] > 0.6
    drawing = await core.draw(HeadView(result, 4, 2))
    assert NAME in drawing.alt
    assert (await core.draw(OverviewGrid(result, 4, 2))).png
