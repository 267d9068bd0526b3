"""What models add at their positions: the rows of their own tables, wherever a family begins to count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSeq2SeqLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.errors import BadInput
from core.questions import PositionVectors
from core.tasks.attention import AttentionTask
from core.tasks.cross_attention import CrossAttentionTask
from tests.core.tasks.test_families import FAMILIES
from tests.core.tasks.test_norms import SIZES

COUNT = 12
TABLES = {
    "albert": ("embeddings.position_embeddings", 0),
    "bert": ("embeddings.position_embeddings", 0),
    "camembert": ("embeddings.position_embeddings", 1),
    "deberta": ("embeddings.position_embeddings", 0),
    "deberta-v2": ("embeddings.position_embeddings", 0),
    "distilbert": ("embeddings.position_embeddings", 0),
    "electra": ("embeddings.position_embeddings", 0),
    "gpt2": ("wpe", 0),
    "gpt_neo": ("wpe", 0),
    "mpnet": ("embeddings.position_embeddings", 2),
    "opt": ("decoder.embed_positions", 2),
    "roberta": ("embeddings.position_embeddings", 1),
    "xlm-roberta": ("embeddings.position_embeddings", 1),
}
"""Where each family keeps its table, and which row is the first token's where padding is 0.

The others turn or shift within their attention.
"""


def made(kind: str, folder: Path, **more: Any) -> Any:
    torch.manual_seed(0)
    options = {**SIZES, "initializer_range": 0.5, **FAMILIES[kind], **more}
    config = CONFIG_MAPPING[kind](**{key: value for key, value in options.items() if value is not None})
    model = AutoModel.from_config(config).eval()
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("kind", sorted(FAMILIES))
def test_they_are_the_rows_of_the_models_own_table_or_refused(kind: str, tmp_path: Path) -> None:
    model, task = made(kind, tmp_path), AttentionTask(str(tmp_path), "cpu")
    if kind not in TABLES:
        with pytest.raises(BadInput, match="adds no vector for each position"):
            task.run([PositionVectors(COUNT)])
        return
    name, first = TABLES[kind]
    ((vectors, learned),) = task.run([PositionVectors(COUNT)])
    table = model.get_submodule(name).weight.detach().numpy()
    assert learned and vectors.dtype == np.float32
    assert np.array_equal(vectors, table[first : first + COUNT])


def test_a_model_with_fewer_positions_shows_those_it_has(tmp_path: Path) -> None:
    model = made("roberta", tmp_path, max_position_embeddings=10, pad_token_id=1)
    ((vectors, _),) = AttentionTask(str(tmp_path), "cpu").run([PositionVectors(COUNT)])
    assert np.array_equal(vectors, model.embeddings.position_embeddings.weight[2:].detach().numpy())


def test_sines_and_cosines_are_told_from_what_is_learned(tmp_path: Path) -> None:
    made("distilbert", tmp_path, sinusoidal_pos_embds=True)
    ((vectors, learned),) = AttentionTask(str(tmp_path), "cpu").run([PositionVectors(COUNT)])
    assert not learned
    assert np.ptp((vectors @ vectors.T).diagonal(3)) < 1e-4


@pytest.mark.parametrize(("kind", "first", "learned"), [("bart", 2, True), ("marian", 0, False)])
def test_of_an_encoder_and_a_decoder_it_is_the_encoder(kind: str, first: int, learned: bool, models: Path) -> None:
    folder = str(models / kind)
    task = CrossAttentionTask(folder, "cpu")
    ((vectors, said),) = task.run([PositionVectors(COUNT)])
    table = AutoModelForSeq2SeqLM.from_pretrained(folder).get_encoder().embed_positions.weight
    assert said is learned
    assert np.array_equal(vectors, table[first : first + COUNT].detach().numpy())


def test_relative_positions_have_no_vectors(models: Path) -> None:
    with pytest.raises(BadInput, match="relative positions"):
        CrossAttentionTask(str(models / "t5"), "cpu").run([PositionVectors(COUNT)])
