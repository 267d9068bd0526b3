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

Kind = Literal["encoder", "decoder", "encoder-decoder", ""]
"""How a model reads a text; empty where its files do not say."""

PURPOSES: dict[Kind, str] = {
    "encoder": "encoder like BERT: sees both sides",
    "decoder": "decoder like GPT: reads left to right",
    "encoder-decoder": "encoder–decoder: looks back while it writes",
}
"""What a model is for, in a few words."""


def has_architecture(config: Mapping[str, Any], endings: tuple[str, ...]) -> bool:
    """Whether one of the classes that a configuration names ends like that."""
    return any(str(name).endswith(endings) for name in config.get("architectures") or ())


def kind_of(config: Mapping[str, Any]) -> Kind:
    """How the model of a configuration reads a text."""
    if has_architecture(config, CAUSAL):
        return "decoder"
    if config.get("is_encoder_decoder"):
        return "encoder-decoder"
    if config.get("model_type") in DECODERS:
        return "decoder"
    return "encoder" if has_architecture(config, MASKED) or config.get("model_type") in ENCODERS else ""
