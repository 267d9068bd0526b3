"""What becomes of an answer without some parts of a model: heads, attention and feed-forward parts, alone or together.

Michel et al. 2019, arXiv:1905.10650, who set the output of a head to zero; or to its mean over the positions of the
text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.questions import PartAblation
from core.results import Part
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import logits_at
from core.tasks.explaining.parts import find_switches, switched_off

TOP = 3
"""How many answers are kept of each row."""

AT_ONCE = 2048
"""Tokens per forward pass."""

LogitsOf = Callable[[Tensor], Tensor]
"""What a model answers to rows of token ids ``(rows, N)``: logits ``(rows, choices)``."""

Guess = tuple[Any, float]
"""The number of a choice, or its name, and its log-odds."""

Left = tuple[float, list[Guess]]
"""What is left of an answer: its log-odds, and what is most probable then."""


class Ablated(NamedTuple):
    """An answer as it is, and without parts.

    Attributes:
        answer: The most probable choice, with the whole model.
        top: That and the next ones.
        parts: All parts of the model, in the order of their numbers.
        left: What is left in each pass without some.
    """

    answer: Guess
    top: list[Guess]
    parts: list[Part]
    left: list[Left]

    def named(self, name: Callable[[int], str]) -> Ablated:
        """The same with a name for each choice."""

        def written(guesses: Sequence[Guess]) -> list[Guess]:
            return [(name(choice), odds) for choice, odds in guesses]

        left = [(odds, written(top)) for odds, top in self.left]
        return Ablated(written([self.answer])[0], written(self.top), self.parts, left)


def ablate_word(model: Any, device: str, question: PartAblation) -> Ablated:
    """What a language model puts at a mask, or next, without some of its parts.

    Raises:
        Exception: The model cannot read that: see `check_ids`; or it is not known where its parts are.
    """
    check_ids(model, question.ids)

    def logits_of(rows: Tensor) -> Tensor:
        places = [[(row, question.place) for row in range(len(rows))]]
        return logits_at(model, places, input_ids=rows, attention_mask=torch.ones_like(rows))[0]

    return ablate(model, torch.tensor([question.ids], device=device), logits_of, question, single=True)


@torch.inference_mode()
def ablate(
    model: Any, ids: Tensor, logits_of: LogitsOf, question: PartAblation, *, single: bool, at_once: int = 0
) -> Ablated:
    """Ask a model again and again, each time without some parts; many times in one pass.

    Args:
        model: The model.
        ids: A text ``(1, N)``.
        logits_of: What it answers.
        question: Which parts are off, and what stands in for them.
        single: Whether only one choice can be right, so that log-odds weigh each against all others together.
        at_once: Rows in a pass, if not as many as `AT_ONCE` allows.

    Raises:
        BadInput: It is not known where its parts are.
    """
    switches = find_switches(model, lambda: logits_of(ids))
    plain = logits_of(ids)
    best, step = int(plain.argmax()), at_once or max(1, AT_ONCE // ids.shape[1])
    ((whole, top),) = _left(plain, best, single)
    left = list[Left]()
    for some in (question.off[start : start + step] for start in range(0, len(question.off), step)):
        with switched_off([[switches[number] for number in row] for row in some], question.mean):
            left += _left(logits_of(ids.expand(len(some), -1)), best, single)
    return Ablated((best, whole), top, [switch.part for switch in switches], left)


def _left(logits: Tensor, best: int, single: bool) -> Iterator[Left]:
    logits = logits.float()
    top = logits.topk(min(TOP, logits.shape[-1])).indices
    chosen = torch.cat([torch.full_like(top[:, :1], best), top], dim=1)
    odds = torch.cat([_log_odds(logits, column, single) for column in chosen.split(1, dim=1)], dim=1)
    for ids, (own, *others) in zip(top.tolist(), odds.tolist(), strict=True):
        yield own, list(zip(ids, others, strict=True))


def _log_odds(logits: Tensor, chosen: Tensor, single: bool) -> Tensor:
    """Log-odds ``(rows, 1)`` of a choice in each row: its logit, less the logarithm of the sum of all others' odds."""
    found = logits.gather(-1, chosen)
    if not single or logits.shape[-1] == 1:
        return found
    return found - logits.scatter(-1, chosen, -torch.inf).logsumexp(dim=-1, keepdim=True)
