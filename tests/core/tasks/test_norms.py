"""Norm-weighted attention: what layers pass on, for every family that is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSeq2SeqLM, FNetConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.errors import BadInput
from core.maps import measures
from core.results import AttentionMap, ModelInfo, Norms, Token, Tokenization
from core.tasks.attention import AttentionTask
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS, PROJECTIONS, Places, norms, record_values, transformed

SIZES: dict[str, Any] = {
    "vocab_size": 99,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 37,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
}
OF_THEIR_OWN: dict[str, dict[str, Any]] = {
    "albert": {"embedding_size": 16},
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 37},
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 40},
    "gpt_neo": {"num_layers": 3, "num_heads": 4, "attention_types": [[["global"], 3]]},
    "llama": {"num_key_value_heads": 2},
    "mistral": {"num_key_value_heads": 2},
    "modernbert": {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
    "opt": {"ffn_dim": 37, "word_embed_proj_dim": 32},
    "qwen2": {"num_key_value_heads": 2},
}
IDS = [[5, 17, 3, 42, 88, 9, 6], [7, 21, 4]]


def tiny(family: str) -> Any:
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family](**{**SIZES, **OF_THEIR_OWN.get(family, {})})
    model = AutoModel.from_config(config, attn_implementation="eager").eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.5)
    return model


def check_that_parts_sum(model: Any, places: Places, run: Callable[[], Any]) -> None:
    """The parts of all heads, and what the projection adds to them, are what each layer puts out."""
    put_out: list[Any] = []
    layers, _, output = places
    stack: Any = model.base_model.get_submodule(layers)
    for layer in stack:
        layer.get_submodule(output).register_forward_hook(lambda module, _, result: put_out.append((module, result)))
    with record_values(model, places) as passed:
        attentions = run()
    assert len(passed) == len(put_out) == len(attentions)
    for one, (projection, result), weights in zip(passed, put_out, attentions, strict=True):
        vectors = transformed(one, weights.shape[1])
        parts = torch.einsum("bhij,bjhw->bijw", weights, vectors)
        bias = projection.bias if projection.bias is not None else 0
        torch.testing.assert_close(parts.sum(dim=2) + bias, result, atol=1e-4, rtol=1e-4)
        heads, layer = norms(one, weights)
        torch.testing.assert_close(layer, parts.norm(dim=-1), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(heads, vectors.norm(dim=-1).mT, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("family", PROJECTIONS)
@torch.inference_mode()
def test_the_parts_of_all_heads_sum_to_what_the_layer_puts_out(family):
    model = tiny(family)
    check_that_parts_sum(
        model, PROJECTIONS[family], lambda: model(torch.tensor(IDS[:1]), output_attentions=True).attentions
    )


def tiny_writer(family: str) -> Any:
    torch.manual_seed(0)
    names = ("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads")
    bart = {**dict(zip(names, (2, 3, 4, 2), strict=True)), "encoder_ffn_dim": 37, "decoder_ffn_dim": 37}
    t5 = {"d_kv": 6, "d_ff": 37, "num_layers": 2, "num_decoder_layers": 3, "num_heads": 4}
    sizes = {"vocab_size": 99, "d_model": 32, "pad_token_id": 0, "decoder_start_token_id": 0}
    config = CONFIG_MAPPING[family](
        **sizes, **(t5 if family.endswith("t5") else {**bart, "max_position_embeddings": 40})
    )
    return AutoModelForSeq2SeqLM.from_config(config, attn_implementation="eager").eval()


@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
@pytest.mark.parametrize("family", ENCODER_DECODER_PROJECTIONS)
@torch.inference_mode()
def test_the_same_of_an_encoder_a_decoder_and_between_them(family, kind):
    model = tiny_writer(family)
    given = {"input_ids": torch.tensor(IDS[:1]), "decoder_input_ids": torch.tensor([[0, 5, 3]])}
    check_that_parts_sum(
        model,
        ENCODER_DECODER_PROJECTIONS[family][kind],
        lambda: model(**given, output_attentions=True, use_cache=False)[f"{kind}_attentions"],
    )


def mapped(task: AttentionTask, ids: list[list[int]]) -> list[AttentionMap]:
    found = []
    for one, (weights, known) in zip(ids, task.run(ids), strict=True):
        tokens = tuple(Token(id, str(id), 0, 0) for id in one)
        found.append(AttentionMap(Tokenization("", ModelInfo("m"), tokens), weights, norms=known))
    return found


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama"])
def test_neighbours_in_a_batch_change_nothing_and_rows_sum_to_one(family, tmp_path):
    tiny(family).save_pretrained(tmp_path)
    task = AttentionTask(str(tmp_path), "cpu")
    together, alone = mapped(task, IDS), [mapped(task, [ids])[0] for ids in IDS]
    for one, other in zip(together, alone, strict=True):
        count = len(one.source.tokens)
        assert one.norms.heads.shape == (3, 4, count) and one.norms.layers.shape == (3, count, count)
        np.testing.assert_allclose(one.norms.heads, other.norms.heads, atol=1e-4)
        np.testing.assert_allclose(one.norms.layers, other.norms.layers, atol=1e-4)
        for head in (None, 0, 3):
            shares = measures.norm_weighted(one, 1, head)
            np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-5)


def test_a_large_weight_on_a_short_vector_counts_little():
    weights = np.array([[[[0.9, 0.1], [0.5, 0.5]]]], np.float16)
    source = Tokenization("", ModelInfo("m"), (Token(1, "a", 0, 0), Token(2, "b", 0, 0)))
    known = Norms(np.array([[[1, 9]]], np.float32), np.ones((1, 2, 2), np.float32))
    attention = AttentionMap(source, weights, norms=known)
    np.testing.assert_allclose(measures.norm_weighted(attention, 0, 0), [[0.5, 0.5], [0.1, 0.9]], atol=1e-3)
    assert measures.norm_weighted(attention, 0, None).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    with pytest.raises(BadInput, match="cannot be measured"):
        measures.norm_weighted(AttentionMap(source, weights), 0, 0)


def test_an_unknown_family_records_nothing():
    model = AutoModel.from_config(FNetConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, intermediate_size=8))
    with record_values(model, PROJECTIONS.get(model.config.model_type)) as passed:
        model(torch.tensor([[1, 2]]))
    assert passed == []
