"""The mathematics of attention (Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762)."""

from __future__ import annotations

import math

import torch

HIDDEN = -1e9
"""Added to the score of a hidden key. Finite, so that a row with every key hidden stays free of NaN."""


def scaled_dot_product_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention(Q, K, V) = softmax(QKᵀ / √d_k + mask · -1e9) V (equation 1 of the paper, with an additive mask).

    The arithmetic is done in float32 at least: in float16 both -1e9 and large scores would overflow.

    Args:
        query: ``(..., N, d_k)``, what each of N positions looks for.
        key: ``(..., M, d_k)``, what each of M positions offers.
        value: ``(..., M, d_v)``, what each of them passes on.
        mask: Broadcastable to ``(..., N, M)``; 1 (or True) hides a key from a query, 0 shows it.

    Returns:
        The output ``(..., N, d_v)`` and the weights ``(..., N, M)``, in the dtype of `query`; each row of the weights
        sums to 1.
    """
    wide = torch.promote_types(query.dtype, torch.float32)
    scores = query.to(wide) @ key.to(wide).transpose(-2, -1) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores + mask.to(wide) * HIDDEN
    weights = scores.softmax(dim=-1)
    return (weights @ value.to(wide)).to(query.dtype), weights.to(query.dtype)
