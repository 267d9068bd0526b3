"""The parts of a model that can be replaced: heads, the whole attention and the feed-forward part of a layer.

All are replaced in one way, by what goes into the linear layer that ends them: a head's own slice of the input of
its output projection, all of it, or what comes of the neurons. The biases of that layer stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.results import Part
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS, PROJECTIONS

FEED_FORWARD: dict[str, str] = {
    **dict.fromkeys("bert camembert deberta-v2 electra mpnet roberta xlm-roberta".split(), "output.dense"),
    **dict.fromkeys("gpt2 gpt_neo".split(), "mlp.c_proj"),
    **dict.fromkeys("llama mistral qwen2".split(), "mlp.down_proj"),
    "albert": "ffn_output",
    "distilbert": "ffn.lin2",
    "modernbert": "mlp.Wo",
    "opt": "fc2",
}
"""By a model's type, the last linear layer of the feed-forward part of each layer."""

_BART = {"encoder": "fc2", "decoder": "fc2"}
_T5 = {"encoder": "layer.1.DenseReluDense.wo", "decoder": "layer.2.DenseReluDense.wo"}

STACKS_FEED_FORWARD: dict[str, dict[str, str]] = {
    kind: _T5 if kind.endswith("t5") else _BART for kind in ENCODER_DECODER_PROJECTIONS
}
"""The same of a model with an encoder and a decoder; its cross-attention has none."""


Run = tuple[nn.Module, int]
"""A module, and which of its runs in a forward pass is meant: layers may share it (ALBERT)."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Where a part ends, so that it can be switched off or replaced.

    Attributes:
        part: The part.
        module: The linear layer that ends it.
        turn: Which of that module's runs in a forward pass is this layer's: layers may share it (ALBERT).
        columns: The part's slice of the input.
    """

    part: Part
    module: nn.Module
    turn: int
    columns: slice


StandIn = Callable[[Switch, Tensor], Tensor | float]
"""What stands in for a part: given what it gives itself, ``(N, columns)``."""


def find_switches(model: Any, run: Callable[[], Any]) -> list[Switch]:
    """A switch for each part of a model, in the order of a grid: layer by layer its heads, attention and feed-forward.

    Args:
        model: The model.
        run: Sends a text through it, which tells the order and the widths.

    Raises:
        BadInput: It is not known where they are.
    """
    found = list[Switch]()
    for stack, attention, feed_forward in _places(model):
        heads, layers = _counts(model.config, stack)
        for ends, feeds in ((attention, False), (feed_forward, True)):
            runs = _runs(model, ends, run) if ends else []
            if ends and (len(runs) != layers or (not feeds and any(width % heads for *_, width in runs))):
                raise _unknown()
            for layer, (module, turn, width) in enumerate(runs):
                found += _switches(stack, layer, module, turn, width, 0 if feeds else heads)
    order = {stack: number for number, (stack, *_) in enumerate(_places(model))}
    return sorted(found, key=lambda one: (order[one.part.stack], one.part.layer))


def find_layers(model: Any, run: Callable[[], Any]) -> list[Run]:
    """Each layer of a model without an encoder and a decoder, in order.

    Args:
        model: The model.
        run: Sends a text through it, which tells the order.

    Raises:
        BadInput: It is not known where they are.
    """
    (stack, (layers, _), _), *others = _places(model)
    runs = _runs(model, (layers, ""), run)
    if others or len(runs) != _counts(model.config, stack)[1]:
        raise _unknown()
    return [(module, turn) for module, turn, _ in runs]


@contextmanager
def switched_off(rows: Sequence[Sequence[Switch]], mean: bool) -> Generator[None]:
    """Let each row of the next forward pass, of as many rows, do without some parts.

    Args:
        rows: The parts that are off in each row.
        mean: Whether the mean over all positions stands in for each, rather than zero.
    """
    with replaced(rows, lambda _, values: values.mean(dim=0) if mean else 0.0):
        yield


@contextmanager
def replaced(rows: Sequence[Sequence[Switch]], stand_in: StandIn) -> Generator[None]:
    """Let something stand in for some parts in each row of the next forward pass, of as many rows."""
    off: dict[nn.Module, dict[int, list[tuple[int, Switch]]]] = defaultdict(lambda: defaultdict(list))
    for row, switches in enumerate(rows):
        for switch in switches:
            off[switch.module][switch.turn].append((row, switch))
    with ExitStack() as stack:
        for module, turns in off.items():
            hook = module.register_forward_pre_hook(_replace(turns, len(rows), stand_in))
            stack.callback(hook.remove)
        yield


def _replace(turns: dict[int, list[tuple[int, Switch]]], rows: int, stand_in: StandIn) -> Callable[..., Any]:
    turn = count()

    def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        switches = turns.get(next(turn))
        if switches is None:
            return None
        states = inputs[0].clone(memory_format=torch.contiguous_format)
        by_row = states.view(rows, -1, states.shape[-1])
        for row, switch in switches:
            values = by_row[row, :, switch.columns]
            values[:] = stand_in(switch, values)
        return states, *inputs[1:]

    return hook


def _places(model: Any) -> Iterator[tuple[str, tuple[str, str], tuple[str, str] | None]]:
    """For each kind of attention: its name, and where in which layers the attention and the feed-forward part end.

    Raises:
        BadInput: That is not known.
    """
    kind = model.config.model_type
    if not model.config.is_encoder_decoder and kind in PROJECTIONS:
        layers, _, output = PROJECTIONS[kind]
        yield "", (layers, output), (layers, FEED_FORWARD[kind])
    elif model.config.is_encoder_decoder and kind in ENCODER_DECODER_PROJECTIONS:
        for stack, (layers, _, output) in ENCODER_DECODER_PROJECTIONS[kind].items():
            feeds = STACKS_FEED_FORWARD[kind].get(stack)
            yield stack, (layers, output), (layers, feeds) if feeds else None
    else:
        raise _unknown()


def _counts(config: Any, stack: str) -> tuple[int, int]:
    """Heads in a layer, and layers: those of the decoder are its own, if it says so."""
    side = "encoder" if stack == "encoder" else "decoder"
    heads = getattr(config, f"{side}_attention_heads", None) or config.num_attention_heads
    names = (f"{side}_layers", f"num_{side}_layers", "num_hidden_layers")
    return heads, next(found for name in names if (found := getattr(config, name, None)))


def _runs(model: Any, ends: tuple[str, str], run: Callable[[], Any]) -> list[tuple[nn.Module, int, int]]:
    """Each run of the linear layers of some layers, in order: the module, which of its runs, and its input's width."""
    layers, name = ends
    ran, turns = list[tuple[nn.Module, int, int]](), defaultdict[nn.Module, int](int)

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        ran.append((module, turns[module], inputs[0].shape[-1]))
        turns[module] += 1

    with ExitStack() as stack:
        for layer in model.base_model.get_submodule(layers):
            stack.callback(layer.get_submodule(name).register_forward_pre_hook(note).remove)
        run()
    return ran


def _switches(stack: str, layer: int, module: nn.Module, turn: int, width: int, heads: int) -> Iterator[Switch]:
    """Those of one layer's attention; or of its feed-forward part, which has no heads."""
    for head in range(heads):
        columns = slice(head * width // heads, (head + 1) * width // heads)
        yield Switch(Part(stack, layer, "head", head), module, turn, columns)
    yield Switch(Part(stack, layer, "attention" if heads else "feed-forward"), module, turn, slice(None))


def _unknown() -> BadInput:
    return BadInput("It is not known where the heads of that model are, so none can be switched off: choose another.")
