"""The controls of an attention map: which picture, which layer, head and token."""

from __future__ import annotations

from dataclasses import replace

import discord

from cogs.cards.attention_views import ATTENTION_VIEWS, token_of, view_of, views_of
from cogs.cards.controls.items import OPTIONS, Control, button, select
from cogs.cards.markdown import code_span
from cogs.cards.view_state import MAPS, MEAN, NO_TOKEN, TOKENS, ViewState, maps_of
from core.language import Language
from core.maps.selection import PARTS
from core.maps.tour import NotableHead, choose_heads
from core.render.kit.wording.labels import labels
from core.render.kit.wording.words import percent
from core.results import AttentionMap, AttentionRow, TwoMaps


def attention_rows(say: Language, key: str, result: AttentionMap | TwoMaps, state: ViewState) -> list[list[Control]]:
    """The rows of controls with which a result can be seen in another way; those that `state` has a use for."""
    attention = state.map_of(result)
    rows = [[select("kind", key, str(state), say("Kind of picture"), _kind_options(say, attention, state))]]
    if isinstance(result, AttentionMap) and maps_of(result):
        rows.insert(0, [select("side", key, str(state), say("Which attention"), _side_options(say, result, state))])
    if view_of(state).by_token:
        rows.append([select("token", key, str(state), say("Token"), _token_options(attention, state))])
    if state.kind == "tour":
        rows.append([_stop_button(say, key, stop, state) for stop in choose_heads(attention)])
    if view_of(state).by_head:
        rows += _head_rows(say, key, attention, state, alone=isinstance(result, AttentionMap))
    if view_of(state).by_square:
        rows.append([select("shown", key, str(state), say("Tokens shown"), _shown_options(say, attention, state))])
    return rows


def head_selects(
    say: Language,
    key: str,
    state: ViewState,
    attention: AttentionMap,
    chosen: tuple[int, int],
    actions: tuple[str, str] = ("layer", "head"),
    model: str = "",
) -> list[list[Control]]:
    """Selects of a layer and of one of its heads, or their mean; of one of several models, with its name."""
    of = f" · {code_span(model, 60).strip('`')}" if model else ""
    layers = [
        _option(say("Layer {number} of {count}", number=n + 1, count=attention.layers) + of, n, chosen[0])
        for n in range(attention.layers)
    ]
    heads = [
        _option(say("Head {number} of {count}", number=n + 1, count=attention.heads) + of, n, chosen[1])
        for n in range(attention.heads)
    ]
    mean = _option(say("Mean of all heads") + of, MEAN, chosen[1])
    return [
        [select(actions[0], key, str(state), say("Layer") + of, layers)],
        [select(actions[1], key, str(state), say("Head") + of, [mean, *heads], always=1)],
    ]


def _head_rows(
    say: Language, key: str, attention: AttentionMap, state: ViewState, *, alone: bool
) -> list[list[Control]]:
    back, on = state.step(attention, -1), state.step(attention, 1)
    here = replace(state, token=token_of(attention, state))
    one_number = alone and view_of(state).by_token and state.one_head is not None and not attention.signed
    return [
        *head_selects(say, key, state, attention, (state.layer, state.head)),
        [
            button("look", key, f"{back}.back", say("◀ Previous head")),
            button("look", key, f"{on}.on", say("Next head ▶")),
            *([button("made", key, str(here), say("How was this number made?"))] if one_number else []),
        ],
    ]


def row_rows(say: Language, key: str, row: AttentionRow, state: ViewState) -> list[list[Control]]:
    """The token that is looked at: those with the most weight, in the order of the text."""
    chosen = row.most_looked_at if state.token == NO_TOKEN else state.token
    order = sorted(range(len(row.weights)), key=lambda n: (n != chosen, -row.weights[n]))
    names = [label.numbered for label in labels(row.looked_at)]
    options = [
        _option(f"{n + 1}. {code_span(names[n], 40).strip('`')} · {percent(say, float(row.weights[n]))}", n, chosen)
        for n in sorted(order[:OPTIONS])
    ]
    return [[select("token", key, str(state), say("Token that is looked at"), options)]]


def _stop_button(say: Language, key: str, stop: NotableHead, state: ViewState) -> Control:
    there = replace(state, kind="head").at(stop)
    does = " → ".join(code_span(word, 25).strip("`") for word in stop.words) if stop.link else say(stop.name)
    return button("look", key, f"{there}.tour", f"{stop.layer + 1}.{stop.head + 1} · {does}")


def _kind_options(say: Language, attention: AttentionMap, state: ViewState) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=say(ATTENTION_VIEWS[name].label),
            value=name,
            description=say(ATTENTION_VIEWS[name].shows),
            default=name == state.kind,
        )
        for name in views_of(attention)
    ]


def _side_options(say: Language, result: AttentionMap, state: ViewState) -> list[discord.SelectOption]:
    found = maps_of(result)
    chosen = state.side or next(iter(found))
    return [discord.SelectOption(label=say(MAPS[side]), value=side, default=side == chosen) for side in found]


def _token_options(attention: AttentionMap, state: ViewState) -> list[discord.SelectOption]:
    source = attention.queries
    names = (source.text[token.start : token.end] or token.piece for token in source.tokens)
    chosen = token_of(attention, state)
    return [_option(f"{n + 1}. {code_span(name, 40).strip('`')}", n, chosen) for n, name in enumerate(names)]


def _shown_options(say: Language, attention: AttentionMap, state: ViewState) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=say(TOKENS[how]), value=how, default=how == state.shown)
        for how in TOKENS
        if how not in PARTS or (attention.source.second and attention.is_self_attention)
    ]


def _option(label: str, value: int, chosen: int) -> discord.SelectOption:
    return discord.SelectOption(label=label, value=str(value), default=value == chosen)
