"""The same result seen in another way: no device is asked."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import discord

from cogs.cards.attention_views import views_of
from cogs.cards.card import card_of
from cogs.cards.controls import Control
from cogs.cards.layouts import layout_of
from cogs.cards.markdown import table_block
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.results import AttentionMap
from core.takeaway.export import spreadsheet


async def change_view(interaction: Interaction, control: Control) -> None:
    """Look at the same map in another way, as chosen in a select that is named after what it changes."""
    state = ViewState.parse(control.detail)
    value = control.values[0]
    changed = replace(state, **{control.action: value if control.action in ("kind", "shown") else int(value)})
    await _show(interaction, control.key, changed)


async def change_map(interaction: Interaction, control: Control) -> None:
    """Look at another map of the same result, in the same way if that map has it, at the head most worth seeing."""
    result = await result_of(interaction, control.key)
    if not isinstance(result, AttentionMap):
        raise Expired
    await interaction.client.acknowledgements.defer(interaction)
    there = await asyncio.to_thread(ViewState.initial, result, control.values[0])
    here = ViewState.parse(control.detail)
    kind = here.kind if here.kind in views_of(there.map_of(result)) else "head"
    await _show(interaction, control.key, replace(there, kind=kind, theme=here.theme))


async def show_view(interaction: Interaction, control: Control) -> None:
    """Look at the same result in the way that a button says; its last word only tells it from its neighbour."""
    await _show(interaction, control.key, ViewState.parse(control.detail.rpartition(".")[0]))


async def show_table(interaction: Interaction, control: Control) -> None:
    """Give the numbers of the picture as text, to the person who asks; all that do not fit there are in a file."""
    result = await result_of(interaction, control.key, thinking=True, ephemeral=True)
    client = interaction.client
    say = client.language(interaction)
    view = layout_of(result).picture(say, result, ViewState.parse(control.detail))
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    table = await asyncio.to_thread(view.table)
    block = table_block(say, table)
    cut = not block.endswith("```")
    files = [discord.File(io.BytesIO(spreadsheet(table)), "table.csv")] if cut else []
    await interaction.edit_original_response(content=block, attachments=files)


async def _show(interaction: Interaction, key: str, state: ViewState) -> None:
    result = await result_of(interaction, key)
    client = interaction.client
    await client.acknowledgements.defer(interaction)
    card = await card_of(client.core, client.language(interaction), key, result, state)
    await interaction.edit_original_response(view=card, attachments=card.files())
