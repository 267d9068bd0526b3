"""The way through a whole encoder whose layers are fused, from token ids to the states that a head looks at.

Most heads look at few tokens: a classifier at the first, a masked-language head at the masks. After its attention the
last layer computes only those, which saves an eighth of all products in a model of six layers.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutputWithPooling

from core.errors import describe

logger = logging.getLogger(__name__)

CLOSE = 1e-4
"""How far a state may be from that of transformers: they are about 1, for a normalisation comes last."""

PLAIN = frozenset({"input_ids", "token_type_ids", "position_ids"})
"""What embeddings are made of; some models pass over the second."""


class FusedEncoder:
    """Stands for the ``forward`` of a base model, and leaves to that whatever is not the usual question.

    Args:
        base: The base model; its layers are fused.
        layers: These layers.

    Attributes:
        chosen: The columns of the only states that are wanted of the next row of texts, if not all are. It forgets
            them as it heeds them: who finds them still there has got all states.
    """

    def __init__(self, base: Any, layers: Sequence[Any]) -> None:
        self._base, self._layers, self._usual = base, layers, base.forward
        self._embedded = PLAIN & inspect.signature(base.embeddings.forward).parameters.keys()
        self.chosen: Tensor | None = None

    def __call__(self, input_ids: Tensor | None = None, attention_mask: Tensor | None = None, **options: Any) -> Any:
        """See the model in transformers."""
        options.pop("return_dict", None)
        given = {"input_ids": input_ids} | {name: value for name, value in options.items() if value is not None}
        mask = attention_mask if attention_mask is not None and attention_mask.dim() == 4 else None
        if input_ids is None or not given.keys() <= PLAIN or (mask is None and _hides_some(attention_mask)):
            return self._usual(input_ids=input_ids, attention_mask=attention_mask, **options)
        chosen, self.chosen = self.chosen, None
        states = self._base.embeddings(**{name: ids for name, ids in given.items() if name in self._embedded})
        if project := getattr(self._base, "embeddings_project", None):
            states = project(states)
        for layer in self._layers[:-1]:
            states = layer(states, mask)
        states = self._layers[-1](states, mask, chosen=chosen)
        pooler = getattr(self._base, "pooler", None) if chosen is None else None
        return BaseModelOutputWithPooling(last_hidden_state=states, pooler_output=pooler and pooler(states))


def _hides_some(mask: Tensor | None) -> bool:
    """Whether there are tokens that are not to be read, by a mask ``(rows, N)``."""
    return mask is not None and not mask.all()


def fuse_encoder(model: Any, layers: Sequence[Any]) -> None:
    """Give a model with fused layers the short way, if that then says the same as before."""
    base = model.base_model
    fused, ids = FusedEncoder(base, layers), torch.linspace(0, model.config.vocab_size - 1, 5).long()[None]
    try:
        with torch.inference_mode():
            if not torch.allclose(fused(ids)[0], base(ids)[0], rtol=CLOSE, atol=CLOSE):
                raise ValueError("its short way leads to something else")
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        logger.info("The encoder of %s stays as it is: %s.", type(model).__name__, describe(error))
    else:
        base.forward = fused
