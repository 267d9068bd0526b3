"""The linear layers and the embeddings of a model with int8 weights.

Weights lie in memory as they are multiplied. Embeddings are looked up by rows; a head that has the same weights shares
them, where rows are multiplied as fast.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from core.tasks.engine.int8.support import best_weights
from core.tasks.engine.int8.weights import FbgemmWeights, Int8Weights, OneDnnWeights, Weights
from core.tasks.engine.packed_linear import FEW, PackedLinear, Replaced, put, weight_of


class Int8Linear(nn.Linear):
    """A linear layer of a finished model: no training, and no gradients of its weights.

    Args:
        weights: Its weights ``(out, in)``.
        bias: Its bias ``(out,)``, if there is one.
        gelu: Whether its output goes through GELU.
    """

    def __init__(self, weights: Weights, bias: Tensor | None, *, gelu: bool = False) -> None:
        nn.Module.__init__(self)  # not that of nn.Linear, which would make weights
        self.out_features, self.in_features = weights.shape
        self.gelu, self.weights = gelu, weights
        self._bias = None if bias is None else bias.detach()

    @property
    def weight(self) -> Tensor:  # pyright: ignore[reportIncompatibleVariableOverride] - nobody assigns to it
        """The weights ``(out, in)`` in float32, put together anew at each access."""
        return self.weights.floats()

    @property
    def bias(self) -> Tensor | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The bias ``(out,)`` in float32, if there is one."""
        return self._bias

    def forward(self, input: Tensor) -> Tensor:
        """Multiply; in float32 where gradients may be wanted, which whole numbers do not have."""
        if torch.is_grad_enabled():
            output = functional.linear(input, self.weight, self._bias)
        else:
            output, scales = self.weights.multiply(input.reshape(-1, self.in_features).float())
            output = output.mul_(scales) if self._bias is None else torch.addcmul(self._bias, output, scales)
            output = output.view(*input.shape[:-1], self.out_features)
        return functional.gelu(output) if self.gelu else output


class Int8Embedding(nn.Embedding):
    """The embeddings of a finished model's vocabulary."""

    def __init__(self, embedding: nn.Embedding) -> None:
        nn.Module.__init__(self)
        self.num_embeddings, self.embedding_dim = embedding.num_embeddings, embedding.embedding_dim
        self.padding_idx, self.weights = embedding.padding_idx, Int8Weights(embedding.weight)

    @property
    def weight(self) -> Tensor:  # pyright: ignore[reportIncompatibleVariableOverride] - nobody assigns to it
        """All of them ``(vocabulary, width)`` in float32, put together anew at each access."""
        return self.weights.floats()

    def forward(self, input: Tensor) -> Tensor:
        """Those of some ids, in float32."""
        return self.weights.numbers[input].float().mul_(self.weights.scales[input][..., None])


def quantise(model: Any, replaced: list[Replaced] | None = None) -> None:
    """Give the linear layers and the embeddings of a model on a CPU int8 weights.

    Args:
        model: The model.
        replaced: Where to note the layers that it loses; unless somebody does, they are let go of one by one.

    Raises:
        RuntimeError: This computer has no int8.
    """
    embeddings, kind = model.get_input_embeddings(), best_weights()
    if kind is None:
        raise RuntimeError("this computer has no int8")
    stand_in = Int8Embedding(embeddings) if type(embeddings) is nn.Embedding else None
    for module in list(model.modules()):
        for name, child in module.named_children():
            if child is embeddings and stand_in:
                put(module, name, stand_in, replaced)
            elif _is_linear(child):
                shares = kind is OneDnnWeights and getattr(child, "weight", None) is embeddings.weight
                put(module, name, _quantised_linear(child, kind, stand_in if shares else None), replaced)


def count_weights(model: Any) -> int:
    """How many weights each token is multiplied with, in the layers that `quantise` replaces."""
    return sum(math.prod(_shape(layer)) for layer in model.modules() if _is_linear(layer))


def _is_linear(layer: Any) -> bool:
    known = type(layer) in (nn.Linear, Conv1D) or isinstance(layer, PackedLinear)
    return known and min(_shape(layer)) >= FEW


def _shape(layer: Any) -> tuple[int, int]:
    return (layer.nx, layer.nf) if type(layer) is Conv1D else (layer.in_features, layer.out_features)


def _quantised_linear(
    layer: Any, kind: type[OneDnnWeights | FbgemmWeights], shared: Int8Embedding | None
) -> Int8Linear:
    """What stands in for a linear layer, perhaps with the weights of the embeddings."""
    if shared:
        return Int8Linear(shared.weights, layer.bias)
    return Int8Linear(kind(weight_of(layer)), layer.bias, gelu=getattr(layer, "gelu", False))
