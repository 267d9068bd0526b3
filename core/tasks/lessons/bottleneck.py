"""What a decoder writes where it may look back at every word, at one vector for all of them, or at nothing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from core.questions import WritingWithout
from core.tasks.engine.loading import check_ids
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS

Written = tuple[list[int], list[int], list[int]]
"""The token ids that a decoder writes to one text: as it is, through one vector, with its cross-attention cut off."""


@torch.inference_mode()
def write_without(model: Any, device: str, question: WritingWithout) -> list[Written]:
    """What a decoder writes to each text if it takes the most probable token each time.

    One vector: the mean of the encoder's states stands in for all of them, so that every cross-attention passes on the
    same, wherever it looks; that is what uniform weights over all states would give. Cut off: what each
    cross-attention adds is zero.

    Raises:
        Exception: The model cannot read that: see `check_ids`.
        KeyError: It is not known where its cross-attention is.
    """
    check_ids(model, *question.texts)
    found = list[Written]()
    for text in question.texts:
        ids = torch.tensor([text], device=device)
        states = model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        whole, one = (_write(model, some, question.most) for some in (states, states.mean(dim=1, keepdim=True)))
        with _cut_off(model):
            found.append((whole, one, _write(model, states, question.most)))
    return found


def _write(model: Any, states: Tensor, most: int) -> list[int]:
    """What it writes with these states ``(1, N, width)`` to look at; what it begins with is not written."""
    given = BaseModelOutput(last_hidden_state=states)  # pyright: ignore[reportArgumentType]
    mask = torch.ones(states.shape[:2], dtype=torch.long, device=states.device)
    written = model.generate(
        encoder_outputs=given, attention_mask=mask, max_length=1 + most, num_beams=1, do_sample=False
    )
    return written[0, 1:].tolist()


@contextmanager
def _cut_off(model: Any) -> Generator[None]:
    """Let every cross-attention add nothing."""
    layers, _, output = ENCODER_DECODER_PROJECTIONS[model.config.model_type]["cross"]

    def nothing(_module: nn.Module, _inputs: Any, result: Tensor) -> Tensor:
        return torch.zeros_like(result)

    with ExitStack() as hooks:
        for layer in model.base_model.get_submodule(layers):
            hooks.callback(layer.get_submodule(output).register_forward_hook(nothing).remove)
        yield
