"""The controls of what words do for an answer: which answer, at which mask, rather than which other one."""

from __future__ import annotations

import discord

from cogs.cards.controls.items import Control, select
from cogs.cards.markdown import word_span
from cogs.cards.view_state import ViewState
from core.language import Language
from core.render.fillings import at_mask
from core.render.kit.wording.scores import amount
from core.render.kit.wording.words import opening
from core.results import Choice, Explanation

ALONE = "alone"
"""Chosen where an answer is not compared with another one."""


def explanation_rows(say: Language, key: str, result: Explanation, state: ViewState) -> list[list[Control]]:
    """Selects of a mask, if there are several, of the answer there, and of one that it is compared with."""
    count, rows = len(result.source.masks), list[list[Control]]()
    if count > 1:
        masks = [
            discord.SelectOption(
                label=opening(at_mask(say, number, count)), value=str(number), default=number == result.mask
            )
            for number in range(1, count + 1)
        ]
        rows.append([select("mask", key, str(state), say("Mask"), masks)])
    if len(result.choices) < 2:
        return rows
    answers = [
        _option(say, result, one, say("Why {answer}?", answer=_named(one)), chosen=one == result.answer)
        for one in result.choices
    ]
    others = [
        discord.SelectOption(
            label=say("Rather than …"), value=ALONE, description=say("By itself"), default=result.rather is None
        ),
        *(
            _option(say, result, one, say("Rather than {other}", other=_named(one)), chosen=one == result.rather)
            for one in result.choices
            if one != result.answer
        ),
    ]
    return [
        *rows,
        [select("answer", key, str(state), say("Answer"), answers)],
        [select("rather", key, str(state), say("Compared with"), others, always=1)],
    ]


def _option(say: Language, result: Explanation, choice: Choice, label: str, *, chosen: bool) -> discord.SelectOption:
    value = amount(say, choice.value, result.problem)
    return discord.SelectOption(label=label[:100], value=str(choice.number), description=value, default=chosen)


def _named(choice: Choice) -> str:
    return word_span(choice.name).strip("`")
