"""What a model's head makes of chosen hidden states, rather than of those at every position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from core.tasks.engine.fused_encoder import FusedEncoder


def below_head(model: Any) -> Any:
    """The part of a language model whose output its head gets: OPT goes past its own base model."""
    return getattr(model.base_model, "decoder", model.base_model)


def run_head(model: Any, choose: Callable[[Any], Tensor], **inputs: Any) -> Tensor:
    """Run a model, but let its head see something else than the base model's last hidden states.

    A head has another name and shape in every architecture, so the model itself runs it, with the chosen states slipped
    in on the way. That saves most of its work: with a vocabulary of 30,000 the head of a BERT takes as long at every
    position as three of its layers.

    Args:
        model: A model with a head.
        choose: Makes of the base model's output the states ``(rows, columns, width)`` for the head.
        inputs: What the model gets.

    Returns:
        The logits of these states.
    """

    def slip_in(base: Any, _inputs: Any, output: Any) -> Any:
        states = choose(output)
        pooler = getattr(base, "pooler", None)
        pooled = {} if pooler is None else {"pooler_output": pooler(states)}
        return type(output)(last_hidden_state=states, **pooled)

    hook = below_head(model).register_forward_hook(slip_in)
    try:
        return model(**inputs).logits
    finally:
        hook.remove()


def run_head_at(
    model: Any, places: Sequence[tuple[int, int]], *, narrow: bool, apart: bool = False, **inputs: Any
) -> Tensor:
    """Run a model, but let its head see some places only.

    Args:
        model: A model with a head.
        places: The row and the column of each.
        narrow: Whether its last layer may leave all others out, where it can: nobody has hooks on that.
        apart: Whether the head is to see each as the first of a row of its own, rather than all in one row.
        inputs: What the model gets.

    Returns:
        The logits of these places.
    """
    rows, columns = torch.tensor(places).T
    encoder = model.base_model.forward
    asked = narrow and isinstance(encoder, FusedEncoder) and not rows.any()
    if asked:
        encoder.chosen = columns

    def choose(output: Any) -> Tensor:
        narrowed = asked and encoder.chosen is None
        states = output.last_hidden_state if narrowed else output.last_hidden_state[rows, columns][None]
        return states.transpose(0, 1) if apart else states

    try:
        return run_head(model, choose, **inputs)
    finally:
        if asked:
            encoder.chosen = None


def logits_at(
    model: Any, places: Sequence[Sequence[tuple[int, int]]], *, narrow: bool = False, **inputs: Any
) -> list[Tensor]:
    """Logits at some positions of a batch.

    Args:
        model: A model whose head sees each position on its own.
        places: In groups, the row and the column of each position.
        narrow: See `run_head_at`.
        inputs: What the model gets.

    Returns:
        For each group float32 logits ``(places, vocabulary)``, on the CPU.
    """
    logits = run_head_at(model, list(chain.from_iterable(places)), narrow=narrow, **inputs)
    return list(logits[0].float().cpu().split([len(group) for group in places]))
