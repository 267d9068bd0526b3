"""What the controls of a card do."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import discord

from cogs.actions.downloads import take
from cogs.actions.what_if import WhatIf
from cogs.cards.attention_views import kinds
from cogs.cards.card import card_of
from cogs.cards.controls import Control
from cogs.cards.layouts import face_of, source_of
from cogs.cards.markdown import TABLE_CHARACTERS, code_ids, code_table, quote
from cogs.cards.question import Asked, asked_with, result_of
from cogs.cards.view_state import Look
from cogs.help import example
from cogs.requests.answering import answer
from cogs.requests.host import Interaction
from core.commands import command_of
from core.errors import Expired
from core.language import Language
from core.reading.emoji_spacing import spaced
from core.results import AttentionMap, Comparison, Decoded, Tokenization
from core.takeaway.token_export import as_csv, as_json

Action = Callable[[Interaction, Control], Awaitable[None]]
FILES = {"json": as_json, "csv": as_csv}

NAMED = 150
"""Characters for the name of one of several models, and for the note that not all its ids fit."""


async def choose(interaction: Interaction, control: Control) -> None:
    """Look at the same map in another way, as chosen in a select that is named after what it changes."""
    look = Look.parse(control.detail)
    value = control.values[0]
    changed = replace(look, **{control.action: value if control.action in ("kind", "shown") else int(value)})
    await _show(interaction, control.key, changed)


async def turn(interaction: Interaction, control: Control) -> None:
    """Look at another map of the same result, in the same way if that map has it, at the head most worth seeing."""
    result = await result_of(interaction, control.key)
    if not isinstance(result, AttentionMap):
        raise Expired
    await interaction.client.arrivals.defer(interaction)
    there = await asyncio.to_thread(Look.first, result, control.values[0])
    here = Look.parse(control.detail)
    kind = here.kind if here.kind in kinds(there.map(result)) else "head"
    await _show(interaction, control.key, replace(there, kind=kind, theme=here.theme))


async def show(interaction: Interaction, control: Control) -> None:
    """Look at the same result in the way that a button says; its last word only tells it from its neighbour."""
    await _show(interaction, control.key, Look.parse(control.detail.rpartition(".")[0]))


async def numbers(interaction: Interaction, control: Control) -> None:
    """Give the numbers of the picture as text, to the person who asks."""
    result = await result_of(interaction, control.key, thinking=True, ephemeral=True)
    client = interaction.client
    say = client.language(interaction)
    view = face_of(result).picture(say, result, Look.parse(control.detail))
    await client.arrivals.defer(interaction, thinking=True, ephemeral=True)
    table = await asyncio.to_thread(lambda: code_table(say, view.table()))
    await interaction.edit_original_response(content=table)


async def lens(interaction: Interaction, control: Control) -> None:
    """Run another command on the same text, for the person who asks."""
    way, theme = Look.whereto(control.detail)
    text, model = _question(interaction, control, way)
    await answer(interaction, way, text, model=model, private=True, theme=theme)


async def rescue(interaction: Interaction, control: Control) -> None:
    """Run the same command again with spaces between words and emoji, for the person who asks."""
    way, theme = Look.whereto(control.detail)
    text, model = _question(interaction, control, way)
    await answer(interaction, way, spaced(text), model=model, private=True, theme=theme)


async def listing(interaction: Interaction, control: Control) -> None:
    """Give token ids to copy, and the tokens as files, to the person who asks."""
    result = await result_of(interaction, control.key, thinking=True, ephemeral=True)
    match result:
        case Tokenization():
            sources = (result,)
        case Decoded(source=source):
            sources = (source,)
        case Comparison(sources=sources):
            pass
        case _:
            raise Expired
    client = interaction.client
    await client.arrivals.defer(interaction, thinking=True, ephemeral=True)
    made = await asyncio.to_thread(lambda: {kind: write(*sources) for kind, write in FILES.items()})
    files = [discord.File(io.BytesIO(data), f"tokens.{kind}") for kind, data in made.items()]
    await interaction.edit_original_response(content=_ids(client.language(interaction), sources), attachments=files)


def _ids(say: Language, sources: Sequence[Tokenization]) -> str:
    if len(sources) == 1:
        return code_ids(say, sources[0].ids)
    room = TABLE_CHARACTERS // len(sources) - NAMED
    return "\n".join(f"{quote(source.model.name)}{code_ids(say, source.ids, room)}" for source in sources)


async def what_if(interaction: Interaction, control: Control) -> None:
    """Open a form in which the same text can be changed."""
    say = interaction.client.language(interaction)
    asked = _question(interaction, control, "sentiment")
    await interaction.response.send_modal(WhatIf(say, *asked, Look.parse(control.detail)))


def _question(interaction: Interaction, control: Control, way: str) -> tuple[str, str]:
    """The text of a card, and the name of the model to ask about it in some way."""
    core = interaction.client.core
    try:
        source = source_of(core.recall(control.key))
        if source is None:
            raise Expired
        text, model = source.text, source.model
    except Expired:
        asked = Asked.read(interaction.message)
        text, model = asked.text, asked.model(core)
    came_from, _ = asked_with(interaction.message)
    return text, core.models.along(command_of(way), model, came_from)


async def _show(interaction: Interaction, key: str, look: Look) -> None:
    result = await result_of(interaction, key)
    client = interaction.client
    await client.arrivals.defer(interaction)
    card = await card_of(client.core, client.language(interaction), key, result, look)
    await interaction.edit_original_response(view=card, attachments=card.files())


ACTIONS: dict[str, Action] = {
    "kind": choose,
    "layer": choose,
    "head": choose,
    "token": choose,
    "shown": choose,
    "side": turn,
    "look": show,
    "numbers": numbers,
    "take": take,
    "lens": lens,
    "listing": listing,
    "whatif": what_if,
    "rescue": rescue,
    "example": example,
}
"""By the first word of a control's custom_id."""
