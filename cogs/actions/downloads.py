"""Files for the person who presses: the numbers of a picture ("Download"), or tokens with their ids."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import discord

from cogs.cards.asked import read_explained, read_switches, spell_explained, spell_switches
from cogs.cards.controls.items import Press
from cogs.cards.controls.lens import followed
from cogs.cards.layouts import layout_of
from cogs.cards.markdown import TABLE_CHARACTERS, code_span, ids_block
from cogs.cards.two_models import taken_from
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.language import ENGLISH, Language
from core.results import (
    Ablation,
    AttentionMap,
    AttentionRow,
    DecodedText,
    Explanation,
    LensMap,
    Patching,
    Tokenization,
    TokenizerComparison,
    TwoMaps,
    Written,
)
from core.takeaway.export import export
from core.takeaway.recipe import Repeatable, build_recipe, dump_recipe
from core.takeaway.token_export import as_csv, as_json

SAYS = (
    "The numbers of that picture: a table (.csv), all arrays (.npz, read it with `numpy.load`), and a page that opens "
    "in any browser without a network (.html). Each but the table holds a recipe to get it again."
)

SHARP = "The picture itself is there as well, sharp at any size (.svg)."

AGAIN = "`/{command}` takes this recipe as its text:"

TOKEN_FILES = {"json": as_json, "csv": as_csv}

NAMED = 150
"""Characters for the name of one of several models, and for the note that not all its ids fit."""

LONGEST_MESSAGE = 2000
"""Characters that Discord takes."""


async def send_files(interaction: Interaction, press: Press) -> None:
    """Attach the numbers of a picture as files, as far as Discord takes files of that size here."""
    result = await result_of(interaction, press.key, thinking=True, ephemeral=True)
    if not isinstance(result, Repeatable):
        raise Expired
    await interaction.client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    state = ViewState.parse(press.detail)
    view, part, options = layout_of(result).picture(ENGLISH, result, state), result, dict[str, Any]()
    if isinstance(result, TwoMaps):
        part, options = taken_from(result, state)
    elif isinstance(result, AttentionMap):
        part, options = state.map_of(result), {**state.to_recipe(), "text": result.source.text}
    elif isinstance(result, AttentionRow):  # a recipe leads to the picture that it was asked from
        from_here = ViewState("token", result.layer, result.head, result.position, side=result.side, theme=state.theme)
        options = from_here.to_recipe()
    elif isinstance(result, Ablation):
        options = read_switches(spell_switches(result))
    elif isinstance(result, Explanation):
        options = read_explained(spell_explained(result))
    elif isinstance(result, LensMap | Patching):
        options = options_of(result, state)
    made = await asyncio.to_thread(export, part, view, options)
    fits = {name: data for name, data in made.items() if len(data) <= interaction.filesize_limit}
    say = interaction.client.language(interaction)
    sharp = [say(SHARP)] if any(name.endswith(".svg") for name in fits) else []
    left = [say("{name} is larger than Discord takes here.", name=name) for name in made if name not in fits]
    files = [discord.File(io.BytesIO(data), name) for name, data in fits.items()]
    recipe = build_recipe(part, options)
    said = " ".join([say(SAYS), *sharp, *left])
    again = f"\n{say(AGAIN, command=recipe['command'])}\n```json\n{dump_recipe(recipe)}\n```"
    typed = isinstance(result, AttentionMap | AttentionRow | LensMap | Patching | TwoMaps | Written)
    fitting = again if typed and len(said) + len(again) <= LONGEST_MESSAGE else ""
    await interaction.edit_original_response(content=said + fitting, attachments=files)


def options_of(result: LensMap | Patching, state: ViewState) -> dict[str, Any]:
    """What `/unmask` has to be told besides a text to answer so again; `cogs.requests.replay` reads it."""
    words = {"targets": ", ".join(result.named)} if result.named else {}
    if isinstance(result, Patching):
        return {"view": "patch", **words, "theme": state.theme}
    return {"view": "lens", **words, "followed": followed(state), "theme": state.theme}


async def send_tokens(interaction: Interaction, press: Press) -> None:
    """Give token ids to copy, and the tokens as files, to the person who asks."""
    result = await result_of(interaction, press.key, thinking=True, ephemeral=True)
    match result:
        case Tokenization():
            sources = (result,)
        case DecodedText(source=source):
            sources = (source,)
        case TokenizerComparison(sources=sources):
            pass
        case _:
            raise Expired
    client = interaction.client
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    made = await asyncio.to_thread(lambda: {kind: write(*sources) for kind, write in TOKEN_FILES.items()})
    files = [discord.File(io.BytesIO(data), f"tokens.{kind}") for kind, data in made.items()]
    await interaction.edit_original_response(content=_ids(client.language(interaction), sources), attachments=files)


def _ids(say: Language, sources: Sequence[Tokenization]) -> str:
    if len(sources) == 1:
        return ids_block(say, sources[0].ids)
    room = TABLE_CHARACTERS // len(sources) - NAMED
    return "\n".join(f"{code_span(source.model.name)}{ids_block(say, source.ids, room)}" for source in sources)
