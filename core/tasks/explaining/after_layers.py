"""What a model does between its last layer and its head, such as a norm: found by following the states through it.

Its modules have another name and place in every family, and some families have none.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.errors import BadInput


class Run(NamedTuple):
    """A run of a module that makes states of states.

    Attributes:
        module: The module.
        layer: Whether it is one of many.
        given: What it was given.
        result: What it has made of that.
    """

    module: nn.Module
    layer: bool
    given: Tensor
    result: Tensor


@contextmanager
def watched(base: nn.Module) -> Generator[list[Run]]:
    """Watch what a model has down to its layers."""
    runs = list[Run]()

    def note(layer: bool) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any], result: Any) -> None:
            given = inputs[0] if inputs else named.get("hidden_states")
            result = result[0] if isinstance(result, tuple | list) else result
            if isinstance(given, Tensor) and isinstance(result, Tensor):
                runs.append(Run(module, layer, given, result))

        return hook

    with ExitStack() as hooks:
        for module, layer in _down_to_layers(base):
            hooks.callback(module.register_forward_hook(note(layer), with_kwargs=True).remove)
        yield runs


def after_layers(runs: Sequence[Run], state: Tensor, last: Tensor) -> list[nn.Module]:
    """The modules through which the last layer's states go until they are what the head sees, in order.

    Args:
        runs: Those of a forward pass, as they ended.
        state: What the last layer was given.
        last: What the head saw.

    Raises:
        BadInput: There is something else than modules on the way.
    """
    path = list[nn.Module]()
    for run in runs:
        if _same(run.given, state) and (path or run.layer):
            path.append(run.module)
            state = run.result
        if path and _same(state, last):
            return path[1:]
    raise BadInput(
        "What that model does between its last layer and its answer cannot be followed, so its layers cannot be read: "
        "choose another."
    )


def _down_to_layers(module: nn.Module) -> Iterator[tuple[nn.Module, bool]]:
    """The modules in a model, but not those in its layers; and whether each is a layer."""
    layers = isinstance(module, nn.ModuleList)
    for child in module.children():
        yield child, layers
        if not layers:
            yield from _down_to_layers(child)


def _same(one: Tensor, other: Tensor) -> bool:
    """Whether states are the same, whatever their shape."""
    return one.dtype == other.dtype and torch.equal(one.flatten(), other.flatten())
