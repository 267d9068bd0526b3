"""The controls of an attention map: which picture, which layer, head and token."""

from __future__ import annotations

from dataclasses import replace

import discord

from cogs.cards.attention_views import KINDS, kinds
from cogs.cards.controls import Control, button, select
from cogs.cards.markdown import quote
from cogs.cards.view_state import MEAN, SIDES, TOKENS, Look, sides
from core.language import Language
from core.maps.selection import PARTS
from core.maps.tour import Stop, tour
from core.results import AttentionMap


def rows_of_map(say: Language, key: str, result: AttentionMap, look: Look) -> list[list[Control]]:
    """The rows of controls with which a result can be seen in another way; those that `look` has a use for."""
    attention = look.map(result)
    rows = [[select("kind", key, str(look), say("Kind of picture"), _kind_options(say, attention, look))]]
    if sides(result):
        rows.insert(0, [select("side", key, str(look), say("Which attention"), _side_options(say, result, look))])
    if look.kind == "token":
        rows.append([select("token", key, str(look), say("Token"), _token_options(attention, look))])
    if look.kind == "tour":
        rows.append([_stop_button(say, key, stop, look) for stop in tour(attention)])
    if look.by_head:
        rows += _head_rows(say, key, attention, look)
    if look.by_square:
        rows.append([select("shown", key, str(look), say("Tokens shown"), _shown_options(say, attention, look))])
    return rows


def _head_rows(say: Language, key: str, attention: AttentionMap, look: Look) -> list[list[Control]]:
    layers = [
        _option(say("Layer {number} of {count}", number=n + 1, count=attention.layers), n, look.layer)
        for n in range(attention.layers)
    ]
    heads = [
        _option(say("Head {number} of {count}", number=n + 1, count=attention.heads), n, look.head)
        for n in range(attention.heads)
    ]
    mean = _option(say("Mean of all heads"), MEAN, look.head)
    back, on = look.step(attention, -1), look.step(attention, 1)
    return [
        [select("layer", key, str(look), say("Layer"), layers)],
        [select("head", key, str(look), say("Head"), [mean, *heads])],
        [
            button("look", key, f"{back}.back", say("◀ Previous head")),
            button("look", key, f"{on}.on", say("Next head ▶")),
        ],
    ]


def _stop_button(say: Language, key: str, stop: Stop, look: Look) -> Control:
    there = replace(look, kind="head", layer=stop.layer, head=stop.head)
    return button("look", key, f"{there}.tour", f"{stop.layer + 1}.{stop.head + 1} · {say(stop.name)}")


def _kind_options(say: Language, attention: AttentionMap, look: Look) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=say(KINDS[name].label), value=name, description=say(KINDS[name].shows), default=name == look.kind
        )
        for name in kinds(attention)
    ]


def _side_options(say: Language, result: AttentionMap, look: Look) -> list[discord.SelectOption]:
    found = sides(result)
    chosen = look.side or next(iter(found))
    return [discord.SelectOption(label=say(SIDES[side]), value=side, default=side == chosen) for side in found]


def _token_options(attention: AttentionMap, look: Look) -> list[discord.SelectOption]:
    source = attention.looking
    names = (source.text[token.start : token.end] or token.piece for token in source.tokens)
    return [_option(f"{n + 1}. {quote(name, 40).strip('`')}", n, look.token) for n, name in enumerate(names)]


def _shown_options(say: Language, attention: AttentionMap, look: Look) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=say(TOKENS[how]), value=how, default=how == look.shown)
        for how in TOKENS
        if how not in PARTS or (attention.source.second and attention.plain)
    ]


def _option(label: str, value: int, chosen: int) -> discord.SelectOption:
    return discord.SelectOption(label=label, value=str(value), default=value == chosen)
