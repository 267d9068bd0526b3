"""What is written through one vector, and through none: as plain transformers write with weights set to zero."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForSeq2SeqLM

from core.questions import CrossAttention, WritingWithout
from core.results.bottleneck import recall
from core.tasks.cross_attention import CrossAttentionTask
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS
from tests.core.tasks.questions import IDS

MOST = 12
TEXTS = (IDS, IDS[:4], (2, 99, 17, 3))
QUERIES = {"bart": "encoder_attn.q_proj", "marian": "encoder_attn.q_proj", "t5": "layer.1.EncDecAttention.q"}
WORDS = st.lists(st.sampled_from("abc"), max_size=8)


@torch.inference_mode()
def written(model: Any, text: tuple[int, ...]) -> list[int]:
    ids = torch.tensor([text])
    return model.generate(ids, attention_mask=torch.ones_like(ids), max_length=1 + MOST, num_beams=1, do_sample=False)[
        0, 1:
    ].tolist()


def zeroed(model: Any, layers: str, name: str) -> Any:
    """A copy in which a linear layer of each cross-attention gives zeros."""
    other = copy.deepcopy(model)
    for layer in other.base_model.get_submodule(layers):
        for parameter in layer.get_submodule(name).parameters():
            torch.nn.init.zeros_(parameter)
    return other


@torch.inference_mode()
@pytest.mark.parametrize("kind", sorted(QUERIES))
def test_one_vector_is_what_uniform_weights_give_and_cut_off_is_what_no_output_gives(kind: str, models: Path) -> None:
    """Without queries every score is 0, and so every weight the same: what is passed on is the mean of all values."""
    folder = str(models / kind)
    model, task = AutoModelForSeq2SeqLM.from_pretrained(folder).eval(), CrossAttentionTask(folder, "cpu")
    layers, _, output = ENCODER_DECODER_PROJECTIONS[kind]["cross"]
    uniform, cut = zeroed(model, layers, QUERIES[kind]), zeroed(model, layers, output)
    (found,) = task.run([WritingWithout(TEXTS, MOST)])
    for text, ways in zip(TEXTS, found, strict=True):
        assert list(ways) == [written(one, text) for one in (model, uniform, cut)]
    if kind != "bart":  # the tiny one says the same to everything
        assert len({tuple(ways[0]) for ways in found}) > 1
    assert len({tuple(ways[2]) for ways in found}) == 1  # cut off, it writes the same to everything
    (after,) = task.run([CrossAttention(IDS, (), MOST)])
    assert after.written == written(model, IDS)  # nothing stays cut off


@given(WORDS, WORDS)
def test_recall_is_the_longest_common_subsequence(expected: list[str], wrote: list[str]) -> None:
    def longest(one: list[str], other: list[str]) -> int:
        if not (one and other):
            return 0
        if one[0] == other[0]:
            return 1 + longest(one[1:], other[1:])
        return max(longest(one[1:], other), longest(one, other[1:]))

    assert recall(expected, wrote) == (longest(expected, wrote) / len(expected) if expected else 1)
