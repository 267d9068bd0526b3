"""Attention: every weight of every head, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel

from core.errors import ModelUnavailable


class AttentionTask:
    """A model loaded so that it gives its attention weights away.

    Only the "eager" implementation does: with the default one, ``output_attentions=True`` yields an empty tuple and a
    line in the log.
    """

    def __init__(self, folder: str, device: str) -> None:
        try:
            self._model = AutoModel.from_pretrained(
                folder,
                attn_implementation="eager",
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
            )
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(
                "The model set for attention does not give attention weights or has no safetensors weights: "
                "ask the bot's host."
            ) from error
        self._model.eval().to(device)
        self._device = device

    def run(self, payloads: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float16]]:
        """For each list of N token ids its weights, float16 ``(layers, heads, N, N)``.

        Raises:
            ModelUnavailable: The model has no attention weights to show.
        """
        longest = max(len(ids) for ids in payloads)
        padded = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in payloads])
        real = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in payloads])
        outputs = self._model(padded.to(self._device), attention_mask=real.to(self._device), output_attentions=True)
        layers = getattr(outputs, "attentions", None)
        if not layers or any(layer is None for layer in layers):
            raise ModelUnavailable("This model gives no attention weights to show: choose another model.")
        stacked = torch.stack(layers, dim=1).to("cpu", torch.float16).numpy()
        return [stacked[n, :, :, : len(ids), : len(ids)].copy() for n, ids in enumerate(payloads)]
