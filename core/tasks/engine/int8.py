"""Models in a quarter of their memory, on a CPU: weights are whole numbers of 8 bits, with a scale for each output.

What goes into a product is made whole numbers as it comes, with a scale for each token: what a text is answered does
not depend on those beside it. Weights lie in memory as oneDNN multiplies them, but for those that a head shares with
the embeddings: these are looked up by rows. Torch's operators are not public: where they do not work, or not fast,
models stay as they are.
"""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.pytorch_utils import Conv1D

from core.tasks.engine.packed_linear import FEW, PackedLinear, Replaced, put

MOST = 127
"""The largest of these whole numbers; the smallest is its opposite."""

SLOW = 5.0
"""So many times the seconds of floats are those of a plain loop, and no chance of a busy computer."""

TINY = 1e-12
"""The least scale: that of a row of zeros."""

OFFSET = 128
"""What oneDNN's packed products want added to inputs, which are not signed there; with signed ones it takes a loop."""

NO_FRACTION = 1.5 * 2**23
"""Added to a small number in float32 it leaves no bits for a fraction: the lowest are the nearest whole number's."""


class Int8Weights:
    """A matrix of rows with a scale each.

    Attributes:
        numbers: Whole numbers ``(rows, width)``.
        scales: What each row is multiplied with, ``(rows,)``.
    """

    def __init__(self, weight: Tensor) -> None:
        self.numbers, scales = _quantised(weight.detach().float())
        self.shape, self.scales = self.numbers.shape, scales[:, 0]

    def floats(self) -> Tensor:
        """The matrix in float32, put together anew."""
        return self.numbers.float().mul_(self.scales[:, None])

    def multiply(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """Two tensors, whose product is that of rows ``(n, width)`` with the matrix, ``(n, rows)``."""
        numbers, scales = _quantised(input)
        return _product(numbers, self.numbers.t()).float().mul_(scales), self.scales


class PackedInt8Weights:
    """The same for products alone, in the order in which oneDNN reads it: a third less time for a text of a few words.

    Attributes:
        packed: Whole numbers ``(width, rows)``.
        scales: What each row is multiplied with, ``(rows,)``.
    """

    def __init__(self, weight: Tensor) -> None:
        numbers, scales = _quantised(weight.detach().float())
        self.shape, self.scales = numbers.shape, scales[:, 0]
        self.packed = torch.ops.onednn.qlinear_prepack(numbers.contiguous(), None)  # it takes others for such
        self._zeros = torch.zeros(len(numbers), dtype=torch.int32)
        self._added = torch.full(numbers.shape[1:], NO_FRACTION + OFFSET)

    def floats(self) -> Tensor:
        """The matrix in float32, put together anew."""
        return self.packed.to_dense().t().float().mul_(self.scales[:, None])

    def multiply(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """Two tensors, whose product is that of rows ``(n, width)`` with the matrix, ``(n, rows)``."""
        numbers, scales = _quantised(input, self._added, torch.uint8)
        weights = self.packed, self.scales, self._zeros
        return _packed_product(numbers, 1.0, OFFSET, *weights, None, 1.0, 0, torch.float32, "none", [], ""), scales


Weights = Int8Weights | PackedInt8Weights


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


def _quantised(rows: Tensor, added: Tensor | None = None, dtype: torch.dtype = torch.int8) -> tuple[Tensor, Tensor]:
    """Rows ``(rows, width)`` as whole numbers, and the scale of each ``(rows, 1)``.

    Args:
        rows: The rows, in float32.
        added: `NO_FRACTION` and what else is to be added to the whole numbers, ``(width,)``: one number takes longer.
        dtype: Of the numbers.
    """
    added = torch.full(rows.shape[1:], NO_FRACTION) if added is None else added
    largest = rows.abs().amax(dim=-1, keepdim=True).clamp_(min=MOST * TINY)
    numbers = torch.addcdiv(added, rows, largest, value=MOST).view(torch.int32).to(dtype)
    return numbers, largest.div_(MOST)


def _product(one: Tensor, other: Tensor) -> Tensor:
    """A matrix product of whole numbers of 8 bits, in such of 32."""
    return torch.ops.aten._int_mm(one, other)


def _packed_product(*arguments: Any) -> Tensor:
    """The same with packed weights, whose scales it multiplies with, in float32."""
    return torch.ops.onednn.qlinear_pointwise(*arguments)


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
    return Int8Linear(PackedInt8Weights(weight), layer.bias, gelu=getattr(layer, "gelu", False))


def is_supported() -> bool:
    """Whether this computer multiplies whole numbers rightly, with instructions made for it.

    Without them sums of the largest numbers are cut off, or a plain loop takes a hundred times as long as for floats.
    """
    plain, numbers = nn.Linear(768, 768, bias=False, device="meta"), torch.arange(768 * 768).view(768, 768)
    numbers = (numbers * 31 % 255 - MOST).float()
    numbers[0], numbers[:, 0] = MOST, MOST
    plain.weight, input = nn.Parameter(numbers), numbers[:64]
    try:
        with torch.inference_mode():
            right, allowed = plain(input), SLOW * _seconds(plain, input)
            linear = [Int8Linear(weights(numbers), None) for weights in (Int8Weights, PackedInt8Weights)]
            # whole numbers that float32 can tell apart
            return all(torch.allclose(one(input), right) and _seconds(one, input) <= allowed for one in linear)
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
