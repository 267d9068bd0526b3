"""Attention over the texts of one row, each on its own, on a CPU: no product of one text with another is computed.

A mask gives the same numbers, but after all those products: with it a pass of 1,000 tokens takes nearly a third longer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface

FIRST_POSITIONS = {"bert": 0, "camembert": 1, "distilbert": 0, "electra": 0, "roberta": 1, "xlm-roberta": 1}
"""Families that read texts one after the other in one row: 1 where positions count from the padding's id plus 1."""

VARLEN = "text-by-text"
"""What transformers calls this attention."""


def reads_in_row(config: Any) -> bool:
    """Whether a model reads texts one after the other in one row. A decoder's mask would hide what comes later, too."""
    return config.model_type in FIRST_POSITIONS and not getattr(config, "is_decoder", False)


def use_varlen_attention(model: Any) -> None:
    """Let a model take the lengths of the texts in its row, ``(1, 1, 1, texts)``, in the place of a mask.

    It takes masks as before. Models that do not read texts in a row stay as they are, and so does eager attention.
    """
    if reads_in_row(model.config) and model.config._attn_implementation == "sdpa":
        AttentionInterface.register(VARLEN, _attention)
        AttentionMaskInterface.register(VARLEN, AttentionMaskInterface()["sdpa"])
        model.set_attn_implementation(VARLEN)


def uses_varlen_attention(config: Any) -> bool:
    """Whether a model was made to."""
    return config._attn_implementation == VARLEN


def _attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Attend; queries, keys and values are ``(1, heads, N, width)``, the result is ``(1, N, heads, width)``.

    Transformers passes a mask of four dimensions on as it is. One of lengths would not fit any other attention.
    """
    if attention_mask is None or attention_mask.dtype != torch.long:  # perhaps a decoder's
        return AttentionInterface()["sdpa"](module, query, key, value, attention_mask, **options)
    return attend(query, key, value, attention_mask, options["scaling"]), None


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float | None = None) -> Tensor:
    """Attend; queries, keys and values are ``(rows, heads, N, width)``, the result is ``(rows, N, heads, width)``.

    Args:
        query: The queries.
        key: The keys.
        value: The values.
        mask: The lengths of the texts in the only row, as whole numbers; or a mask, if one is needed.
        scale: What scores are multiplied with, if not the usual.
    """
    if mask is None or mask.dtype != torch.long:
        return scaled_dot_product_attention(query, key, value, mask, scale=scale).transpose(1, 2)
    sizes = mask.flatten().tolist()
    texts = zip(*(states.split(sizes, dim=2) for states in (query, key, value)), strict=True)
    found = [scaled_dot_product_attention(*text, scale=scale).transpose(1, 2) for text in texts]
    return torch.cat(found, dim=1)
