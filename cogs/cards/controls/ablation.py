"""The controls of an answer without parts of the model: which head is off."""

from __future__ import annotations

from dataclasses import replace

import discord

from cogs.cards.controls.items import Control, button, select
from cogs.cards.markdown import code_span
from cogs.cards.view_state import MEAN, ViewState
from core.language import Language
from core.render.explaining.ablation import AblationGrid
from core.results import Ablation


def ablation_rows(say: Language, key: str, result: Ablation, state: ViewState) -> list[list[Control]]:
    """A select of the layer and one of its heads; nothing where layers of several stacks have the same number."""
    if result.heads[0].part.stack:
        return []
    if state.head == MEAN:
        part = result.strongest.part
        state = replace(state, layer=part.layer, head=part.head or 0)
    layers = 1 + max(one.part.layer for one in result.heads)
    here = [one for one in result.heads if one.part.layer == state.layer]
    of_layer = [
        discord.SelectOption(
            label=say("Layer {number} of {count}", number=number + 1, count=layers),
            value=str(number),
            default=number == state.layer,
        )
        for number in range(layers)
    ]
    grid = AblationGrid(result, say=say)
    of_head = [
        discord.SelectOption(
            label=say("Head {number} of {count}", number=number + 1, count=len(here)),
            value=str(number),
            description=grid.told(one, lambda word: code_span(word, 40).strip("`")),
            default=number == state.head,
        )
        for number, one in enumerate(here)
    ]
    count = len(result.source.masks) if not result.labels else 0
    masks = [
        discord.SelectOption(
            label=say("mask {number} of {count}", number=number, count=count),
            value=str(number),
            default=number == result.mask,
        )
        for number in range(1, count + 1)
    ]
    return [
        *([[select("gap", key, str(state), say("Mask"), masks)]] if count > 1 else []),
        [select("layer", key, str(state), say("Layer"), of_layer)],
        [select("head", key, str(state), say("Head"), of_head)],
        [button("off", key, str(state), _switch_label(say, result, state))],
    ]


def heads_after(result: Ablation, state: ViewState) -> list[tuple[int, int]]:
    """The heads that are off, from 1, once that which is looked at is switched: off behind the others, or on again."""
    off = [(one.part.layer + 1, (one.part.head or 0) + 1) for one in result.picked]
    here = (state.layer + 1, state.head + 1)
    return [head for head in off if head != here] if here in off else [*off, here]


def _switch_label(say: Language, result: Ablation, state: ViewState) -> str:
    if len(heads_after(result, state)) < len(result.picked):
        return say("Switch it on again")
    return say("Switch it off, too") if result.picked else say("Keep it off")
