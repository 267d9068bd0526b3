"""The logit lens: what a language model would answer if it ended after each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from core.questions import LogitLens
from core.tasks.loading import check_ids
from core.tasks.output_heads import below_head, run_head

FINAL_NORMS = ("final_norm", "final_layer_norm", "final_layernorm", "ln_f", "norm", "norm_f")
"""Names of a normalisation after the last layer, in models whose layers do not end with one of their own."""

LayerRow = tuple[int, float, float, int]
"""The most probable token, its probability, the probability of the last layer's answer, and that answer's rank."""


@torch.inference_mode()
def logit_lens(model: Any, device: str, question: LogitLens) -> list[list[LayerRow]]:
    """For each mask (or the token before what comes next) a row for the embeddings and for every layer.

    Each hidden state at a mask goes through the model's own head (nostalgebraist 2020, "interpreting GPT: the logit
    lens"): p_l = softmax(head(norm(x_l))). transformers gives the last state with the final normalisation applied.

    Raises:
        Exception: The model cannot read that: see `check_ids`.
    """
    check_ids(model, question.ids)
    ids = torch.tensor([question.ids], device=device)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "output_hidden_states": True}
    logits = run_head(model, lambda output: _at_masks(model, output.hidden_states, question.masks), **inputs).float()
    answers = logits[-1].argmax(dim=-1)  # (masks,)
    chances = logits.softmax(dim=-1)
    best = chances.max(dim=-1)
    index = answers.expand(len(logits), -1)[..., None]
    ranks = 1 + (logits > logits.gather(-1, index)).sum(dim=-1)
    rows = zip(
        best.indices.T.tolist(),
        best.values.T.tolist(),
        chances.gather(-1, index)[..., 0].T.tolist(),
        ranks.T.tolist(),
        strict=True,
    )
    return [list(zip(*mask, strict=True)) for mask in rows]


def _at_masks(model: Any, states: Sequence[torch.Tensor], masks: Sequence[int]) -> torch.Tensor:
    """What the head would see after each layer: ``(layers + 1, masks, width)``."""
    at_masks = torch.stack([state[0, list(masks)] for state in states])
    base = below_head(model)
    norm = next((found for name in FINAL_NORMS if (found := getattr(base, name, None)) is not None), None)
    return at_masks if norm is None else torch.cat([norm(at_masks[:-1]), at_masks[-1:]])
