"""What becomes of an answer without each part of a model: every head, attention and feed-forward part, one by one.

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
from core.tasks.explaining.parts import Switch, find_switches, switched_off
from core.tasks.loading import check_ids
from core.tasks.output_heads import logits_at

TOP = 3
"""How many answers are kept of each row."""

AT_ONCE = 2048
"""Tokens per forward pass."""

LogitsOf = Callable[[Tensor], Tensor]
"""What a model answers to rows of token ids ``(rows, N)``: logits ``(rows, choices)``."""

Guess = tuple[int, float]
"""The number of a choice, and its log-odds."""

Named = tuple[tuple[str, float], list[tuple[str, float]], list[tuple[Part, float, list[tuple[str, float]]]]]
"""What `Ablated` tells, with words or labels in the place of numbers."""


class Ablated(NamedTuple):
    """An answer as it is, and without each part.

    Attributes:
        answer: The most probable choice, with the whole model.
        top: That and the next ones.
        parts: For each part the log-odds of that choice without it, and what is most probable then.
    """

    answer: Guess
    top: list[Guess]
    parts: list[tuple[Part, float, list[Guess]]]

    def named(self, name: Callable[[int], str]) -> Named:
        """The same as plain data, with a name for each choice."""

        def written(guesses: Sequence[Guess]) -> list[tuple[str, float]]:
            return [(name(choice), odds) for choice, odds in guesses]

        return (
            written([self.answer])[0],
            written(self.top),
            [(part, own, written(top)) for part, own, top in self.parts],
        )


def ablate_word(model: Any, device: str, question: PartAblation) -> Ablated:
    """What a language model puts at a mask, or next, without each of its parts.

    Raises:
        Exception: The model cannot read that: see `check_ids`; or it is not known where its parts are.
    """
    check_ids(model, question.ids)

    def logits_of(rows: Tensor) -> Tensor:
        places = [[(row, question.place) for row in range(len(rows))]]
        return logits_at(model, places, input_ids=rows, attention_mask=torch.ones_like(rows))[0]

    return ablate(model, torch.tensor([question.ids], device=device), logits_of, mean=question.mean, single=True)


@torch.inference_mode()
def ablate(model: Any, ids: Tensor, logits_of: LogitsOf, *, mean: bool, single: bool, at_once: int = 0) -> Ablated:
    """Ask a model again and again, each time without one part; many times in one pass.

    Args:
        model: The model.
        ids: A text ``(1, N)``.
        logits_of: What it answers.
        mean: Whether the mean of a part over the positions stands in for it, rather than zero.
        single: Whether only one choice can be right, so that log-odds weigh each against all others together.
        at_once: Rows in a pass, if not as many as `AT_ONCE` allows.

    Raises:
        BadInput: It is not known where its parts are.
    """
    switches = find_switches(model, lambda: logits_of(ids))
    (plain,) = logits_of(ids)
    best = int(plain.argmax())
    found = list[tuple[Part, float, list[Guess]]]()
    step = at_once or max(1, AT_ONCE // ids.shape[1])
    for start in range(0, len(switches), step):
        some = switches[start : start + step]
        with switched_off(some, mean):
            rows = logits_of(ids.expand(len(some), -1))
        found += _measured(some, rows, best, single)
    ((_, chance, top),) = _measured([switches[0]], plain[None], best, single)
    return Ablated((best, chance), top, found)


def _measured(
    switches: Sequence[Switch], logits: Tensor, best: int, single: bool
) -> Iterator[tuple[Part, float, list[Guess]]]:
    logits = logits.float()
    top = logits.topk(min(TOP, logits.shape[-1])).indices
    chosen = torch.cat([torch.full_like(top[:, :1], best), top], dim=1)
    odds = torch.cat([_log_odds(logits, column, single) for column in chosen.split(1, dim=1)], dim=1)
    for switch, ids, (own, *others) in zip(switches, top.tolist(), odds.tolist(), strict=True):
        yield switch.part, own, list(zip(ids, others, strict=True))


def _log_odds(logits: Tensor, chosen: Tensor, single: bool) -> Tensor:
    """Log-odds ``(rows, 1)`` of a choice in each row: its logit, less the logarithm of the sum of all others' odds."""
    found = logits.gather(-1, chosen)
    if not single or logits.shape[-1] == 1:
        return found
    return found - logits.scatter(-1, chosen, -torch.inf).logsumexp(dim=-1, keepdim=True)
