"""How far each part of each layer moves a token: what it adds to the residual stream, against what stands there."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from core.errors import BadInput
from core.tasks.explaining.parts import FEED_FORWARD
from core.tasks.norms import PROJECTIONS

EXACT = 1e-3
"""By how much sums may differ, as a share of the largest number in them."""


class Moves(NamedTuple):
    """What moves the tokens of a text: first the attention of a layer, then its feed-forward part.

    Attributes:
        stream: How long the residual stream is at each token before each part: float32 ``(layers, 2, N)``.
        added: How long what the part adds to it is.
        cosines: Of the stream before and after it, with the norm that follows the sum where one does.
        normed: Whether one does: LayerNorm(x + Part(x)), as in BERT, rather than x + Part(LayerNorm(x)), as in GPT-2.
    """

    stream: Any
    added: Any
    cosines: Any
    normed: bool


@dataclass(slots=True)
class _Layer:
    """What was seen of one run of a layer, each ``(1, N, width)``: its input, what its parts end with, its norms."""

    before: Tensor
    added: list[Tensor] = field(default_factory=list[Tensor])
    norms: list[tuple[Tensor, Tensor]] = field(default_factory=list[tuple[Tensor, Tensor]])
    after: Tensor | None = None

    def streams(self) -> tuple[list[Tensor], bool]:
        """The stream before, between and after its two parts, and whether it is normed after each.

        Raises:
            BadInput: The sums are others.
        """
        if self.after is not None and len(self.added) == 2:
            first, second = (part.reshape(self.before.shape) for part in self.added)
            between = self.before + first
            if _same(between + second, self.after):
                return [self.before, between, self.after], False
            normed = self._normed(between)
            if normed is not None and (after := self._normed(normed + second)) is not None and _same(after, self.after):
                return [self.before, normed, self.after], True
        raise _unknown()

    def _normed(self, summed: Tensor) -> Tensor | None:
        """What a norm of this layer made of a sum."""
        return next((result for given, result in self.norms if _same(given, summed)), None)


@torch.inference_mode()
def part_moves(model: Any, run: Callable[[], Any]) -> Moves:
    """What each part of a model does to each token of a text.

    The parts are known by the linear layers that end them, and the sums are looked for: that they are those of the
    model itself is checked and not supposed.

    Args:
        model: A model with one stack.
        run: Sends the text through it.

    Raises:
        BadInput: It is not known where its parts are, or the sums are others.
    """
    with _watched(model) as seen:
        run()
    stream, added, cosines = list[Tensor](), list[Tensor](), list[Tensor]()
    normed = False
    for layer in seen:
        states, normed = layer.streams()
        stream.append(torch.cat(states[:2]).float().norm(dim=-1))
        added.append(torch.cat([part.reshape(states[0].shape) for part in layer.added]).float().norm(dim=-1))
        cosines.append(cosine_similarity(torch.cat(states[:2]).float(), torch.cat(states[1:]).float(), dim=-1))
    stacked = (torch.stack(part).cpu().numpy() for part in (stream, added, cosines))
    return Moves(*stacked, normed=normed)


@contextmanager
def _watched(model: Any) -> Generator[list[_Layer]]:
    """Watch each run of a layer: layers may share their modules (ALBERT)."""
    kind, seen = model.config.model_type, list[_Layer]()
    if model.config.is_encoder_decoder or kind not in PROJECTIONS:
        raise _unknown()

    def begin(_module: nn.Module, inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> None:
        seen.append(_Layer(inputs[0] if inputs else named["hidden_states"]))

    def part(_module: nn.Module, _inputs: Any, result: Tensor) -> None:
        seen[-1].added.append(result)

    def norm(_module: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
        seen[-1].norms.append((inputs[0], result))

    def end(_module: nn.Module, _inputs: Any, result: Tensor | tuple[Tensor, ...]) -> None:
        seen[-1].after = result if isinstance(result, Tensor) else result[0]

    layers, _, output = PROJECTIONS[kind]
    with ExitStack() as hooks:
        for layer in model.base_model.get_submodule(layers):
            norms = [module for module in layer.modules() if isinstance(module, nn.LayerNorm)]
            handles = [
                layer.register_forward_pre_hook(begin, with_kwargs=True),
                *(layer.get_submodule(name).register_forward_hook(part) for name in (output, FEED_FORWARD[kind])),
                *(module.register_forward_hook(norm) for module in norms),
                layer.register_forward_hook(end),
            ]
            for handle in handles:
                hooks.callback(handle.remove)
        yield seen


def _same(one: Tensor, other: Tensor) -> bool:
    return bool((one.reshape(other.shape) - other).abs().max() <= EXACT * other.abs().max())


def _unknown() -> BadInput:
    return BadInput("It is not known where the parts of that model are, so none can be followed: choose another.")
