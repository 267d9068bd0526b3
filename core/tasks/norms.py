"""How long the vectors are that attention passes on: the norms of Kobayashi et al. 2020 (arXiv:2004.10102).

A head h adds ``Σ_j A_ij f(x_j)`` to position i, with ``f(x) = (x W_V + b_V) W_O`` and W_O the rows of the output
projection that belong to h. A large weight on a short f(x_j) adds little.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Places = tuple[str, str, str]
"""Where a model's layers are, and in each the projections to the values and to the output."""

_BERT = ("encoder.layer", "attention.self.value", "attention.output.dense")
_LLAMA = ("layers", "self_attn.v_proj", "self_attn.o_proj")

PROJECTIONS: dict[str, Places] = {
    "albert": ("encoder.albert_layer_groups.0.albert_layers", "attention.value", "attention.dense"),
    "bert": _BERT,
    "camembert": _BERT,
    "deberta-v2": ("encoder.layer", "attention.self.value_proj", "attention.output.dense"),
    "distilbert": ("transformer.layer", "attention.v_lin", "attention.out_lin"),
    "electra": _BERT,
    "gpt2": ("h", "attn.c_attn", "attn.c_proj"),
    "gpt_neo": ("h", "attn.attention.v_proj", "attn.attention.out_proj"),
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "modernbert": ("layers", "attn.Wqkv", "attn.Wo"),
    "mpnet": ("encoder.layer", "attention.attn.v", "attention.attn.o"),
    "opt": ("decoder.layers", "self_attn.v_proj", "self_attn.out_proj"),
    "qwen2": _LLAMA,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
}
"""By the model's type."""

_BART = {
    "encoder": ("encoder.layers", "self_attn.v_proj", "self_attn.out_proj"),
    "decoder": ("decoder.layers", "self_attn.v_proj", "self_attn.out_proj"),
    "cross": ("decoder.layers", "encoder_attn.v_proj", "encoder_attn.out_proj"),
}
_T5 = {
    "encoder": ("encoder.block", "layer.0.SelfAttention.v", "layer.0.SelfAttention.o"),
    "decoder": ("decoder.block", "layer.0.SelfAttention.v", "layer.0.SelfAttention.o"),
    "cross": ("decoder.block", "layer.1.EncDecAttention.v", "layer.1.EncDecAttention.o"),
}

ENCODER_DECODER_PROJECTIONS: dict[str, dict[str, Places]] = {
    **dict.fromkeys("bart blenderbot blenderbot-small m2m_100 marian mbart pegasus plbart".split(), _BART),
    **dict.fromkeys("mt5 t5 umt5".split(), _T5),
}
"""By the type of a model with an encoder and a decoder: each of its three kinds of attention."""

ROWS = 64
"""Rows of weights that are measured at once: more leave the processor's cache, and take twice as long."""

FUSED = ("attn.c_attn", "attn.Wqkv")
"""Projections to queries, keys and values at once; the values are their last third."""


@dataclass(frozen=True, slots=True)
class PassedValues:
    """What one layer passes on: the values ``(texts, N, heads · d)`` and W_O ``(heads · d, width)``."""

    values: Tensor
    output: Tensor


@contextmanager
def record_values(model: Any, places: Places | None) -> Generator[list[PassedValues]]:
    """Record what each layer passes on in a forward pass; nothing if it is not known where.

    Shared layers (ALBERT) are recorded each time that they run.
    """
    passed: list[PassedValues] = []
    hooks = [_record(value, output, fused, passed) for value, output, fused in _projections(model, places)]
    try:
        yield passed
    finally:
        for hook in hooks:
            hook.remove()


def norms(passed: PassedValues, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The norms of one layer.

    Args:
        passed: What it passes on.
        weights: Its attention ``(texts, heads, M, N)``.

    Returns:
        ``‖f(x_j)‖`` of each head ``(texts, heads, N)``, and ``‖Σ_h A_ij f(x_j)‖`` of the layer ``(texts, M, N)``. The
        second is the root of ``Σ_gh A^g_ij (f^g·f^h) A^h_ij``, which needs no vector for each pair of tokens.
    """
    vectors = transformed(passed, weights.shape[1]).float()
    products = vectors @ vectors.mT
    heads = products.diagonal(dim1=-2, dim2=-1).sqrt().mT
    rows = [_lengths(products, some.float()) for some in weights.split(ROWS, dim=2)]
    return heads, torch.cat(rows, dim=1)


def _lengths(products: Tensor, weights: Tensor) -> Tensor:
    """The second of `norms` for some rows, from ``f^g·f^h`` ``(texts, N, heads, heads)``."""
    by_column = weights.permute(0, 3, 2, 1).contiguous()  # (texts, N, rows, heads)
    squared = (by_column @ products).mul_(by_column).sum(dim=-1)
    return squared.clamp_(min=0).sqrt_().mT


def transformed(passed: PassedValues, heads: int) -> Tensor:
    """f(x_j) for each head: ``(texts, N, heads, width)``. Heads that share their values get a copy each."""
    size = len(passed.output) // heads
    values = passed.values.unflatten(-1, (-1, size))
    values = values.repeat_interleave(heads // values.shape[2], dim=2)
    return torch.einsum("bnhd,hdw->bnhw", values, passed.output.unflatten(0, (heads, size)))


def _projections(model: Any, places: Places | None) -> Generator[tuple[nn.Module, nn.Module, bool]]:
    if places:
        layers, value, output = places
        for layer in model.base_model.get_submodule(layers):
            yield layer.get_submodule(value), layer.get_submodule(output), value in FUSED


def _record(value: nn.Module, output: nn.Module, fused: bool, passed: list[PassedValues]) -> Any:
    def hook(_module: nn.Module, _inputs: Any, result: Tensor) -> None:
        weight: Any = output.weight
        matrix = weight.T if isinstance(output, nn.Linear) else weight  # GPT-2's Conv1D is in × out
        passed.append(PassedValues(result.chunk(3, dim=-1)[2] if fused else result, matrix))

    return value.register_forward_hook(hook)
