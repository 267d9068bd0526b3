"""The lab: attention over the small matrices of an exercise, every step kept. No model is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch.nn import functional

from core.attention import HIDDEN, additive_scores, attend, dot_product_scores, general_scores, split_heads
from core.lab import PRODUCTS, Exercise, Kind
from core.positions import rotary_angles, rotate, sinusoidal_positions
from core.results import Step, WorkedExercise

ENCODED = 32
"""Positions whose encodings are shown, and numbers in each."""

Learned = Mapping[str, torch.Tensor]


class LabTask:
    """Works exercises out in float32 on the CPU, where a seed gives the same numbers on every computer."""

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        """Need nothing: the arguments are those of every task."""

    def run(self, payloads: Sequence[Exercise]) -> list[WorkedExercise]:
        """Work out each exercise."""
        return [_worked(exercise) for exercise in payloads]


def _worked(exercise: Exercise) -> WorkedExercise:
    generator = torch.Generator().manual_seed(exercise.seed)
    matrices = _matrices(exercise, generator)
    learned = _learned(exercise, generator)
    done = _of_kind(exercise, exercise.kind, matrices, learned)
    against = _of_kind(exercise, exercise.against, matrices, learned) if exercise.against else None
    return replace(done, against=against, options=exercise.options)


def _matrices(exercise: Exercise, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Query, key and value: the typed ones, or those of a seed and one ``randn(1, N, d)`` after the other.

    Those of a block are the same.
    """
    if exercise.matrices is not None:
        return tuple(torch.tensor(matrix) for matrix in exercise.matrices)
    drawn = tuple(torch.randn(1, *size, generator=generator)[0] for size in exercise.sizes)
    return (drawn[0],) * 3 if exercise.block else drawn


def _learned(exercise: Exercise, generator: torch.Generator) -> Learned:
    """The typed ones; without them random ones for random matrices, identities and ones for typed matrices."""
    wanted = exercise.wanted
    if exercise.learned:
        made = [torch.tensor(matrix) for matrix in exercise.learned]
    elif exercise.matrices is None:
        made = [torch.randn(*size, generator=generator) / math.sqrt(size[1]) for size in wanted.values()]
    else:
        made = [torch.ones(size) if name == "v" else torch.eye(*size) for name, size in wanted.items()]
    return dict(zip(wanted, made, strict=True))


def _of_kind(exercise: Exercise, kind: Kind, matrices: tuple[torch.Tensor, ...], learned: Learned) -> WorkedExercise:
    """The exercise with one kind of attention."""
    scale = kind == "scaled" if exercise.scale is None else exercise.scale
    if kind in PRODUCTS:
        kind = "dot" if scale is False else "scaled"
    steps, heads = _Steps(), exercise.heads
    for name, matrix in zip(("query", "key", "value"), matrices, strict=True):
        steps.keep(name, matrix)
    used = {"general": ("W",), "additive": ("W₁", "W₂", "v")}.get(kind, ())
    for name in used:
        steps.keep(name, learned[name])
    query, key, value = placed = _placed(exercise, matrices, steps)
    mask = None if exercise.mask is None else torch.tensor(exercise.mask)
    parts = [split_heads(matrix, heads) for matrix in placed]
    outputs: list[torch.Tensor] = []
    for number, part in enumerate(zip(*parts, strict=True), 1):
        head = number if heads > 1 else 0
        if head:
            for name, matrix in zip(("head_query", "head_key", "head_value"), part, strict=True):
                steps.keep(name, matrix, head)
        query, key, value = _turned(exercise, part, steps, head)
        scores = steps.keep("scores", _scores(kind, query, key, learned, steps), head)
        outputs.append(_attended(_scaled(scores, scale, query.shape[-1], steps, head), value, mask, steps, head))
    output = steps.keep("output", torch.cat(outputs, dim=-1))
    if exercise.block:
        _block(placed[0], output, learned, steps)
    if exercise.encodings:
        encodings = steps.keep("encodings", sinusoidal_positions(ENCODED, ENCODED))
        steps.keep("likeness", encodings @ encodings.mT / (ENCODED / 2))
    return WorkedExercise(tuple(steps.kept), kind, scale, heads, exercise.positions, exercise.names)


