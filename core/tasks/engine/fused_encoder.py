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
from transformers.modeling_outputs import BaseModelOutputWithPoolingAndCrossAttentions

from core.errors import describe

logger = logging.getLogger(__name__)

CLOSE = 1e-4
"""How far the last states may be from those of transformers, which are about 1."""

PLAIN = frozenset({"input_ids", "token_type_ids", "position_ids"})
"""What embeddings are made of; some models pass over the types."""


class FusedEncoder:
    """Stands for the ``forward`` of a base model, and leaves to that whatever is not the usual question.

    Hooks on embeddings, layers and what is in them are heeded, those on the stack of the layers are not.

    Args:
        base: The base model; its layers are fused.
        layers: These layers.

    Attributes:
        chosen: The columns of the only states that are wanted of the next row of texts, if not all are. They are
            forgotten as they are heeded: if they are still there after a pass, that has given all states.
    """

    def __init__(self, base: Any, layers: Sequence[Any]) -> None:
        self._base, self._layers, self._long_way = base, layers, base.forward
        self._embedded = PLAIN & inspect.signature(base.embeddings.forward).parameters.keys()
        self.chosen: Tensor | None = None

    def __call__(self, *ids: Tensor, attention_mask: Tensor | None = None, **options: Any) -> Any:
        """See the model in transformers."""
        given = {"return_dict": True} | {name: value for name, value in options.items() if value is not None}
        given |= {"input_ids": ids[0]} if len(ids) == 1 else {}
        mask = attention_mask if attention_mask is not None and attention_mask.dim() == 4 else None
        usual = given.pop("return_dict") and "input_ids" in given and given.keys() <= PLAIN and len(ids) < 2
        if not usual or (mask is None and _hides_some(attention_mask)):
            return self._long_way(*ids, attention_mask=attention_mask, **options)
        chosen, self.chosen = self.chosen, None
        states = self._base.embeddings(**{name: ids for name, ids in given.items() if name in self._embedded})
        if project := getattr(self._base, "embeddings_project", None):
            states = project(states)
        for layer in self._layers[:-1]:
            states = layer(states, mask)
        states = self._layers[-1](states, mask, chosen=chosen)
        pooler = getattr(self._base, "pooler", None) if chosen is None else None
        return BaseModelOutputWithPoolingAndCrossAttentions(
            last_hidden_state=states, pooler_output=pooler and pooler(states)
        )


def _hides_some(mask: Tensor | None) -> bool:
    """Whether there are tokens that are not to be read, by a mask ``(rows, N)``."""
    return mask is not None and not mask.all()


def fuse_encoder(model: Any, layers: Sequence[Any]) -> None:
    """Give a model with fused layers the short way, if that then says the same as before."""
    base, config = model.base_model, model.config
    if config.output_hidden_states or config.output_attentions:
        return
    fused, ids = FusedEncoder(base, layers), torch.linspace(0, config.vocab_size - 1, 5).long()[None]
    try:
        with torch.inference_mode():
            if not torch.allclose(fused(ids)[0], base(ids)[0], rtol=CLOSE, atol=CLOSE):
                raise ValueError("its short way leads to something else")
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        logger.info("The encoder of %s stays as it is: %s.", type(model).__name__, describe(error))
    else:
        base.forward = fused
