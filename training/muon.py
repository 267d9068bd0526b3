"""Muon for many small matrices: those of one shape take their step together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
WEIGHT_DECAY = 0.1
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ROUNDS = 5


class Muon(torch.optim.Optimizer):
    """Moves each matrix by an orthogonal one: all its directions by the same length (Jordan et al. 2024).

    The same numbers as `torch.optim.Muon` with ``adjust_lr_fn="match_rms_adamw"`` (Liu et al. 2025, arXiv:2502.16982,
    section 2.2), which takes the matrices one by one: a GPU then starts hundreds of tiny kernels in every step, and
    that takes longer than the forward pass of a small model.
    """

    def __init__(self, matrices: Iterable[nn.Parameter], lr: float) -> None:
        """Take matrices of any shapes; their groups share only a learning rate."""
        shapes = defaultdict[torch.Size, list[nn.Parameter]](list)
        for matrix in matrices:
            shapes[matrix.shape].append(matrix)
        super().__init__([{"params": alike} for alike in shapes.values()], {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Move every matrix once; each has a gradient. There is no closure to call."""
        for group in self.param_groups:
            matrices, rate = group["params"], group["lr"]
            gradients = torch.stack([matrix.grad for matrix in matrices])
            state = self.state[matrices[0]]
            if not state:
                state["momentum"] = torch.zeros_like(gradients)
            momentum = state["momentum"].lerp_(gradients, 1 - MOMENTUM)
            directions = orthogonal(gradients.lerp(momentum, MOMENTUM)).type_as(gradients)
            length = rate * 0.2 * max(gradients.shape[1:]) ** 0.5  # about as long as AdamW's steps
            for matrix, direction in zip(matrices, directions, strict=True):
                matrix.mul_(1 - rate * WEIGHT_DECAY).add_(direction, alpha=-length)


def orthogonal(matrices: Tensor) -> Tensor:
    """About the nearest orthogonal matrices ``(count, rows, columns)``, in bfloat16: singular values from 0.7 to 1.2.

    Newton-Schulz, with the coefficients of Jordan et al. 2024 (https://kellerjordan.github.io/posts/muon/).
    """
    tall = matrices.shape[1] > matrices.shape[2]
    found = (matrices.mT if tall else matrices).bfloat16()
    found = found / found.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ROUNDS):
        gram = found @ found.mT
        found = torch.baddbmm(found, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), found, beta=a)
    return found.mT if tall else found
