"""The short way through an encoder: what it leaves out nobody looks at; what is not its business it leaves alone."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification

from core.tasks.engine.fused_encoder import FusedEncoder
from core.tasks.engine.fused_layers import fuse_layers
from core.tasks.engine.output_heads import run_head_at
from core.tasks.engine.varlen_attention import FIRST_POSITIONS, use_varlen_attention
from tests.core.tasks.engine.test_fused_layers import IDS, INPUTS, REAL, layers, made
from tests.core.tasks.engine.test_packing import config


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("family", FIRST_POSITIONS)
@torch.inference_mode()
def test_the_last_layer_computes_only_what_is_asked_for(family: str) -> None:
    plain, fused = made(AutoModelForMaskedLM, family)
    assert isinstance(fused.base_model.forward, FusedEncoder)
    expected, widths = plain(input_ids=IDS[:1]).logits[0, [4, 1]], list[int]()
    hooks = [layer.register_forward_hook(lambda *seen: widths.append(seen[-1].shape[1])) for layer in layers(fused)]
    for narrow, last in ((True, 2), (False, 6)):
        widths.clear()
        found = run_head_at(fused, [(0, 4), (0, 1)], narrow=narrow, input_ids=IDS[:1])
        assert torch.allclose(found[0], expected, atol=1e-5) and widths == [6, 6, last]
    for hook in hooks:
        hook.remove()
    assert torch.allclose(fused(input_ids=IDS[:1]).logits, plain(input_ids=IDS[:1]).logits, atol=1e-5)


@pytest.mark.parametrize(
    "unusual",
    [
        INPUTS,
        {"input_ids": IDS, "output_hidden_states": True},
        {"input_ids": IDS, "attention_mask": torch.ones_like(IDS), "return_dict": False},
        {"inputs_embeds": torch.linspace(-1, 1, 96).sin().view(1, 6, 16)},
        {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)},
    ],
    ids=lambda given: "+".join(given),
)
@pytest.mark.parametrize("family", FIRST_POSITIONS)
@torch.inference_mode()
def test_an_unusual_question_is_answered_as_by_transformers(family: str, unusual: dict[str, Any]) -> None:
    plain, fused = made(AutoModelForSequenceClassification, family)
    for one, other in ((plain, fused), (plain.base_model, fused.base_model)):
        expected, found = one(**unusual), other(**unusual)
        assert len(expected) == len(found) and isinstance(expected, tuple) == isinstance(found, tuple)
        assert torch.allclose(found[0], expected[0], atol=1e-5)


@torch.inference_mode()
def test_hidden_states_are_given_where_the_folder_asks_for_them() -> None:
    plain, fused = made(AutoModelForMaskedLM, "bert", output_hidden_states=True)
    assert len(fused(input_ids=IDS).hidden_states) == len(plain(input_ids=IDS).hidden_states) == 4


@pytest.mark.filterwarnings("ignore:If you want to use")
@pytest.mark.parametrize("family", sorted({*FIRST_POSITIONS} - {"distilbert"}))
@torch.inference_mode()
def test_a_language_model_that_is_said_to_read_both_ways_answers_as_in_transformers(family: str) -> None:
    plain, fused = made(AutoModelForCausalLM, family)
    assert torch.allclose(fused(input_ids=IDS).logits, plain(input_ids=IDS).logits, atol=1e-5)


@torch.inference_mode()
def test_what_was_asked_of_a_pass_that_failed_is_not_taken_for_the_next_one() -> None:
    plain, fused = made(AutoModelForMaskedLM, "bert")
    with pytest.raises(IndexError):
        run_head_at(fused, [(0, 1)], narrow=True, input_ids=IDS[:1] + 1000)
    with pytest.raises(IndexError):
        run_head_at(fused, [(0, 9)], narrow=True, input_ids=IDS[:1], attention_mask=REAL[1:])
    found = fused(input_ids=IDS[:1]).logits
    assert torch.allclose(found, plain(input_ids=IDS[:1]).logits, atol=1e-5)


def test_an_encoder_that_is_not_as_it_should_be_stays(caplog: pytest.LogCaptureFixture) -> None:
    """As a later version of transformers might have it."""
    caplog.set_level(logging.INFO)
    torch.manual_seed(0)
    model = AutoModelForMaskedLM.from_config(config("bert")).eval()
    usual = model.bert.forward
    model.bert.forward = lambda *ids, **given: tuple(1.1 * states for states in usual(*ids, **given, return_dict=False))
    changed = model.bert.forward
    use_varlen_attention(model)
    fuse_layers(model)
    assert model.bert.forward is changed and "The encoder of BertForMaskedLM stays as it is" in caplog.text
