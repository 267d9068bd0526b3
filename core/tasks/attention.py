"""Attention: every weight of every head, and the norms of what it passes on, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import AutoModel

from core.results import Norms
from core.tasks.loading import load_model, refusing
from core.tasks.norms import norms, recording


@dataclass(frozen=True, slots=True)
class _Batch:
    """Of some padded texts: weights ``(texts, layers, heads, N, N)``; norms of heads and layers, if they are known."""

    weights: Tensor
    heads: Tensor | None
    layers: Tensor | None

    def cut(self, text: int, size: int) -> tuple[npt.NDArray[np.float16], Norms | None]:
        """The part of one text without its padding."""
        weights = self.weights[text, :, :, :size, :size].numpy().copy()
        if self.heads is None or self.layers is None:
            return weights, None
        return weights, Norms(
            self.heads[text, :, :, :size].numpy().copy(), self.layers[text, :, :size, :size].numpy().copy()
        )


class AttentionTask:
    """A model loaded so that it gives its attention weights away.

    Only the "eager" implementation does: with the default one, ``output_attentions=True`` yields an empty tuple and a
    line in the log.

    Raises:
        ModelUnavailable: It cannot be loaded, or has no square of weights for each head: tried out on three tokens.
    """

    def __init__(self, folder: str, device: str) -> None:
        self._device = device
        with refusing("attention", folder):
            self._model = load_model(AutoModel, folder, device, attn_implementation="eager")
            if self._forward([[0, 0, 0]]).weights.shape[3:] != (3, 3):
                raise ValueError("its attention weights are not one square for each head")

    def run(self, payloads: Sequence[Sequence[int]]) -> list[tuple[npt.NDArray[np.float16], Norms | None]]:
        """For each list of N token ids its weights, float16 ``(layers, heads, N, N)``, and the norms, if known."""
        batch = self._forward(payloads)
        return [batch.cut(text, len(ids)) for text, ids in enumerate(payloads)]

    @torch.inference_mode()
    def _forward(self, payloads: Sequence[Sequence[int]]) -> _Batch:
        longest = max(len(ids) for ids in payloads)
        padded = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in payloads])
        real = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in payloads])
        with recording(self._model) as passed:
            outputs = self._model(padded.to(self._device), attention_mask=real.to(self._device), output_attentions=True)
        if not outputs.attentions:
            raise ValueError("it gives no attention weights")
        weights = torch.stack(outputs.attentions, dim=1).to("cpu", torch.float16)
        if not passed:
            return _Batch(weights, None, None)
        found = [norms(one, layer) for one, layer in zip(passed, outputs.attentions, strict=True)]
        heads, layers = (torch.stack(part, dim=1).to("cpu") for part in zip(*found, strict=True))
        return _Batch(weights, heads, layers)
