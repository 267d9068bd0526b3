"""The logit lens: what a masked language model would answer if it ended after each layer."""

from __future__ import annotations

from typing import Any

import torch

from core.questions import ByLayer

FINAL_NORMS = ("final_norm", "final_layer_norm", "ln_f", "norm")
"""Names of a normalisation after the last layer, in models whose layers do not end with one of their own."""

Row = tuple[int, float, float, int]
"""The most probable token, its probability, the probability of the last layer's answer, and that answer's rank."""


@torch.inference_mode()
def by_layer(model: Any, device: str, question: ByLayer) -> list[list[Row]]:
    """For each mask a row for the embeddings and for every layer.

    Each hidden state at a mask goes through the model's own head (nostalgebraist 2020, "interpreting GPT: the logit
    lens"): p_l = softmax(head(norm(x_l))). transformers gives the last state with the final normalisation applied.
    """
    ids = torch.tensor([question.ids], device=device)
    states = model.base_model(ids, attention_mask=torch.ones_like(ids), output_hidden_states=True).hidden_states
    at_masks = torch.stack([state[0, list(question.masks)] for state in states])  # (layers + 1, masks, width)
    norm = next((getattr(model.base_model, name) for name in FINAL_NORMS if hasattr(model.base_model, name)), None)
    if norm is not None:
        at_masks = torch.cat([norm(at_masks[:-1]), at_masks[-1:]])
    logits = _head(model, at_masks).float()
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


def _head(model: Any, states: torch.Tensor) -> torch.Tensor:
    """Logits of hidden states ``(rows, columns, width)``.

    A head has another name and shape in every architecture, so the model itself runs it: on a dummy text of the same
    shape, with the states slipped in where the layers' output would be.
    """

    def slip_in(_module: Any, _inputs: Any, output: Any) -> Any:
        return type(output)(last_hidden_state=states)

    hook = model.base_model.register_forward_hook(slip_in)
    try:
        return model(torch.zeros(states.shape[:2], dtype=torch.long, device=states.device)).logits
    finally:
        hook.remove()
