"""What must hold of a model's parts, whatever its weights: a head that passes nothing on, and the sum of all parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM

from core.questions import PartAblation
from core.tasks.engine.loading import load_model
from core.tasks.explaining.parts import FEED_FORWARD, find_switches
from core.tasks.norms import PROJECTIONS
from tests.core.tasks.explaining.test_ablation import HEADS, IDS, made, word_without

VALUES = {"bert": "attention.self.value", "roberta": "attention.self.value", "llama": "self_attn.v_proj"}


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_head_whose_values_are_zero_is_not_missed(kind: str, tmp_path: Path) -> None:
    auto = AutoModelForCausalLM if kind == "llama" else AutoModelForMaskedLM
    options = {"num_key_value_heads": HEADS} if kind == "llama" else {}
    model, _ = made(auto, kind, tmp_path, **options)
    layers, _, _ = PROJECTIONS[kind]
    value = model.base_model.get_submodule(layers)[1].get_submodule(VALUES[kind])
    size = value.weight.shape[0] // HEADS
    with torch.no_grad():
        for parameter in value.parameters():
            parameter[2 * size : 3 * size] = 0
    model.save_pretrained(tmp_path)
    loaded = load_model(auto, str(tmp_path), "cpu")
    found = word_without(loaded, PartAblation(IDS, 3, mean=False))
    changes = {part: abs(odds - found.answer[1]) for part, (odds, _) in zip(found.parts, found.left, strict=True)}
    (idle,) = [part for part in changes if (part.layer, part.head) == (1, 2)]
    assert changes.pop(idle) < 1e-5 < min(changes.values())


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
@torch.inference_mode()
def test_with_the_last_norm_frozen_the_parts_add_up_to_the_logits(kind: str, tmp_path: Path) -> None:
    """Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits": the stream is a sum of what is added."""
    model, loaded = made(AutoModelForCausalLM, kind, tmp_path)
    ids, added, seen = torch.tensor([IDS]), list[torch.Tensor](), dict[str, torch.Tensor]()

    def keep(_: Any, __: Any, output: torch.Tensor) -> None:
        added.append(output[0])

    switches = find_switches(loaded, lambda: loaded(ids))
    layers, _, output = PROJECTIONS[kind]
    blocks, names = model.base_model.get_submodule(layers), (output, FEED_FORWARD[kind])
    ends = [block.get_submodule(name) for block in blocks for name in names]
    assert len(ends) == sum(switch.part.kind != "head" for switch in switches)
    norm = model.base_model.ln_f if kind == "gpt2" else model.base_model.norm
    first = model.base_model.get_submodule(layers)[0]
    handles = [end.register_forward_hook(keep) for end in ends]
    handles.append(first.register_forward_pre_hook(lambda _, args: seen.update(embedded=args[0][0])))
    handles.append(norm.register_forward_pre_hook(lambda _, args: seen.update(stream=args[0][0])))
    logits = model(ids).logits[0]
    for handle in handles:
        handle.remove()
    parts = torch.stack([seen["embedded"], *added])
    torch.testing.assert_close(parts.sum(dim=0), seen["stream"], rtol=1e-4, atol=1e-4)
    if kind == "gpt2":
        deviation = (seen["stream"].var(dim=-1, correction=0, keepdim=True) + norm.eps).sqrt()
        read, rest = (parts - parts.mean(dim=-1, keepdim=True)) / deviation * norm.weight, norm.bias
    else:
        deviation = (seen["stream"].pow(2).mean(dim=-1, keepdim=True) + norm.variance_epsilon).sqrt()
        read, rest = parts / deviation * norm.weight, torch.zeros_like(norm.weight)
    said = torch.cat([read, rest.expand(1, *read.shape[1:])]) @ model.lm_head.weight.T  # what each part says alone
    torch.testing.assert_close(said.sum(dim=0), logits, rtol=1e-3, atol=1e-3)
