"""What a model adds to each token to tell it where it stands."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.tasks.engine.loading import POSITIONS, count_positions, padding_of

ALIKE = 1e-3
"""By how much products of rows may differ along a diagonal, as a share of the largest, where distance alone counts."""


@torch.inference_mode()
def position_vectors(model: Any, device: str, count: int) -> tuple[Any, bool]:
    """The vector that is added at each of the first positions, and whether they are learned.

    Read from a forward pass, so that what a family does before it looks them up, such as counting from the padding's
    id plus one, needs not be known. Of a model with an encoder and a decoder it is the encoder's.

    Args:
        model: The model.
        device: Where it is.
        count: How many positions; fewer where it has no more.

    Returns:
        float32 ``(positions, width)``, and False if they are sines and cosines: then the product of two rows depends
        on their distance alone.

    Raises:
        BadInput: It adds none.
    """
    stack = model.get_encoder() if model.config.is_encoder_decoder else model
    found = list[Tensor]()
    length = min(count, count_positions(model))
    token = 3 if padding_of(model.config) == 2 else 2  # 0 and 1 are padding in some families, whatever is configured
    ids = torch.full((1, length), token, device=device)
    with ExitStack() as hooks:
        for name, module in stack.named_modules():
            if POSITIONS.search(name):
                hooks.callback(module.register_forward_hook(_keep(found)).remove)
        stack(input_ids=ids, attention_mask=torch.ones_like(ids))
    if len(found) != 1:
        raise BadInput(
            "This model adds no vector for each position: it tells places apart within its attention, as rotary and "
            "relative positions do. Choose one such as BERT or GPT-2."
        )
    vectors = found[0].reshape(-1, length, found[0].shape[-1])[0].float().cpu()
    return vectors.numpy(), not _depends_on_distance(vectors)


def _keep(found: list[Tensor]) -> Any:
    def hook(_module: nn.Module, _inputs: Any, result: Tensor) -> None:
        found.append(result)

    return hook


def _depends_on_distance(vectors: Tensor) -> bool:
    """Whether the products of rows are the same along each diagonal."""
    products = vectors.double() @ vectors.double().mT
    away = products[1:, 1:] - products[:-1, :-1]
    return bool(away.abs().max() <= ALIKE * products.abs().max()) if len(vectors) > 1 else False
