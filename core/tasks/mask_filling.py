"""Filling masks one after the other, each with the words before it in place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from core.questions import JointFilling, TargetComparison
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import logits_at
from core.tasks.engine.padding import fill_up, share_passes

BEAM = 4
"""Fillings that a beam search carries on."""

AT_ONCE = 2048
"""Tokens per forward pass."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Some masks filled.

    Attributes:
        ids: The token ids of the whole text, with the words in place.
        order: The positions in the order in which they were filled.
        chances: The probability of each word when its turn came, in that order.
    """

    ids: tuple[int, ...]
    order: tuple[int, ...] = ()
    chances: tuple[float, ...] = ()

    @property
    def joint(self) -> float:
        """The probability of all of them, by the chain rule in this order."""
        return math.prod(self.chances)

    def fill(self, place: int, id: int, chance: float) -> Hypothesis:
        """One more mask filled."""
        ids = (*self.ids[:place], id, *self.ids[place + 1 :])
        return Hypothesis(ids, (*self.order, place), (*self.chances, chance))


def fill_jointly(model: Any, device: str, question: JointFilling) -> list[Hypothesis]:
    """Fill several masks in three ways.

    Returns:
        The best word of each mask on its own, scored together; most confident first (Ghazvininejad et al. 2019,
        arXiv:1904.09324, one word at a time); and the most probable that a beam search or those two found.
    """
    empty = Hypothesis(question.ids)
    alone = probabilities_at(model, device, [question.ids], [question.masks])[0].argmax(dim=-1).tolist()
    together = _given(model, device, empty, dict(zip(question.masks, alone, strict=True)))
    greedy = _searched(model, device, empty, question.masks, 1)
    beam = _searched(model, device, empty, question.masks, BEAM)
    return [together, greedy, max(beam, greedy, together, key=lambda filling: filling.joint)]


def compare_targets(model: Any, device: str, question: TargetComparison) -> list[float]:
    """The probability of each word in the place of the mask, or next.

    A word of several pieces gets as many masks, and the product of its pieces' probabilities from left to right, those
    to the right still masked (PLL-word-l2r, Kauf & Ivanova 2023, arXiv:2305.10588). Without a mask, each token tells
    what comes next, and that product is the chain rule.
    """
    rows: list[tuple[int, ...]] = []
    places: list[tuple[int, ...]] = []
    for word in question.words:
        for piece in range(len(word)):
            masked = () if question.mask is None else (question.mask,) * (len(word) - piece)
            rows.append((*question.before, *word[:piece], *masked, *question.after))
            places.append((len(question.before) + piece - (0 if masked else 1),))
    chances = iter(probabilities_at(model, device, rows, places))
    return [math.prod(float(next(chances)[0, piece]) for piece in word) for word in question.words]


def _searched(model: Any, device: str, empty: Hypothesis, masks: Sequence[int], width: int) -> Hypothesis:
    """Fill the mask that the model is surest of with its `width` best words; keep the `width` best fillings."""
    beam = [empty]
    for _ in masks:
        left = [[place for place in masks if place not in filling.order] for filling in beam]
        grown: list[Hypothesis] = []
        for filling, places, chances in zip(
            beam, left, probabilities_at(model, device, [filling.ids for filling in beam], left), strict=True
        ):
            surest = int(chances.max(dim=-1).values.argmax())
            best = chances[surest].topk(min(width, chances.shape[-1]))
            for id, chance in zip(best.indices.tolist(), best.values.tolist(), strict=True):
                grown.append(filling.fill(places[surest], id, chance))
        beam = sorted(grown, key=lambda filling: -filling.joint)[:width]
    return beam[0]


def _given(model: Any, device: str, empty: Hypothesis, words: dict[int, int]) -> Hypothesis:
    """Fill in given words, at each turn the one that is most probable then."""
    filling, left = empty, dict(words)
    while left:
        places = list(left)
        (chances,) = probabilities_at(model, device, [filling.ids], [places])
        shares = {place: float(chances[row, left[place]]) for row, place in enumerate(places)}
        place = max(shares, key=lambda place: shares[place])
        filling = filling.fill(place, left.pop(place), shares[place])
    return filling


def probabilities_at(
    model: Any, device: str, rows: Sequence[Sequence[int]], places: Sequence[Sequence[int]]
) -> list[torch.Tensor]:
    """For each row of token ids the probabilities ``(places, vocabulary)`` at some of its positions.

    Raises:
        Exception: The model cannot read one of them: see `check_ids`.
    """
    return [logits.softmax(dim=-1) for logits in logits_in(model, device, rows, places)]


@torch.inference_mode()
def logits_in(
    model: Any, device: str, rows: Sequence[Sequence[int]], places: Sequence[Sequence[int]]
) -> list[torch.Tensor]:
    """The same as logits in float32, on the CPU.

    Raises:
        Exception: The model cannot read one of them: see `check_ids`.
    """
    check_ids(model, *rows)
    found: dict[int, torch.Tensor] = {}
    for part in share_passes(model, rows, AT_ONCE):
        wanted = [[(row, place) for place in places[number]] for row, number in enumerate(part)]
        texts = fill_up([rows[number] for number in part])
        inputs: dict[str, Any] = {name: tensor.to(device) for name, tensor in texts.items()}
        found |= zip(part, logits_at(model, wanted, **inputs), strict=True)
    return [found[number] for number in range(len(rows))]
