"""Attention: every weight of every head, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel

from core.tasks.loading import load_model, refusing


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
            if self._weights([[0, 0, 0]]).shape[3:] != (3, 3):
                raise ValueError("its attention weights are not one square for each head")

    def run(self, payloads: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float16]]:
        """For each list of N token ids its weights, float16 ``(layers, heads, N, N)``."""
        weights = self._weights(payloads)
        return [weights[n, :, :, : len(ids), : len(ids)].copy() for n, ids in enumerate(payloads)]

    @torch.inference_mode()
    def _weights(self, payloads: Sequence[Sequence[int]]) -> npt.NDArray[np.float16]:
        """Weights of a padded batch ``(texts, layers, heads, longest, longest)``."""
        longest = max(len(ids) for ids in payloads)
        padded = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in payloads])
        real = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in payloads])
        outputs = self._model(padded.to(self._device), attention_mask=real.to(self._device), output_attentions=True)
        if not outputs.attentions:
            raise ValueError("it gives no attention weights")
        return torch.stack(outputs.attentions, dim=1).to("cpu", torch.float16).numpy()
