"""The button "Take away": the numbers of a picture as files, for the person who asks."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord

from cogs.cards.controls import Control
from cogs.cards.layouts import face_of
from cogs.cards.question import result_of
from cogs.cards.view_state import Look
from cogs.requests.host import Interaction
from core.errors import Expired
from core.language import ENGLISH
from core.results import AttentionMap, Worked
from core.takeaway.export import export
from core.takeaway.recipe import recipe, written

SAYS = (
    "The numbers of that picture: a table (.csv), all arrays (.npz, read it with `numpy.load`), and a page that opens "
    "in any browser without a network (.html). Each but the table holds a recipe to get it again."
)

AGAIN = "`/attention` takes this recipe as its text:"

LONGEST_MESSAGE = 2000
"""Characters that Discord takes."""


async def take(interaction: Interaction, control: Control) -> None:
    """Attach the numbers of a picture as files, as far as Discord takes files of that size here."""
    result = await result_of(interaction, control.key, thinking=True, ephemeral=True)
    if not isinstance(result, AttentionMap | Worked):
        raise Expired
    await interaction.client.arrivals.defer(interaction, thinking=True, ephemeral=True)
    look = Look.parse(control.detail)
    view, part, options = face_of(result).picture(ENGLISH, result, look), result, dict[str, Any]()
    if isinstance(result, AttentionMap):
        part, options = look.map(result), {**look.recipe(), "text": result.source.text}
    made = await asyncio.to_thread(export, part, view, options)
    fits = {name: data for name, data in made.items() if len(data) <= interaction.filesize_limit}
    say = interaction.client.language(interaction)
    left = [say("{name} is larger than Discord takes here.", name=name) for name in made if name not in fits]
    files = [discord.File(io.BytesIO(data), name) for name, data in fits.items()]
    said, again = " ".join([say(SAYS), *left]), f"\n{say(AGAIN)}\n```json\n{written(recipe(part, options))}\n```"
    fitting = again if len(said) + len(again) <= LONGEST_MESSAGE and isinstance(result, AttentionMap) else ""
    await interaction.edit_original_response(content=said + fitting, attachments=files)
