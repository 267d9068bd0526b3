"""How a number was made: made again from query and keys, every weight is the one of plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from transformers import AutoModel, AutoModelForSeq2SeqLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.errors import BadInput
from core.questions import CrossAttention, TextPair, WeightSources
from core.tasks.attention import AttentionTask
from core.tasks.cross_attention import CrossAttentionTask
from core.tasks.norms import PROJECTIONS
from core.tasks.weight_sources import RowSources
from tests.core.tasks.test_families import CAUSAL, FAMILIES, HEADS, LAYERS
from tests.core.tasks.test_norms import SIZES

SHARED_KEYS = {"num_key_value_heads": 2, "head_dim": 8}
UNFOLLOWED: dict[str, dict[str, Any]] = {"xlnet": FAMILIES["xlnet"], "gemma2": SHARED_KEYS}
"""Sums of several products; scores under a soft cap."""
FOLLOWED: dict[str, dict[str, Any]] = {
    **{name: options for name, options in FAMILIES.items() if name not in UNFOLLOWED},
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_buckets": 8},
    "falcon": {"alibi": True},
    "gemma3_text": {**SHARED_KEYS, "sliding_window": 3},
    "mistral": {**FAMILIES["mistral"], "sliding_window": 3},
    "phi3": {"num_key_value_heads": 2},
    "qwen3": SHARED_KEYS,
}
BIASED = {"mpnet", "bloom", "falcon", "deberta-v2"}
"""Families that add something for the distance of two tokens."""
SCALED_BEFORE = {"opt", "deberta", "deberta-v2", "gpt_neo"}
LEFT_TO_RIGHT = {*CAUSAL, "falcon", "gemma3_text", "phi3", "qwen3"}
EXACT = 1e-5
"""What two orders of adding in float32 may differ in: scores of these models go up to a hundred."""
TEXT = (5, 17, 3, 42, 88, 9, 6)


def folder_of(name: str, options: dict[str, Any], folder: Path, auto: Any = AutoModel) -> str:
    torch.manual_seed(0)
    wanted = {**SIZES, "initializer_range": 0.5, **options}
    config = CONFIG_MAPPING[name](**{key: value for key, value in wanted.items() if value is not None})
    auto.from_config(config).save_pretrained(folder)
    return str(folder)


def again(row: RowSources) -> npt.NDArray[np.float64]:
    """The weights, by the equation of the paper, in float64."""
    scores = row.scale * (row.key.astype(float) @ row.query.astype(float)) + row.added
    shares = np.exp(scores - scores.max())
    return shares / shares.sum()


@pytest.mark.parametrize("name", sorted(FOLLOWED))
@torch.inference_mode()
def test_a_weight_made_again_is_the_one_of_plain_transformers(name: str, tmp_path: Path) -> None:
    folder = folder_of(name, FOLLOWED[name], tmp_path)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    expected = torch.stack(model(torch.tensor([TEXT]), output_attentions=True).attentions)[:, 0].double().numpy()
    task, added = AttentionTask(folder, "cpu"), set[float]()
    for layer in range(LAYERS):
        for head, position in ((0, 0), (1, 4), (HEADS - 1, len(TEXT) - 1)):
            (row,) = task.run([WeightSources(TEXT, "", layer, head, position)])
            assert isinstance(row, RowSources)
            assert again(row) == pytest.approx(expected[layer, head, position], abs=EXACT)
            assert row.weights == pytest.approx(expected[layer, head, position], abs=EXACT)
            assert bool(np.isneginf(row.added[position + 1 :]).all()) == (
                name in LEFT_TO_RIGHT or position == len(TEXT) - 1
            )
            assert row.norms is not None
            assert row.norms.shape == (len(TEXT),)
            assert (row.scale == pytest.approx(row.query.size**-0.5)) == (name not in SCALED_BEFORE | {"gemma3_text"})
            added |= set(row.added[np.isfinite(row.added)].tolist())
    assert (added != {0.0}) == (name in BIASED)


@pytest.mark.parametrize("name", sorted(UNFOLLOWED))
def test_what_is_made_in_another_way_is_not_explained(name: str, tmp_path: Path) -> None:
    task = AttentionTask(folder_of(name, UNFOLLOWED[name], tmp_path), "cpu")
    assert task.run([WeightSources(TEXT, "", 1, 2, 3)]) == [None]


@torch.inference_mode()
def test_the_query_and_the_keys_are_those_of_the_models_own_projections(tmp_path: Path) -> None:
    folder = folder_of("bert", {}, tmp_path)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    states = model(torch.tensor([TEXT]), output_hidden_states=True).hidden_states[1]
    own = model.encoder.layer[1].attention.self
    query, key, value = (part(states)[0].unflatten(-1, (HEADS, -1))[:, 2] for part in (own.query, own.key, own.value))
    (row,) = AttentionTask(folder, "cpu").run([WeightSources(TEXT, "", 1, 2, 3)])
    assert isinstance(row, RowSources)
    assert row.query == pytest.approx(query[3].numpy(), abs=1e-5)
    assert row.key == pytest.approx(key.numpy(), abs=1e-5)
    assert row.norms == pytest.approx(value.norm(dim=-1).numpy(), abs=1e-5)


@pytest.mark.parametrize("name", ["bert", "gpt2", "llama"])
@torch.inference_mode()
def test_layers_with_the_same_weights_are_told_apart(name: str, tmp_path: Path) -> None:
    """A text of one token: every weight of every layer is 1."""
    folder = folder_of(name, FAMILIES[name], tmp_path)
    task, kept = AttentionTask(folder, "cpu"), list[torch.Tensor]()
    layers, value, _ = PROJECTIONS[name]
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    for layer in model.get_submodule(layers):
        layer.get_submodule(value).register_forward_hook(lambda *seen: kept.append(seen[-1]))
    model(torch.tensor([TEXT[:1]]))
    for layer, made in enumerate(kept):
        (row,) = task.run([WeightSources(TEXT[:1], "", layer, 0, 0)])
        values = made[0, 0, -made.shape[-1] // (3 if name == "gpt2" else 1) :][:8]
        assert row.norms == pytest.approx([float(values.norm())], abs=1e-5)
    assert len(kept) == LAYERS


@torch.inference_mode()
def test_the_attentions_of_a_decoder_are_told_apart(models: Path) -> None:
    """What it writes is one token, and so is the text: all weights of its three attentions are 1."""
    task = CrossAttentionTask(str(models / "bart"), "cpu")
    rows = [
        task.run([WeightSources(CrossAttention((5,), (44,), 9), kind, layer, 0, 0)])[0].sources
        for kind in ("encoder", "decoder", "cross")
        for layer in range(2)
    ]
    assert len({row.query.tobytes() for row in rows}) == len({row.key.tobytes() for row in rows}) == len(rows)


def test_rounding_of_large_products_is_not_taken_for_something_that_is_added(tmp_path: Path) -> None:
    """Some models have keys of some hundred (Qwen2): where they cancel each other out, float32 keeps fewer places."""
    torch.manual_seed(0)
    model = AutoModel.from_config(CONFIG_MAPPING["bert"](**SIZES))
    for layer in model.encoder.layer:
        torch.nn.init.constant_(layer.attention.self.query.bias, 20)
        layer.attention.self.key.bias.data = torch.tensor([300.0, -300.0]).repeat(16)
    model.save_pretrained(tmp_path)
    task = AttentionTask(str(tmp_path), "cpu")
    rows = [task.run([WeightSources(TEXT, "", layer, head, 5)])[0] for layer in range(LAYERS) for head in range(HEADS)]
    for row in rows:
        assert np.abs(row.key * row.query).sum(axis=1).max() > 40_000 > 1_000 > np.abs(row.key @ row.query).max()
        assert set(row.added.tolist()) == {0.0}


def test_it_may_stand_between_other_questions(tmp_path: Path) -> None:
    task = AttentionTask(folder_of("bert", {}, tmp_path), "cpu")
    pair, row = TextPair(TEXT, 4), WeightSources(TextPair(TEXT, 4), "", 1, 2, 3)
    alone = [task.run([question])[0] for question in (TEXT, row, pair)]
    (first, _), sources, (second, _) = task.run([TEXT, row, pair])
    assert np.array_equal(first, alone[0][0])
    assert np.array_equal(second, alone[2][0])
    assert isinstance(sources, RowSources)
    assert sources.weights.astype(np.float16) == pytest.approx(second[1, 2, 3], abs=1e-3)
    assert np.array_equal(sources.query, alone[1].query)


@pytest.mark.parametrize("place", [(LAYERS, 0, 0), (0, HEADS, 0)])
def test_there_is_no_such_layer_or_head(place: tuple[int, int, int], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="choose one from 1 to"):
        AttentionTask(folder_of("bert", {}, tmp_path), "cpu").run([WeightSources(TEXT, "", *place)])


@pytest.mark.parametrize("name", ["bart", "t5", "marian"])
@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
@torch.inference_mode()
def test_each_attention_of_an_encoder_and_a_decoder(name: str, kind: str, models: Path) -> None:
    folder = models / name
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    task, target = CrossAttentionTask(str(folder), "cpu"), (44, 45, 46, 47)
    start = model.generation_config.decoder_start_token_id
    given = torch.tensor([[start, *target[:-1]]])
    found = model(torch.tensor([TEXT]), decoder_input_ids=given, output_attentions=True)
    layers = getattr(found, f"{kind}_attentions")
    for layer, head in ((0, 0), (1, 1)):
        (answer,) = task.run([WeightSources(CrossAttention(TEXT, target, 9), kind, layer, head, 2)])
        row = answer.sources
        assert isinstance(row, RowSources)
        assert answer.written == list(target)
        assert again(row) == pytest.approx(layers[layer][0, head, 2].double().numpy(), abs=EXACT)
        assert bool(np.isneginf(row.added).any()) == (kind == "decoder")
        assert bool((row.added[np.isfinite(row.added)] != 0).any()) == (name == "t5" and kind != "cross")
