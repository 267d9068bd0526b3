"""Encoder layers of BERT and its kin, without what transformers does in Python between their products.

For a text of a few words that takes as long as half of the products in bfloat16. Queries, keys and values come of one
product. The modules of a layer stay where they are, with their names, for whoever hooks into them; only the way from
one to the next is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.errors import describe
from core.tasks.engine.fused_encoder import fuse_encoder
from core.tasks.engine.varlen_attention import attend, uses_varlen_attention

logger = logging.getLogger(__name__)

JOINED = "query_key_value"
"""What the layer that stands for those of queries, keys and values is called."""


CLOSE = 1e-4
"""How far a state may be from that of transformers: they are about 1, for a normalisation comes last."""


class Names(NamedTuple):
    """What the parts of a layer are called, in the order in which they run."""

    attention: str
    projections: tuple[str, str, str]
    output: str
    norm: str
    up: str
    activation: str
    down: str
    last_norm: str


BERT = Names(
    "attention.self",
    ("query", "key", "value"),
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "intermediate.intermediate_act_fn",
    "output.dense",
    "output.LayerNorm",
)
DISTILBERT = Names(
    "attention",
    ("q_lin", "k_lin", "v_lin"),
    "attention.out_lin",
    "sa_layer_norm",
    "ffn.lin1",
    "ffn.activation",
    "ffn.lin2",
    "output_layer_norm",
)


class FusedLayer:
    """The way through a layer. It looks its modules up anew at each call, for others may have taken their places.

    Args:
        layer: The layer, with its `JOINED` projection in place.
        names: What its parts are called.
        heads: How many heads it has.
    """

    def __init__(self, layer: nn.Module, names: Names, heads: int) -> None:
        self._layer, self._heads = layer, heads
        self._parts = attrgetter(f"{names.attention}.{JOINED}", *names[2:])

    def __call__(
        self, states: Tensor, mask: Tensor | None = None, *_: Any, chosen: Tensor | None = None, **_options: Any
    ) -> Tensor:
        """Hidden states ``(rows, N, width)`` after the layer.

        Args:
            states: Those before it.
            mask: What `attend` takes as such.
            chosen: The columns of the only ones that are wanted, if not all are.
        """
        project, output, norm, up, activation, down, last_norm = self._parts(self._layer)
        rows, length, width = states.shape
        query, key, value = project(states).view(rows, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4).unbind()
        found = attend(query, key, value, mask).reshape(rows, length, width)
        if chosen is not None:
            found, states = found[:, chosen], states[:, chosen]
        states = norm(output(found) + states)
        return last_norm(down(activation(up(states))) + states)


def fuse_layers(model: Any) -> None:
    """Give the layers of a model with varlen attention the short way, if its first one then says the same as before."""
    config = model.config
    if not uses_varlen_attention(config):
        return
    names, stack = (DISTILBERT, "transformer") if config.model_type == "distilbert" else (BERT, "encoder")
    make = partial(FusedLayer, names=names, heads=config.num_attention_heads)
    try:
        layers = list(getattr(model.base_model, stack).layer)
        _check(layers[0], names, make, config.hidden_size)
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        logger.info("The layers of %s stay as they are: %s.", type(model).__name__, describe(error))
        return
    for layer in layers:
        attention = layer.get_submodule(names.attention)
        attention.add_module(JOINED, _joined(attention, names.projections))
        for name in names.projections:
            delattr(attention, name)
        layer.forward = make(layer)
    fuse_encoder(model, layers)


@torch.inference_mode()
def _check(layer: nn.Module, names: Names, make: Callable[[nn.Module], FusedLayer], width: int) -> None:
    """Try the short way of a layer, which is left as it was.

    Raises:
        ValueError: It leads to something else.
        Exception: It is not there.
    """
    attention = layer.get_submodule(names.attention)
    states = torch.linspace(-1, 1, 3 * width).sin().view(1, 3, width)
    usual = layer(states, None)
    attention.add_module(JOINED, _joined(attention, names.projections))
    short = make(layer)(states)
    delattr(attention, JOINED)
    if not torch.allclose(short, usual, rtol=CLOSE, atol=CLOSE):
        raise ValueError("their short way leads to something else")


def _joined(attention: nn.Module, names: Sequence[str]) -> nn.Linear:
    """One layer in the place of several with the same input."""
    parts: list[Any] = [getattr(attention, name) for name in names]
    joined = nn.Linear(parts[0].in_features, sum(part.out_features for part in parts), device="meta")
    for name in ("weight", "bias"):
        setattr(joined, name, nn.Parameter(torch.cat([getattr(part, name).detach() for part in parts])))
    return joined
