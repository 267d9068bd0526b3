"""Heads of one's choice switched off, one after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from core.asking.passes import BESIDE_ABLATION
from core.asking.service import Service
from core.errors import BadInput
from core.questions import PartAblation
from core.reading.masks import answer_position, filling_task
from core.results import Ablation, Guess, Removal

Heads: TypeAlias = Sequence[tuple[int, int]]
"""The layer and the number of some heads, both from 1."""

MOST_PICKED = 12
"""Heads that somebody switches off one after the other."""


class Switching(Service):
    """What becomes of an answer as heads are switched off; `tenant` as for `core.asking.answers`."""

    async def switch_off(self, result: Ablation, heads: Heads, *, tenant: Hashable = None) -> Ablation:
        """The same answer with heads of one's choice off, one after the other: with each also those before it.

        Args:
            result: What `ablate_word` or `ablate_label` found; whatever was off before is on again.
            heads: The layer and the number of each, both from 1; at most `MOST_PICKED`.
            tenant: Whom it is for.

        Raises:
            BadInput: There is no such head, or there are too many, or one is there twice.
        """
        numbers = _numbers(result, heads)
        if not numbers:
            return replace(result, picked=())
        source, labelled = result.source, bool(result.labels)
        place, task = (0, "sentiment") if labelled else (answer_position(source, result.mask), filling_task(source))
        off = tuple(numbers[:count] for count in range(1, len(numbers) + 1))
        question = PartAblation(tuple(source.ids), place, result.mean, off)
        command, times = "sentiment" if labelled else "unmask", len(off) + BESIDE_ABLATION
        found = await self._run(command, question, source, tenant, times, task)
        answer, rows = (result.answer.word, 0.0), (found[1] if labelled else found)[-1]
        parts = [result.removals[number].part for number in numbers]
        picked = tuple(Removal(part, *left_of(answer, row)) for part, row in zip(parts, rows, strict=True))
        return replace(result, picked=picked)


def _numbers(result: Ablation, heads: Heads) -> tuple[int, ...]:
    """The numbers of some heads among all parts of a model.

    Raises:
        BadInput: There is no such head, or there are too many, or one is there twice.
    """
    if len(heads) > MOST_PICKED:
        raise BadInput("At most {most} heads are switched off one after the other: leave some on.", most=MOST_PICKED)
    known = {
        (one.part.layer + 1, one.part.head + 1): number
        for number, one in enumerate(result.removals)
        if one.part.head is not None and not one.part.stack
    }
    if len(set(heads)) < len(heads) or not known.keys() >= set(heads):
        raise BadInput("There is no such head, or it is there twice: name others.")
    return tuple(known[head] for head in heads)


def left_of(answer: tuple[str, float], left: tuple[float, Any]) -> tuple[Guess, tuple[Guess, ...]]:
    """What is left of an answer, and what is most probable then."""
    odds, top = left
    return Guess(answer[0], odds), guesses(top)


def guesses(rows: Iterable[tuple[str, float]]) -> tuple[Guess, ...]:
    """Answers with their log-odds."""
    return tuple(Guess(*row) for row in rows)
