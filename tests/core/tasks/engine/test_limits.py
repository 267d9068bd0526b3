"""The longest text of every family: what plain `transformers` reads at the last position, and refuses one beyond."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.errors import ModelUnavailable, TooLong
from core.questions import SerialisedTokenizer
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import ModelInfo
from core.tasks import TASKS
from core.tasks.attention import AttentionTask
from core.tasks.engine.loading import check_ids
from tests import tiny
from tests.core.tasks.test_norms import OF_THEIR_OWN, SIZES

FROM_PADDING: dict[str, dict[str, Any]] = {
    **{name: {} for name in "roberta xlm-roberta camembert data2vec-text xlm-roberta-xl roberta-prelayernorm".split()},
    "xmod": {"default_language": "en_XX", "languages": ["en_XX"]},
    "esm": {"position_embedding_type": "absolute", "mask_token_id": 4},
    "ibert": {},
    "luke": {"entity_vocab_size": 5, "entity_emb_size": 8},
}
FROM_ZERO: dict[str, dict[str, Any]] = {
    **{name: {} for name in "bert electra ernie rembert".split()},
    **{name: OF_THEIR_OWN[name] for name in ("albert", "distilbert", "gpt2", "opt")},
    "openai-gpt": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40},
    "gpt_bigcode": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40},
}
CASES = [
    *((name, options, pad) for name, options in FROM_PADDING.items() for pad in (1, 5)),
    ("mpnet", {}, 1),  # whose code says 1 whatever the configuration says
    *((name, options, 1) for name, options in FROM_ZERO.items()),
]


def made(name: str, options: dict[str, Any], pad: int, folder: Path) -> Any:
    """A model on the disk, and itself."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = CONFIG_MAPPING[name](**{**SIZES, **options, "pad_token_id": pad})
    model = AutoModel.from_config(config, attn_implementation="eager").eval()
    model.save_pretrained(folder)
    return model


@torch.inference_mode()
def longest(model: Any) -> int:
    """The most tokens that it reads, found out by trying."""
    for count in range(30, 48):
        try:
            model(torch.full((1, count), 7))
        except (IndexError, RuntimeError):
            return count - 1
    raise AssertionError("it reads anything")


@pytest.fixture(scope="module", params=CASES, ids=[f"{name}-{pad}" for name, _, pad in CASES])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path, int]:
    """A model, its folder with a tokenizer that knows no limit, and the most tokens that it reads."""
    folder = tmp_path_factory.mktemp("family")
    model = made(*request.param, folder)
    tiny.word_piece().save_pretrained(folder)
    said = folder / "tokenizer_config.json"
    said.write_text(json.dumps({**json.loads(said.read_text()), "model_max_length": int(1e30)}))
    return model, folder, longest(model)


def test_a_text_of_the_last_length_is_read_and_one_beyond_is_refused(family: tuple[Any, Path, int]) -> None:
    model, folder, limit = family
    task = AttentionTask(str(folder), "cpu")
    ((weights, _),) = task.run([[7] * limit])
    with torch.inference_mode():
        expected = torch.stack(model(torch.full((1, limit), 7), output_attentions=True).attentions)[:, 0]
    assert weights.astype(float) == pytest.approx(expected.numpy(), abs=2e-3)
    with pytest.raises(TooLong) as refused:
        task.run([[7] * (limit + 1)])
    assert refused.value.values["limit"] == limit


def test_the_tokenizer_says_the_same_without_the_model(family: tuple[Any, Path, int]) -> None:
    """It cuts long texts into windows, and refuses them before anything waits for the model."""
    _, folder, limit = family
    read = SerialisedTokenizer((folder / "tokenizer.json").read_text(encoding="utf-8"), None, False, False)
    assert ModelTokenizer.load(ModelInfo("m"), folder, read).limit == limit


@pytest.mark.parametrize(
    ("config", "options", "where"),
    [
        ({}, {"model_max_length": 2}, "tokenizer_config.json (model_max_length)"),
        ({}, {"model_max_length": 1}, "tokenizer_config.json (model_max_length)"),
        ({"max_position_embeddings": 2}, {}, "config.json (max_position_embeddings)"),
        ({"model_type": "roberta", "max_position_embeddings": 2}, {}, "config.json (max_position_embeddings)"),
        ({"n_positions": 1}, {}, "config.json (n_positions)"),
        ({"max_position_embeddings": 3}, {"model_max_length": 3}, ""),
        ({"max_position_embeddings": -1}, {"model_max_length": -1}, ""),
        ({}, {"model_max_length": float("inf")}, ""),
    ],
)
def test_a_limit_that_leaves_no_room_between_the_special_tokens_is_named(
    config: dict[str, Any], options: dict[str, Any], where: str, tmp_path: Path
) -> None:
    for name, said in (("config.json", config), ("tokenizer_config.json", options)):
        (tmp_path / name).write_text(json.dumps(said))
    read = SerialisedTokenizer(tiny.word_piece().backend_tokenizer.to_str(), None, False, False)
    if where:
        with pytest.raises(ModelUnavailable) as refused:
            ModelTokenizer.load(ModelInfo("m"), tmp_path, read)
        assert refused.value.values["file"] == where
    else:
        assert ModelTokenizer.load(ModelInfo("m"), tmp_path, read).limit >= 3


def test_a_token_beyond_the_vocabulary_is_refused(family: tuple[Any, Path, int]) -> None:
    check_ids(family[0], [0, 98])
    with pytest.raises(ValueError, match="no embedding"):
        check_ids(family[0], [99])


@pytest.mark.parametrize(
    ("task", "name"),
    [("sentiment", "bert-classifier"), ("unmask", "bert-masked-lm"), ("causal", "gpt2"), ("attention", "gpt2")],
)
def test_a_model_whose_answers_are_no_numbers_is_refused(models: Path, tmp_path: Path, task: str, name: str) -> None:
    shutil.copytree(models / name, tmp_path / name)
    weights = load_file(tmp_path / name / "model.safetensors")
    weights = {key: torch.full_like(value, torch.nan) for key, value in weights.items()}
    save_file(weights, tmp_path / name / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable):
        TASKS[task](str(tmp_path / name), "cpu")


@pytest.mark.parametrize("broken", [torch.nan, torch.inf, -torch.inf])
def test_one_weight_that_is_no_number_is_enough(models: Path, tmp_path: Path, broken: float) -> None:
    shutil.copytree(models / "gpt2", tmp_path / "gpt2")
    weights = load_file(tmp_path / "gpt2" / "model.safetensors")
    max(weights.values(), key=torch.numel).view(-1)[7] = broken
    save_file(weights, tmp_path / "gpt2" / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable) as refused:
        AttentionTask(str(tmp_path / "gpt2"), "cpu")
    assert str(refused.value.__cause__) == "its weights are not numbers"


def test_what_a_model_calls_attention_is_refused_where_it_is_no_distribution(tmp_path: Path) -> None:
    """SqueezeBERT gives the scores before their softmax away."""
    model = made("squeezebert", {"embedding_size": 32, "intermediate_size": 64}, 0, tmp_path)
    with torch.inference_mode():
        given = model(torch.tensor([[5, 6, 7]]), output_attentions=True).attentions[0]
    assert np.abs(given.sum(dim=-1).numpy() - 1).max() > 0.01
    with pytest.raises(ModelUnavailable):
        AttentionTask(str(tmp_path), "cpu")