class _Steps:
    """What was worked out so far."""

    def __init__(self) -> None:
        self.kept: list[Step] = []

    def keep(self, name: str, values: torch.Tensor, head: int = 0) -> torch.Tensor:
        """Keep a step, and pass it on."""
        self.kept.append(Step(name, values.contiguous().numpy(), head))
        return values


def _placed(exercise: Exercise, matrices: tuple[torch.Tensor, ...], steps: _Steps) -> tuple[torch.Tensor, ...]:
    """Query, key and value with sinusoidal positions added to query and key; in a block, to its one matrix."""
    if exercise.positions != "sinusoidal":
        return matrices
    query, key, value = matrices
    encodings = sinusoidal_positions(max(len(query), len(key)), query.shape[-1])
    steps.keep("positions", encodings)
    query = steps.keep("placed_query", query + encodings[: len(query)])
    key = steps.keep("placed_key", key + encodings[: len(key)])
    return query, key, query if exercise.block else value


def _turned(exercise: Exercise, part: tuple[torch.Tensor, ...], steps: _Steps, head: int) -> tuple[torch.Tensor, ...]:
    """Query, key and value of a head, with query and key turned by rotary positions."""
    query, key, value = part
    if exercise.positions == "rotary":
        if head < 2:
            steps.keep("positions", rotary_angles(max(len(query), len(key)), query.shape[-1]))
        query = steps.keep("placed_query", rotate(query), head)
        key = steps.keep("placed_key", rotate(key), head)
    return query, key, value


def _scores(kind: Kind, query: torch.Tensor, key: torch.Tensor, learned: Learned, steps: _Steps) -> torch.Tensor:
    """The scores of a kind, and what comes before them."""
    if kind == "general":
        steps.keep("mapped_key", key @ learned["W"].mT)
        return general_scores(query, key, learned["W"])
    if kind == "additive":
        looks = steps.keep("mapped_query", query @ learned["W₁"].mT)
        offers = steps.keep("mapped_key", key @ learned["W₂"].mT)
        steps.keep("hidden", (looks[:, None] + offers[None]).tanh())
        return additive_scores(query, key, learned["W₁"], learned["W₂"], learned["v"].flatten())
    return dot_product_scores(query, key)


def _scaled(scores: torch.Tensor, scale: bool | float, depth: int, steps: _Steps, head: int) -> torch.Tensor:
    if scale is False:
        return scores
    return steps.keep("scaled", scores / math.sqrt(depth) if scale is True else scores * scale, head)


def _attended(
    scores: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, steps: _Steps, head: int
) -> torch.Tensor:
    """What comes after the scores is the same for all kinds."""
    if mask is not None:
        steps.keep("masked", scores + mask * HIDDEN, head)
    output, weights = attend(scores, value, mask)
    steps.keep("weights", weights, head)
    return steps.keep("head_output", output, head) if head else output


def _block(rows: torch.Tensor, output: torch.Tensor, learned: Learned, steps: _Steps) -> None:
    """LayerNorm(x + Sublayer(x)) twice, section 3.1 of “Attention Is All You Need”, and equation 2 between, no biases.

    The layer norm is that of Ba et al. 2016 (arXiv:1607.06450), equations 3 and 4, with a gain of 1.
    """
    summed = steps.keep("residual_1", rows + output)
    normed = steps.keep("normed_1", functional.layer_norm(summed, summed.shape[-1:]))
    inner = steps.keep("inner", (normed @ steps.keep("F₁", learned["F₁"])).relu())
    fed = steps.keep("fed", inner @ steps.keep("F₂", learned["F₂"]))
    summed = steps.keep("residual_2", normed + fed)
    steps.keep("normed_2", functional.layer_norm(summed, summed.shape[-1:]))
