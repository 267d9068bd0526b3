"""How a model reads a text, by what its configuration says."""

from __future__ import annotations

from typing import Any

import pytest
from transformers import AutoConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from core.models.architectures import DECODERS, ENCODERS, kind_of


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"architectures": ["BertForSequenceClassification"], "model_type": "bert"}, "encoder"),
        ({"architectures": ["SomethingNewForMaskedLM"], "model_type": "something_new"}, "encoder"),
        ({"architectures": ["GPT2ForSequenceClassification"], "model_type": "gpt2"}, "decoder"),
        ({"architectures": ["SomethingNewForCausalLM"], "model_type": "something_new"}, "decoder"),
        ({"architectures": ["BartForConditionalGeneration"], "is_encoder_decoder": True}, "encoder-decoder"),
        ({"architectures": ["SomethingNewModel"], "model_type": "something_new"}, ""),
        ({}, "tokenizer"),
    ],
)
def test_how_a_model_reads(config: dict[str, Any], kind: str) -> None:
    assert kind_of(config) == kind


def test_families_are_what_transformers_trains_them_for() -> None:
    """Of encoders some can be made to write, too; that is not what they are published for."""
    assert set(MODEL_FOR_MASKED_LM_MAPPING_NAMES) >= ENCODERS
    assert set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) >= DECODERS
    assert not (ENCODERS | DECODERS) & set(MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES)
    assert not DECODERS & set(MODEL_FOR_MASKED_LM_MAPPING_NAMES)
    assert all(not AutoConfig.for_model(family).is_encoder_decoder for family in (*ENCODERS, *DECODERS))
