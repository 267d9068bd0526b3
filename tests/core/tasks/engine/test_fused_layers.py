"""Layers of BERT and its kin on their short way: the numbers, the names and the hooks are those of transformers."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, BertConfig, BertLMHeadModel

from core.tasks.engine.fused_layers import JOINED, FusedLayer, fuse_layers
from core.tasks.engine.packed_linear import pack_linear
from core.tasks.engine.varlen_attention import FIRST_POSITIONS, use_varlen_attention
from core.tasks.explaining.parts import find_switches
from tests.core.tasks.engine.test_packing import config

IDS = torch.tensor([[5, 9, 12, 7, 30, 8], [6, 11, 5, 1, 1, 1]])
REAL = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
INPUTS = {"input_ids": IDS, "attention_mask": REAL}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


def made(auto: Any, family: str, **options: Any) -> tuple[Any, Any]:
    """A model as transformers has it, and the same with fused layers."""
    torch.manual_seed(0)
    plain = auto.from_config(config(family, **options)).eval()
    fused = copy.deepcopy(plain)
    use_varlen_attention(fused)
    fuse_layers(fused)
    return plain, fused


def layers(model: Any) -> list[Any]:
    base = model.base_model
    return list((base.transformer if hasattr(base, "transformer") else base.encoder).layer)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("family", FIRST_POSITIONS)
@torch.inference_mode()
def test_every_hidden_state_is_that_of_transformers(family: str, packed: bool) -> None:
    plain, fused = made(AutoModelForMaskedLM, family)
    if packed:
        pack_linear(fused)
    assert all(isinstance(layer.forward, FusedLayer) for layer in layers(fused))
    one, other = (model(**INPUTS, output_hidden_states=True) for model in (plain, fused))
    assert len(one.hidden_states) == 4
    for state, expected in zip(other.hidden_states, one.hidden_states, strict=True):
        assert torch.allclose(state[REAL == 1], expected[REAL == 1], atol=1e-5)
    assert torch.allclose(other.logits[REAL == 1], one.logits[REAL == 1], atol=1e-5)


@pytest.mark.parametrize("family", FIRST_POSITIONS)
def test_gradients_are_those_of_transformers(family: str) -> None:
    def gradient(model: Any) -> Tensor:
        points = model.get_input_embeddings()(IDS[:1]).detach().requires_grad_()
        return torch.autograd.grad(model(inputs_embeds=points, attention_mask=REAL[:1]).logits[0, 1], points)[0]

    plain, fused = made(AutoModelForSequenceClassification, family)
    pack_linear(fused)
    assert torch.allclose(gradient(fused), gradient(plain), atol=1e-5)


@pytest.mark.parametrize("family", FIRST_POSITIONS)
@torch.inference_mode()
def test_parts_can_still_be_switched_off(family: str) -> None:
    plain, fused = made(AutoModelForMaskedLM, family)
    pack_linear(fused)
    found = [find_switches(model, lambda model=model: model(input_ids=IDS[:1])) for model in (plain, fused)]
    assert [one.part for one in found[1]] == [one.part for one in found[0]]
    assert len(found[1]) == 3 * (2 + 2)


def test_projections_are_held_once() -> None:
    plain, fused = made(AutoModelForMaskedLM, "bert")
    assert sum(one.numel() for one in fused.parameters()) == sum(one.numel() for one in plain.parameters())
    assert hasattr(layers(fused)[0].attention.self, JOINED) and not hasattr(layers(fused)[0].attention.self, "query")


def test_a_decoder_keeps_the_way_of_transformers() -> None:
    torch.manual_seed(0)
    model = BertLMHeadModel(BertConfig(**{**config("bert").to_dict(), "is_decoder": True})).eval()
    with torch.inference_mode():
        before = model(input_ids=IDS).logits
        use_varlen_attention(model)
        fuse_layers(model)
        assert not any(isinstance(layer.forward, FusedLayer) for layer in model.bert.encoder.layer)
        assert torch.allclose(model(input_ids=IDS).logits, before, atol=1e-6)


@pytest.mark.parametrize("broken", ["another sum", "no bias", "another name"])
def test_a_layer_that_is_not_as_it_should_be_stays(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    """As a later version of transformers might have it."""
    caplog.set_level(logging.INFO)
    torch.manual_seed(0)
    model = AutoModelForMaskedLM.from_config(config("bert")).eval()
    for layer in model.bert.encoder.layer:
        if broken == "another sum":
            layer.register_forward_hook(lambda _module, _inputs, output: output * 1.1)
        elif broken == "no bias":
            layer.attention.self.query.bias = None
        else:
            layer.output.projection = layer.output.dense
            layer.output.dense = nn.Identity()
            layer.output.forward = lambda states, skip, of=layer.output: of.LayerNorm(of.projection(states) + skip)
    use_varlen_attention(model)
    with torch.inference_mode():
        before = model(**INPUTS).logits
        fuse_layers(model)
        assert torch.equal(model(**INPUTS).logits, before)
    assert not any(isinstance(layer.forward, FusedLayer) for layer in model.bert.encoder.layer)
    assert "stay as they are" in caplog.text
