"""The controls of the lens over a whole sentence: which word is followed through the layers."""

from __future__ import annotations

import discord

from cogs.cards.controls.items import Control, select
from cogs.cards.markdown import code_span
from cogs.cards.view_state import NO_TOKEN, ViewState
from core.language import Language
from core.render.fillings import at_mask, display_token
from core.results import LensMap


def lens_rows(say: Language, key: str, result: LensMap, state: ViewState) -> list[list[Control]]:
    """A select of the words that are followed, each with its first and its last rank."""
    chosen, places = followed(state), result.places
    options = [
        discord.SelectOption(
            label=at_mask(
                say,
                places.index(path.position) + 1,
                len(places),
                code_span(display_token(path.word), 40).strip("`"),
            ),
            value=str(number),
            description=say("rank {first:,} → {last:,}", first=path.ranks[0], last=path.ranks[-1]),
            default=number + 1 == chosen,
        )
        for number, path in enumerate(result.paths)
    ]
    return [[select("token", key, str(state), say("Word to follow"), options)]]


def followed(state: ViewState) -> int:
    """Which of the words is followed, from 1; the state counts it as a token."""
    return 1 if state.token == NO_TOKEN else state.token + 1
