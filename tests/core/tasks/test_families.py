"""Attention of every family that is known to give it: one square for each head, and no look at padding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.tasks.attention import AttentionTask
from tests.core.tasks.test_norms import OF_THEIR_OWN, SIZES

LAYERS, HEADS = 3, 4
FEWER_KEYS = {"num_key_value_heads": 2}  # grouped queries
FAMILIES: dict[str, dict[str, Any]] = {
    **{name: {} for name in "bert roberta xlm-roberta electra camembert mpnet deberta-v2 deberta gpt_neox".split()},
    **OF_THEIR_OWN,
    "bloom": {"n_layer": LAYERS, "n_head": HEADS},
    "eurobert": FEWER_KEYS,
    "xlnet": {"d_model": 32, "n_layer": LAYERS, "n_head": HEADS, "d_inner": 37, "max_position_embeddings": None},
}
CAUSAL = {"gpt2", "gpt_neo", "gpt_neox", "llama", "mistral", "qwen2", "bloom", "opt"}
TEXTS = [[5, 17, 3, 42, 88, 9, 6], [7, 21, 4], [11, 12, 13, 14, 15]]


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    torch.manual_seed(0)
    name: str = request.param
    options = {**SIZES, "initializer_range": 0.5, **FAMILIES[name]}
    config = CONFIG_MAPPING[name](**{key: value for key, value in options.items() if value is not None})
    folder = tmp_path_factory.mktemp(name)
    AutoModel.from_config(config).save_pretrained(folder)
    return name, folder


def test_each_text_of_a_padded_batch_is_looked_at_as_if_it_were_alone(family: tuple[str, Path]) -> None:
    name, folder = family
    task = AttentionTask(str(folder), "cpu")
    for ids, (weights, _) in zip(TEXTS, task.run(TEXTS), strict=True):
        assert weights.shape == (LAYERS, HEADS, len(ids), len(ids))
        assert weights.astype(float).sum(axis=-1) == pytest.approx(1, abs=2e-3)  # nothing went to the padding
        ((alone, _),) = task.run([ids])
        assert weights.astype(float) == pytest.approx(alone.astype(float), abs=2e-3)
        assert bool(np.triu(weights.astype(float), k=1).any()) == (name not in CAUSAL)


@torch.inference_mode()
def test_that_is_what_the_model_itself_computes(family: tuple[str, Path]) -> None:
    _, folder = family
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    expected = torch.stack(model(torch.tensor(TEXTS[:1]), output_attentions=True).attentions)[:, 0]
    ((weights, _),) = AttentionTask(str(folder), "cpu").run(TEXTS[:1])
    assert weights.astype(float) == pytest.approx(expected.numpy(), abs=2e-3)
    assert len({layer.tobytes() for layer in weights}) == LAYERS
