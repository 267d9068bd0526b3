"""How far each part of one text's run moves the answer to another text: activation patching.

The output of a head, before the output projection (Wang et al. 2023, arXiv:2211.00593), or the residual stream at one
position between two layers (Meng et al. 2022, arXiv:2202.05262), is copied from a run over the second text into one
over the first, and the logits of their two answers are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from core.questions import PatchedRun
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import logits_at
from core.tasks.explaining.ablation import AT_ONCE
from core.tasks.explaining.parts import Run, Switch, find_layers, find_switches, replaced

Spot = tuple[int, int]
"""How many layers the residual stream has passed, and a position."""


class Patched(NamedTuple):
    """An answer with parts of another text's run in it. All differences are that of two answers' logits.

    Attributes:
        answers: The two answers, as numbers of tokens or as their names.
        whole: The difference of each text as it is.
        heads: Layers, and heads in each.
        found: The difference of the first text in each pass with some parts of the second one's run.
    """

    answers: tuple[Any, Any]
    whole: tuple[float, float]
    heads: tuple[int, int]
    found: list[float]

    def named(self, name: Callable[[int], str]) -> Patched:
        """The same with a name for each answer."""
        one, other = self.answers
        return self._replace(answers=(name(one), name(other)))


class Donor(NamedTuple):
    """What is copied from the run of a text.

    Attributes:
        inputs: What went into the linear layers that end the heads ``(N, heads · d)``.
        states: The residual stream after the embeddings and after each layer ``(layers + 1, N, width)``.
    """

    inputs: dict[Run, Tensor]
    states: Tensor


@torch.inference_mode()
def patch(model: Any, device: str, question: PatchedRun) -> Patched:
    """Ask a language model about a text again and again, each time with another part of a second text's run in it.

    Raises:
        Exception: The model cannot read that: see `check_ids`; or it is not known where its parts are.
    """
    check_ids(model, question.ids, question.other, *filter(None, [question.words]))
    ids, other = (torch.tensor([row], device=device) for row in (question.ids, question.other))

    def logits_of(rows: Tensor) -> Tensor:
        places = [[(row, question.place) for row in range(len(rows))]]
        return logits_at(model, places, input_ids=rows, attention_mask=torch.ones_like(rows))[0]

    switches = [one for one in find_switches(model, lambda: logits_of(ids)) if one.part.kind == "head"]
    layers = find_layers(model, lambda: logits_of(ids))
    with _recorded(layers, switches) as donors:
        second = logits_of(other)
    plain = torch.cat([logits_of(ids), second])
    one, two = question.words or plain.argmax(dim=-1).tolist()

    def differences(logits: Tensor) -> list[float]:
        return (logits[:, one] - logits[:, two]).tolist()

    spots = [(layer, place) for layer in range(len(layers) + 1) for place in range(len(question.ids))]
    parts, step = [*switches, *spots], max(1, AT_ONCE // len(question.ids))
    found = list[float]()
    for some in (question.parts[start : start + step] for start in range(0, len(question.parts), step)):
        with patched([[parts[number] for number in row] for row in some], layers, donors[0]):
            found += differences(logits_of(ids.expand(len(some), -1)))
    first_whole, second_whole = differences(plain)
    return Patched((one, two), (first_whole, second_whole), (len(layers), len(switches) // len(layers)), found)


@contextmanager
def patched(rows: Sequence[Sequence[Switch | Spot]], layers: Sequence[Run], donor: Donor) -> Generator[None]:
    """Put into each row of the next forward pass, of as many rows, some parts of another run."""
    heads = [[part for part in row if isinstance(part, Switch)] for row in rows]
    spots = [(n, part) for n, row in enumerate(rows) for part in row if not isinstance(part, Switch)]
    with (
        replaced(heads, lambda one, _: donor.inputs[one.module, one.turn][:, one.columns]),
        _at_layers(layers, _put(spots, len(rows), donor.states)),
    ):
        yield


def _put(spots: Sequence[tuple[int, Spot]], rows: int, states: Tensor) -> Callable[[int, Tensor], Tensor | None]:
    """What becomes of the residual stream after some layers, in rows that are given with what they get."""
    by_layer = defaultdict[int, list[tuple[int, int]]](list)
    for row, (layer, place) in spots:
        by_layer[layer].append((row, place))

    def put(layer: int, stream: Tensor) -> Tensor | None:
        if layer not in by_layer:
            return None
        changed = stream.clone(memory_format=torch.contiguous_format)
        for row, place in by_layer[layer]:
            changed.view(rows, -1, stream.shape[-1])[row, place] = states[layer, place]
        return changed

    return put


@contextmanager
def _recorded(layers: Sequence[Run], switches: Sequence[Switch]) -> Generator[list[Donor]]:
    """Record what the next forward pass, of one row, has to give."""
    states, inputs, donors = dict[int, Tensor](), dict[Run, Tensor](), list[Donor]()
    wanted = {(one.module, one.turn) for one in switches}

    def record(module: nn.Module, turn: Any) -> Callable[..., None]:
        def hook(_module: nn.Module, given: tuple[Tensor, ...]) -> None:
            if (run := (module, next(turn))) in wanted:
                inputs[run] = given[0].view(-1, given[0].shape[-1])

        return hook

    with ExitStack() as stack:
        for module in {module: None for module, _ in wanted}:
            stack.callback(module.register_forward_pre_hook(record(module, count())).remove)
        stack.enter_context(_at_layers(layers, lambda layer, stream: states.update({layer: stream[0]})))
        yield donors
    donors.append(Donor(inputs, torch.stack([states[layer] for layer in range(len(layers) + 1)])))


@contextmanager
def _at_layers(layers: Sequence[Run], see: Callable[[int, Tensor], Tensor | None]) -> Generator[None]:
    """Show the residual stream of the next forward pass after the embeddings and each layer; it may be replaced."""
    numbers = {run: number for number, run in enumerate(layers, 1)}

    def before(turn: Any) -> Callable[..., Any]:
        def hook(_module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...] | None:
            changed = see(0, inputs[0]) if next(turn) == 0 else None
            return None if changed is None else (changed, *inputs[1:])

        return hook

    def after(module: nn.Module, turn: Any) -> Callable[..., Any]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
            first, *others = output if isinstance(output, tuple) else (output,)
            changed = see(numbers[module, next(turn)], first)
            if changed is None:
                return None
            return (changed, *others) if isinstance(output, tuple) else changed

        return hook

    with ExitStack() as stack:
        stack.callback(layers[0][0].register_forward_pre_hook(before(count())).remove)
        for module in {module: None for module, _ in layers}:
            stack.callback(module.register_forward_hook(after(module, count())).remove)
        yield
