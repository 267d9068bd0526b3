"""The mathematics of attention (Vaswani et al. 2017, "Attention Is All You Need", arXiv:1706.03762), of every kind."""

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


def dot_product_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(QKᵀ + mask · -1e9) V: equation 7 of Luong et al. 2015 (arXiv:1508.04025), score “dot” of section 3.1.

    It differs from `scaled_dot_product_attention` by the scale alone; arguments and answers are the same.
    """
    return attend(dot_product_scores(query, key), value, mask)


def general_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor,
    mask: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(QWKᵀ + mask · -1e9) V: equation 7 of Luong et al. 2015 (arXiv:1508.04025), score “general”.

    Args:
        query: ``(..., N, d_q)``.
        key: ``(..., M, d_k)``.
        value: ``(..., M, d_v)``.
        weight: W ``(d_q, d_k)``, which a model learns.
        mask: As in `scaled_dot_product_attention`, and so is what is returned.
    """
    return attend(general_scores(query, key, weight), value, mask)


def additive_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    query_weight: torch.Tensor,
    key_weight: torch.Tensor,
    vector: torch.Tensor,
    mask: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Equations 5 and 6 of Bahdanau et al. 2015 (arXiv:1409.0473), with the score of their appendix A.1.2.

    That is vᵀ tanh(W₁q + W₂k), a network with one hidden layer, where others have the product of q and k.

    Args:
        query: ``(..., N, d_q)``.
        key: ``(..., M, d_k)``.
        value: ``(..., M, d_v)``.
        query_weight: W₁ ``(m, d_q)``, which a model learns.
        key_weight: W₂ ``(m, d_k)``.
        vector: v ``(m,)``.
        mask: As in `scaled_dot_product_attention`, and so is what is returned.
    """
    return attend(additive_scores(query, key, query_weight, key_weight, vector), value, mask)


def multi_head_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Concat(head₁, …, head_h) of section 3.2.2 of “Attention Is All You Need”, with parts of the columns as heads.

    In a model learned matrices come before and after: projections whose columns these are, and one of the output.

    Args:
        query: ``(..., N, d_k)``; its columns, and those of `value`, can be divided by `heads`.
        key: ``(..., M, d_k)``.
        value: ``(..., M, d_v)``.
        heads: Parts to attend to one by one.
        mask: Broadcastable to ``(..., N, M)``: the same one for all heads.

    Returns:
        The output ``(..., N, d_v)`` and the weights ``(..., heads, N, M)``.
    """
    query, key, value = (split_heads(matrix, heads) for matrix in (query, key, value))
    mask = None if mask is None else torch.atleast_2d(mask).unsqueeze(-3)
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    return output.transpose(-3, -2).flatten(-2), weights


def split_heads(matrix: torch.Tensor, heads: int) -> torch.Tensor:
    """Part the columns: ``(..., N, d)`` becomes ``(..., heads, N, d / heads)``."""
    return matrix.unflatten(-1, (heads, -1)).transpose(-3, -2)


def dot_product_scores(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """QKᵀ ``(..., N, M)``, in float32 at least."""
    query, key = _wide(query, key)
    return query @ key.mT


def general_scores(query: torch.Tensor, key: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """QWKᵀ ``(..., N, M)``, in float32 at least; see `general_attention`."""
    query, key, weight = _wide(query, key, weight)
    return query @ (weight @ key.mT)


def additive_scores(
    query: torch.Tensor, key: torch.Tensor, query_weight: torch.Tensor, key_weight: torch.Tensor, vector: torch.Tensor
) -> torch.Tensor:
    """vᵀ tanh(W₁q + W₂k) ``(..., N, M)``, in float32 at least; see `additive_attention`."""
    query, key, query_weight, key_weight, vector = _wide(query, key, query_weight, key_weight, vector)
    sums = (query @ query_weight.mT).unsqueeze(-2) + (key @ key_weight.mT).unsqueeze(-3)
    return sums.tanh() @ vector


def attend(
    scores: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """What all kinds have in common: softmax(scores + mask · -1e9) V, and these weights, in the dtype of `value`."""
    if mask is not None:
        scores = scores + mask.to(scores.dtype) * HIDDEN
    weights = scores.softmax(dim=-1)
    return (weights @ value.to(weights.dtype)).to(value.dtype), weights.to(value.dtype)


def _wide(*tensors: torch.Tensor) -> list[torch.Tensor]:
    wide = torch.promote_types(tensors[0].dtype, torch.float32)
    return [tensor.to(wide) for tensor in tensors]
