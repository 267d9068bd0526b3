"""Matrices of whole numbers of 8 bits, in the order in which what multiplies them reads them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

MOST = 127
"""The largest of these whole numbers; the smallest is its opposite."""

MOST_OF_PAIRS = 64
"""The same for weights, where a CPU adds up two products in 16 bits: 2 · 255 · 64 is 32,640, and 32,767 the most."""

TINY = 1e-12
"""The least scale: that of a row of zeros."""

OFFSET = 128
"""What packed products want added to inputs, which are not signed there; with signed ones oneDNN takes a loop."""

NO_FRACTION = 1.5 * 2**23
"""Added to a small number in float32 it leaves no bits for a fraction: the lowest are the nearest whole number's."""


class Int8Weights:
    """A matrix of rows with a scale each.

    Attributes:
        numbers: Whole numbers ``(rows, width)``.
        scales: What each row is multiplied with, ``(rows,)``.
    """

    most = MOST

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


class OneDnnWeights:
    """The same for products alone, in the order in which oneDNN reads it: a third less time for a text of a few words.

    Attributes:
        packed: Whole numbers ``(width, rows)``.
        scales: What each row is multiplied with, ``(rows,)``.
    """

    most = MOST

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
        numbers, scales = _quantised(input, added=self._added, dtype=torch.uint8)
        weights = self.packed, self.scales, self._zeros
        return _onednn_product(numbers, 1.0, OFFSET, *weights, None, 1.0, 0, torch.float32, "none", [], ""), scales


class FbgemmWeights:
    """The same in 7 bits, in the order in which FBGEMM reads it, for CPUs without instructions for 8 (AVX2).

    There a text of a few words takes it a third of the time of oneDNN in float32. It makes inputs whole numbers itself.
    """

    most = MOST_OF_PAIRS

    def __init__(self, weight: Tensor) -> None:
        numbers, scales = _quantised(weight.detach().float(), self.most)
        self.shape = numbers.shape
        zeros = torch.zeros(len(numbers), dtype=torch.long)
        made = torch._make_per_channel_quantized_tensor  # pyright: ignore[reportPrivateUsage]
        whole = made(numbers.contiguous(), scales[:, 0].double(), zeros, 0)
        self.packed = torch.ops.quantized.linear_prepack(whole, None)

    def floats(self) -> Tensor:
        """The matrix in float32, put together anew."""
        return torch.ops.quantized.linear_unpack(self.packed)[0].dequantize()

    def multiply(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """Two tensors, whose product is that of rows ``(n, width)`` with the matrix, ``(n, rows)``."""
        largest = input.abs().amax(dim=-1, keepdim=True).clamp_(min=MOST * TINY)
        return _fbgemm_product(input / largest, 1 / MOST, OFFSET, self.packed), largest


Weights = Int8Weights | OneDnnWeights | FbgemmWeights


def _quantised(
    rows: Tensor, most: int = MOST, *, added: Tensor | None = None, dtype: torch.dtype = torch.int8
) -> tuple[Tensor, Tensor]:
    """Rows ``(rows, width)`` as whole numbers, and the scale of each ``(rows, 1)``.

    Args:
        rows: The rows, in float32.
        most: The largest of these numbers.
        added: `NO_FRACTION` and what else is to be added to the whole numbers, ``(width,)``: one number takes longer.
        dtype: Of the numbers.
    """
    added = torch.full(rows.shape[1:], NO_FRACTION) if added is None else added
    largest = rows.abs().amax(dim=-1, keepdim=True).clamp_(min=most * TINY)
    numbers = torch.addcdiv(added, rows, largest, value=most).view(torch.int32).to(dtype)
    return numbers, largest.div_(most)


def _product(one: Tensor, other: Tensor) -> Tensor:
    """A matrix product of whole numbers of 8 bits, in such of 32."""
    return torch.ops.aten._int_mm(one, other)


def _onednn_product(*arguments: Any) -> Tensor:
    """The same with weights packed for oneDNN, whose scales it multiplies with, in float32."""
    return torch.ops.onednn.qlinear_pointwise(*arguments)


def _fbgemm_product(*arguments: Any) -> Tensor:
    """The same with those packed for FBGEMM, and inputs in float32."""
    return torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(*arguments)
