"""Models in a quarter of their memory, on a CPU: weights are whole numbers of 8 bits, with a scale for each output.

What goes into a product is made whole numbers as it comes, with a scale for each token: what a text is answered does
not depend on those beside it. Weights are not packed, so that embeddings, the head that shares them, and gradients all
read the same numbers. Torch's operator is not public: where it does not work, or not fast, models stay as they are.
"""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from core.tasks.packed_linear import PackedLinear, Replaced, put

MOST = 127
"""The largest of these whole numbers; the smallest is its opposite."""

FEW = 16
"""A layer of fewer outputs, such as a classifier's last, stays as it is: it costs nothing, and nothing evens it out."""

SLOW = 5.0
"""So many times the seconds of floats are those of a plain loop, and no chance of a busy computer."""

TINY = 1e-12
"""The least scale: that of a row of zeros."""


class Int8Weights:
    """A matrix of rows with a scale each.

    Attributes:
        numbers: Whole numbers ``(rows, width)``.
        scales: What each row is multiplied with, ``(rows,)``.
    """

    def __init__(self, weight: Tensor) -> None:
        self.numbers, scales = _quantised(weight.detach().float())
        self.scales = scales[:, 0]

    def floats(self) -> Tensor:
        """The matrix in float32, put together anew."""
        return self.numbers.float().mul_(self.scales[:, None])


class Int8Linear(nn.Linear):
    """A linear layer of a finished model: no training, and no gradients of its weights.

    Args:
        weights: Its weights ``(out, in)``.
        bias: Its bias ``(out,)``, if there is one.
        gelu: Whether its output goes through GELU.
    """

    def __init__(self, weights: Int8Weights, bias: Tensor | None, *, gelu: bool = False) -> None:
        nn.Module.__init__(self)  # not that of nn.Linear, which would make weights
        self.out_features, self.in_features = weights.numbers.shape
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
            numbers, scales = _quantised(input.reshape(-1, self.in_features).float())
            output = _product(numbers, self.weights.numbers.t()).float().mul_(scales)
            if self._bias is None:
                output.mul_(self.weights.scales)
            else:
                torch.addcmul(self._bias, output, self.weights.scales, out=output)
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


def _quantised(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Rows ``(rows, width)`` as whole numbers, and the scale of each ``(rows, 1)``."""
    scales = rows.abs().amax(dim=-1, keepdim=True).div_(MOST).clamp_(min=TINY)
    return (rows / scales).round_().to(torch.int8), scales


def _product(one: Tensor, other: Tensor) -> Tensor:
    """A matrix product of whole numbers of 8 bits, in such of 32."""
    return torch.ops.aten._int_mm(one, other)


def quantise(model: Any, replaced: list[Replaced] | None = None) -> None:
    """Give the linear layers and the embeddings of a model on a CPU int8 weights.

    Args:
        model: The model.
        replaced: Where to note the layers that it loses; unless somebody does, they are let go of one by one.
    """
    embeddings = model.get_input_embeddings()
    stand_in = Int8Embedding(embeddings) if type(embeddings) is nn.Embedding else None
    for module in list(model.modules()):
        for name, child in module.named_children():
            if child is embeddings and stand_in:
                put(module, name, stand_in, replaced)
            elif _is_linear(child):
                shares = stand_in is not None and getattr(child, "weight", None) is embeddings.weight
                put(module, name, _quantised_linear(child, stand_in if shares else None), replaced)


def count_weights(model: Any) -> int:
    """How many weights each token is multiplied with, in the layers that `quantise` replaces."""
    return sum(math.prod(_shape(layer)) for layer in model.modules() if _is_linear(layer))


def _is_linear(layer: Any) -> bool:
    return type(layer) in (nn.Linear, PackedLinear, Conv1D) and min(_shape(layer)) >= FEW


def _shape(layer: Any) -> tuple[int, int]:
    return (layer.nx, layer.nf) if type(layer) is Conv1D else (layer.in_features, layer.out_features)


def _quantised_linear(layer: Any, shared: Int8Embedding | None) -> Int8Linear:
    """What stands in for a linear layer, perhaps with the weights of the embeddings."""
    if shared:
        return Int8Linear(shared.weights, layer.bias)
    weight = layer.weight.T if type(layer) is Conv1D else layer.weight
    return Int8Linear(Int8Weights(weight), layer.bias, gelu=getattr(layer, "gelu", False))


def is_supported() -> bool:
    """Whether this computer multiplies whole numbers rightly, with instructions made for it.

    Without them sums of the largest numbers are cut off, or a plain loop takes a hundred times as long as for floats.
    """
    plain, numbers = nn.Linear(768, 768, bias=False, device="meta"), torch.arange(768 * 768).view(768, 768)
    numbers = (numbers * 31 % 255 - MOST).float()
    numbers[0], numbers[:, 0] = MOST, MOST
    plain.weight, stands_in = nn.Parameter(numbers), Int8Linear(Int8Weights(numbers), None)
    try:
        with torch.inference_mode():
            input = numbers[:64]
            right = torch.allclose(stands_in(input), plain(input))  # both are whole numbers that float32 can tell apart
            return right and _seconds(stands_in, input) <= SLOW * _seconds(plain, input)
    except (AttributeError, RuntimeError):
        return False


def _seconds(layer: nn.Module, input: Tensor) -> float:
    """The seconds of one thread that a product takes, at best: several would wait for each other on a busy computer."""

    def once() -> float:
        start = time.thread_time()
        layer(input)
        return time.thread_time() - start

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return min(once() for _ in range(9))
    finally:
        torch.set_num_threads(threads)
