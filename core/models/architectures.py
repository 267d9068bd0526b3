"""What the classes that a configuration names say: what a model was trained for, and how it reads a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

CLASSIFIERS = ("ForSequenceClassification",)
CAUSAL = ("ForCausalLM", "GPT2LMHeadModel")
MASKED = ("ForMaskedLM", "BertForPreTraining", "AlbertForPreTraining")
ENCODER_DECODER_SUFFIXES = ("ForConditionalGeneration", "MTModel")
"""How the classes end that transformers names in a configuration, by what the model was trained for."""

ENCODERS = frozenset(
    "albert bert camembert convbert deberta deberta-v2 distilbert electra ernie modernbert mobilebert mpnet roberta "
    "roberta-prelayernorm xlm-roberta xlm-roberta-xl".split()
)
DECODERS = frozenset(
    "bloom gemma gemma2 gpt2 gpt_bigcode gpt_neo gpt_neox gptj llama mistral opt phi phi3 qwen2 qwen3 smollm3".split()
)
"""Types of models that are one or the other whatever they were trained for, as classifiers are."""

Kind = Literal["encoder", "decoder", "encoder-decoder", "tokenizer", ""]
"""How a model reads a text, if it is more than a tokenizer; empty where its files do not say."""


def has_architecture(config: Mapping[str, Any], endings: tuple[str, ...]) -> bool:
    """Whether one of the classes that a configuration names ends like that."""
    return any(str(name).endswith(endings) for name in config.get("architectures") or ())


def kind_of(config: Mapping[str, Any]) -> Kind:
    """How the model of a configuration reads a text; without one there is but a tokenizer."""
    if not config:
        return "tokenizer"
    if has_architecture(config, CAUSAL):
        return "decoder"
    if config.get("is_encoder_decoder"):
        return "encoder-decoder"
    if config.get("model_type") in DECODERS:
        return "decoder"
    return "encoder" if has_architecture(config, MASKED) or config.get("model_type") in ENCODERS else ""
