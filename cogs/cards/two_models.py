"""Cards of two models: which of them one sees, or both, or their difference; and which heads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord

from cogs.cards.attention_views import picture_of
from cogs.cards.controls.attention import attention_rows, head_selects
from cogs.cards.controls.items import Control, button, select
from cogs.cards.markdown import code_span, word_span
from cogs.cards.notes import attention_headline, fillings_note, windows_note
from cogs.cards.sides import BOTH, DIFFERENCES, IN_BOTH, ONE, SWAPPED, numbers_of, places, seen_as
from cogs.cards.view_state import LIKEWISE, TOKENS, ViewState
from core.errors import BadInput, Expired
from core.facade import View
from core.language import Language
from core.maps.selection import PARTS
from core.render import (
    SentimentBars,
    TwoHeads,
    TwoHeadsDifference,
    TwoSentimentBars,
    TwoUnmaskBars,
    UnmaskBars,
    WindowStrips,
)
from core.results import AttentionMap, TwoFillings, TwoMaps, TwoModels, TwoSentiments


def check_beside(kind: str) -> None:
    """Refuse to open on a picture that two models have not in common.

    Raises:
        BadInput: It is one of those.
    """
    if kind != IN_BOTH:
        raise BadInput(
            "Two models stand side by side as `One head` only: leave out `view:`, and choose one model on the card to "
            "see its other pictures."
        )


def taken_from(result: TwoMaps, state: ViewState) -> tuple[AttentionMap | TwoMaps, dict[str, Any]]:
    """What a picture's files are of, and the options with which `/attention` shows it again: of one model, it alone."""
    asked = {"text": result.source.text}
    if state.side not in ONE:
        return result, {**state.to_recipe(), **asked}
    number = ONE[state.side]
    answer, seen = result.answers[number], result.maps[number]
    alone = replace(state, side="" if seen is answer else "encoder", other_layer=LIKEWISE, other_head=LIKEWISE)
    return seen, {**alone.to_recipe(), **asked}


def sentiments_of(result: TwoSentiments, state: ViewState) -> View:
    """The picture of both classifiers, or of one."""
    if state.side not in ONE:
        return TwoSentimentBars(_in_order(result, state))
    one = result.answers[ONE[state.side]]
    return WindowStrips(one) if one.windows else SentimentBars(one)


def fillings_of(result: TwoFillings, state: ViewState) -> View:
    """The picture of both language models, or of one."""
    if state.side not in ONE:
        return TwoUnmaskBars(_in_order(result, state))
    return UnmaskBars(result.answers[ONE[state.side]])


def maps_of_both(result: TwoMaps, state: ViewState) -> View:
    """The picture of a head of each, of their difference, or whatever there is of one.

    Raises:
        BadInput: There is no such part of a single text.
        Expired: There is no such side, or no such choice of tokens.
    """
    if state.side in ONE:
        return picture_of(result, state)
    if state.shown not in TOKENS or state.side not in SWAPPED:
        raise Expired
    first, second = places(result, state)
    if state.side in ("swapped", "reverse"):
        result, first, second = result.swapped, second, first
    if state.side in DIFFERENCES:
        return TwoHeadsDifference(result, first, second, shown=state.shown)
    return TwoHeads(result, first, second, shown=state.shown, query=None if state.side else state.query(result.maps[0]))


def two_headline(say: Language, result: TwoSentiments | TwoFillings, state: ViewState) -> str:
    """What is found in the picture; of one model alone, with its name."""
    view: Any = sentiments_of(result, state) if isinstance(result, TwoSentiments) else fillings_of(result, state)
    found = replace(view, say=say).finding(word_span)
    if state.side not in ONE:
        return found
    return say("{model}: {reason}", model=_span_of(result, state.side), reason=found)


def maps_headline(say: Language, result: TwoMaps, state: ViewState) -> str:
    """Which models, and what is found in the picture."""
    if state.side in ONE:
        first, *more = attention_headline(say, result, state).split("\n")
        return "\n".join([f"{first} · {_span_of(result, state.side)}", *more])
    view: Any = maps_of_both(result, state)
    return "\n".join([say("Attention · two models"), replace(view, say=say).finding(word_span)])


def fillings_notes(say: Language, result: TwoFillings) -> list[str]:
    """What is to be said of each model's words, under its name."""
    return [
        f"{code_span(answer.source.model.name, 80)}\n{note}"
        for answer in result.answers
        for note in fillings_note(say, answer)
    ]


def windows_notes(say: Language, result: TwoSentiments) -> list[str]:
    """Which of the classifiers read the text in windows."""
    return [
        f"{code_span(answer.source.model.name, 80)}: {note}"
        for answer in result.answers
        if answer.windows
        for note in windows_note(say, answer)
    ]


def two_rows(say: Language, key: str, result: TwoModels[Any], state: ViewState) -> list[list[Control]]:
    """Which side is seen, and the way to exchange the models."""
    there = seen_as(result, state, SWAPPED[state.side])
    return [
        [select("models", key, str(state), say("Which model"), _side_options(say, result, state))],
        [button("look", key, f"{there}.swap", say("Swap the models"))],
    ]


def two_map_rows(say: Language, key: str, result: TwoMaps, state: ViewState) -> list[list[Control]]:
    """The same of two maps, with the head of each; or what there is to choose of one."""
    rows = two_rows(say, key, result, state)
    if state.side in ONE:
        return [*rows, *attention_rows(say, key, result, state)]
    (one, other), (first, second) = result.maps, map(numbers_of, places(result, state))
    seen = replace(state, layer=first[0], head=first[1])
    names = [model.name for model in result.models]
    rows += head_selects(say, key, state, one, first, ("layer", "head"), names[0])
    rows += head_selects(say, key, seen, other, second, ("beside", "besidehead"), names[1])
    shown = [how for how in TOKENS if how not in PARTS or all(found.source.second for found in result.maps)]
    options = [discord.SelectOption(label=say(TOKENS[how]), value=how, default=how == state.shown) for how in shown]
    return [*rows, [select("shown", key, str(state), say("Tokens shown"), options)]]


def _side_options(say: Language, result: TwoModels[Any], state: ViewState) -> list[discord.SelectOption]:
    first, second = result.models
    named = {BOTH: say("Both, side by side"), "first": first.name, "second": second.name}
    if isinstance(result, TwoMaps) and result.comparable:
        named["difference"] = say("Difference of the two")
    chosen = {"": BOTH, "swapped": BOTH, "reverse": "difference"}.get(state.side, state.side)
    return [
        discord.SelectOption(label=code_span(label, 100).strip("`"), value=side, default=side == chosen)
        for side, label in named.items()
    ]


def _in_order(result: Any, state: ViewState) -> Any:
    """A result of which both are seen, the second first if that is wanted.

    Raises:
        Expired: There is no such side.
    """
    if state.side not in ("", "swapped"):
        raise Expired
    return result.swapped if state.side else result


def _span_of(result: TwoModels[Any], side: str) -> str:
    """The name of the model that is seen alone."""
    return code_span(result.models[ONE[side]].name, 80)
