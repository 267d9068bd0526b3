"""The same result seen in another way: no device is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from cogs.cards.attention_views import views_of
from cogs.cards.card import card_of
from cogs.cards.controls import Press
from cogs.cards.layouts import layout_of
from cogs.cards.markdown import table_block
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.results import AttentionMap


async def change_view(interaction: Interaction, press: Press) -> None:
    """Look at the same map in another way, as chosen in a select that is named after what it changes."""
    state = ViewState.parse(press.detail)
    value = press.values[0]
    changed = replace(state, **{press.action: value if press.action in ("kind", "shown") else int(value)})
    await _show(interaction, press.key, changed)


async def change_map(interaction: Interaction, press: Press) -> None:
    """Look at another map of the same result, in the same way if that map has it, at the head most worth seeing."""
    result = await result_of(interaction, press.key)
    if not isinstance(result, AttentionMap):
        raise Expired
    await interaction.client.acknowledgements.defer(interaction)
    there = await asyncio.to_thread(ViewState.initial, result, press.values[0])
    here = ViewState.parse(press.detail)
    kind = here.kind if here.kind in views_of(there.map_of(result)) else "head"
    await _show(interaction, press.key, replace(there, kind=kind, theme=here.theme))


async def show_view(interaction: Interaction, press: Press) -> None:
    """Look at the same result in the way that a button says; its last word only tells it from its neighbour."""
    await _show(interaction, press.key, ViewState.parse(press.detail.rpartition(".")[0]))


async def show_table(interaction: Interaction, press: Press) -> None:
    """Give the numbers of the picture as text, to the person who asks."""
    result = await result_of(interaction, press.key, thinking=True, ephemeral=True)
    client = interaction.client
    say = client.language(interaction)
    view = layout_of(result).picture(say, result, ViewState.parse(press.detail))
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    table = await asyncio.to_thread(lambda: table_block(say, view.table()))
    await interaction.edit_original_response(content=table)


async def _show(interaction: Interaction, key: str, state: ViewState) -> None:
    result = await result_of(interaction, key)
    client = interaction.client
    await client.acknowledgements.defer(interaction)
    card = await card_of(client.core, client.language(interaction), key, result, state)
    await interaction.edit_original_response(view=card, attachments=card.files())
