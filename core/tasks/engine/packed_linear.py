"""Linear layers whose weights lie in memory as oneDNN or FBGEMM multiply them, on a CPU.

A plain `nn.Linear` brings its weights into that order at every call, which for a text of a few words takes as long as
the multiplication. The operators are torch's own, but not public: where they do not work, layers stay as they are.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.activations import GELUActivation
from transformers.pytorch_utils import Conv1D

from core.tasks.engine.fused_layers import JOINED
from core.tasks.engine.varlen_attention import FIRST_POSITIONS

ACTIVATIONS = {"lin1": "activation", "dense": "intermediate_act_fn"}
"""In the families of `varlen_attention`: the layers that an activation of their module follows, and its name."""

PROJECTIONS = {"query", "key", "value", "q_lin", "k_lin", "v_lin", JOINED}
"""In these families: the layers whose output goes to the products of attention."""

FEW = 16
"""A layer of fewer outputs, as a classifier's last, stays in float32: it costs nothing, and nothing evens it out."""

Replaced = tuple[nn.Module, str, nn.Module]
"""A layer that another stands in for: the module that it is part of, its name there, and itself."""


class PackedLinear(nn.Linear):
    """A linear layer of a finished model: no training, and no gradients of its weights.

    Args:
        linear: The layer to stand in for, perhaps one of GPT-2's, whose weights lie the other way round.
        dtype: What the product is computed in. Inputs may be float32 in any case.
        gelu: Whether its output goes through GELU, which costs nearly nothing within the product.
        keep: Whether outputs stay in that dtype, because another product comes next; otherwise they are float32.
    """

    def __init__(
        self, linear: nn.Linear | Conv1D, dtype: torch.dtype = torch.float32, *, gelu: bool = False, keep: bool = False
    ) -> None:
        nn.Module.__init__(self)  # not that of nn.Linear, which would make weights
        weight = weight_of(linear).detach()
        self.out_features, self.in_features = weight.shape
        self.dtype, self.gelu, self._out = dtype, gelu, dtype if keep else torch.float32
        bias: Any = linear.bias  # annotated as if there always were one
        self._pack(weight, None if bias is None else bias.detach())

    def _pack(self, weight: Tensor, bias: Tensor | None) -> None:
        self._packed = _operators()._reorder_linear_weight(weight.to(self.dtype))
        self._bias = None if bias is None else bias.to(self.dtype)

    @property
    def weight(self) -> Tensor:  # pyright: ignore[reportIncompatibleVariableOverride] - nobody assigns to it
        """The weights ``(out, in)`` in float32, put together anew at each access."""
        return self._packed.to_dense().float()

    @property
    def bias(self) -> Tensor | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The bias ``(out,)`` in float32, if there is one."""
        return None if self._bias is None else self._bias.float()

    def forward(self, input: Tensor) -> Tensor:
        """Multiply; in float32 where gradients may be wanted, which the packed operator silently lacks."""
        if torch.is_grad_enabled():
            output = functional.linear(input, self.weight, self.bias)
            return functional.gelu(output) if self.gelu else output
        return self._multiply(input)

    def _multiply(self, input: Tensor) -> Tensor:
        after = ("gelu", [], "none") if self.gelu else ("none", [], "")
        if input.dtype is not self.dtype:
            input = input.to(self.dtype)
        output = _operators()._linear_pointwise(input, self._packed, self._bias, *after)
        return output if output.dtype is self._out else output.to(self._out)


class Float16Linear(PackedLinear):
    """The same with weights in float16, as FBGEMM reads them, and all else in float32, whatever is to be kept.

    On a CPU without bfloat16 most of a short text's time goes into reading weights, and these are half as large.
    """

    def _pack(self, weight: Tensor, bias: Tensor | None) -> None:
        self._bias = bias
        self._packed = torch.ops.quantized.linear_prepack_fp16(weight.float(), bias)

    @property
    def weight(self) -> Tensor:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The weights ``(out, in)`` in float32, put together anew at each access."""
        return torch.ops.quantized.linear_unpack_fp16(self._packed)[0]

    def _multiply(self, input: Tensor) -> Tensor:
        output = torch.ops.quantized.linear_dynamic_fp16(input, self._packed)
        return functional.gelu(output) if self.gelu else output


def pack_linear(model: Any, dtype: torch.dtype = torch.float32, replaced: list[Replaced] | None = None) -> None:
    """Replace the linear layers of a model on a CPU, packed before or not.

    One that shares its weights with the embeddings stays: it would be in memory twice, and it sees only the masked
    positions, too few rows for the order to matter.

    Args:
        model: The model.
        dtype: What its products are computed in, but for layers of fewer than `FEW` outputs, and for weights that would
            be infinite in it.
        replaced: Where to note the layers that it loses; unless somebody does, they are let go of one by one.
    """
    if not is_supported(dtype):
        return
    shared, known = model.get_input_embeddings().weight, model.config.model_type in FIRST_POSITIONS
    for module in list(model.modules()):
        for name, child in module.named_children():
            plain = type(child) in (nn.Linear, Conv1D) or isinstance(child, PackedLinear)
            if plain and child.weight is not shared:
                gelu = known and _absorb(module, name, child)
                keep = gelu or (known and name in PROJECTIONS)
                put(module, name, _packed(child, _computed(child, dtype), gelu=gelu, keep=keep), replaced)


def weight_of(linear: nn.Linear | Conv1D) -> Tensor:
    """The weights ``(out, in)`` of a linear layer."""
    return linear.weight.T if type(linear) is Conv1D else linear.weight


def _packed(linear: nn.Linear | Conv1D, dtype: torch.dtype, **options: bool) -> PackedLinear:
    """What stands in for a linear layer."""
    return (Float16Linear if dtype is torch.float16 else PackedLinear)(linear, dtype, **options)


def _computed(linear: nn.Linear | Conv1D, dtype: torch.dtype) -> torch.dtype:
    """What a layer computes in, if this is asked for."""
    if dtype is torch.float32 or min((weight := linear.weight).shape) < FEW:
        return torch.float32
    least, most = weight.aminmax()  # `abs` would take as long as packing
    return dtype if max(-least, most) <= torch.finfo(dtype).max else torch.float32


def put(module: nn.Module, name: str, layer: nn.Module, replaced: list[Replaced] | None) -> None:
    """Put a layer in the place of another, and note that if somebody wants to know."""
    if replaced is not None:
        replaced.append((module, name, getattr(module, name)))
    setattr(module, name, layer)


def _absorb(module: nn.Module, name: str, child: nn.Linear) -> bool:
    """Whether a layer is to compute the GELU that follows it, which then does nothing any more."""
    after = ACTIVATIONS.get(name, "")
    if not isinstance(getattr(module, after, None), GELUActivation):
        return isinstance(child, PackedLinear) and child.gelu
    setattr(module, after, nn.Identity())
    return True


def is_supported(dtype: torch.dtype) -> bool:
    """Whether this computer multiplies packed weights, and rightly."""
    with torch.random.fork_rng(devices=[]):  # what others draw from a seed must not depend on this
        plain, input = nn.Linear(24, 8), torch.randn(3, 24)
    try:
        with torch.inference_mode():
            error = (_packed(plain, dtype, gelu=True)(input) - functional.gelu(plain(input))).abs().max()
    except (AttributeError, RuntimeError):
        return False
    return bool(error <= 2 * torch.finfo(dtype).eps * 24)


def _operators() -> Any:
    return torch.ops.mkldnn
