"""The same result seen in another way: no device is asked."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import discord

from cogs.cards.attention_views import views_of
from cogs.cards.audience import Audience
from cogs.cards.card import card_of
from cogs.cards.controls.items import Press
from cogs.cards.layouts import layout_of
from cogs.cards.markdown import table_block
from cogs.cards.sides import seen_as
from cogs.cards.view_state import ViewState
from cogs.requests.audience import Hold, theme_for
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.results import AttentionMap, Result, TwoModels
from core.takeaway.spreadsheet import spreadsheet

Found: TypeAlias = tuple[str, Result, ViewState]
"""What a card shows: what its result is kept as, the result, and how it is looked at."""

Find: TypeAlias = Callable[..., Awaitable[Found]]


async def change_view(interaction: Interaction, press: Press) -> None:
    """Look at the same map in another way, as chosen in a select that is named after what it changes."""
    changed = ViewState.parse(press.detail).change(press.action, press.value)
    await show_card(interaction, press.key, lambda _: changed)


async def change_map(interaction: Interaction, press: Press) -> None:
    """Look at another map of the same result, in the same way if that map has it, at the head most worth seeing."""
    here = ViewState.parse(press.detail)

    def there(result: Result) -> ViewState:
        if not isinstance(result, AttentionMap):
            raise Expired
        state = ViewState.initial(result, press.value)
        kind = here.kind if here.kind in views_of(state.map_of(result)) else "head"
        return replace(state, kind=kind, theme=here.theme)

    await show_card(interaction, press.key, there)


async def change_models(interaction: Interaction, press: Press) -> None:
    """Look at both of two models, at one of them or at their difference, with the same heads."""
    here = ViewState.parse(press.detail)

    def there(result: Result) -> ViewState:
        if not isinstance(result, TwoModels):
            raise Expired
        return seen_as(result, here, press.value)

    await show_card(interaction, press.key, there)


async def show_view(interaction: Interaction, press: Press) -> None:
    """Look at the same result in the way that a button says; its last word tells it from its neighbour."""
    detail, _, name = press.detail.rpartition(".")
    state = ViewState.parse(detail)
    await show_card(interaction, press.key, lambda _: state, themed=name == "theme")


async def show_table(interaction: Interaction, press: Press) -> None:
    """Give the numbers of the picture as text, to the person who asks; all that do not fit there are in a file."""
    result = await result_of(interaction, press.key, thinking=True, ephemeral=True)
    client = interaction.client
    say = client.language(interaction)
    view = layout_of(result).picture(say, result, ViewState.parse(press.detail))
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    table = await asyncio.to_thread(view.table)
    block = table_block(say, table)
    cut = not block.endswith("```")
    files = [discord.File(io.BytesIO(spreadsheet(table.header, table.rows)), "table.csv")] if cut else []
    await interaction.edit_original_response(content=block, attachments=files)


async def show_card(
    interaction: Interaction,
    key: str,
    choose: Callable[[Result], ViewState],
    audience: Audience | None = None,
    *,
    themed: bool = False,
    ask: Callable[..., Awaitable[Result]] | None = None,
) -> None:
    """Change the card, or give a changed copy of it to a person whom it is not for to change.

    Presses that come nearly together change a card one after the other.

    Args:
        interaction: The press.
        key: What the result is kept as.
        choose: How to look at it.
        audience: Who is to see and change the card from now on, if that is not to stay; of a public one only.
        themed: Whether the theme is what was chosen; a copy is in that of whoever presses otherwise.
        ask: What gives another result to show in its place, for a `tenant`.
    """

    async def find(**deferral: bool) -> Found:
        client = interaction.client
        if not ask:
            result = await result_of(interaction, key, **deferral)
            await client.acknowledgements.defer(interaction, **deferral)
            return key, result, await asyncio.to_thread(choose, result)
        client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, **deferral)
        result = await ask(tenant=tenant(interaction))
        return client.core.keep(result), result, await asyncio.to_thread(choose, result)

    await change_card(interaction, find, audience, themed=themed)


async def change_card(
    interaction: Interaction, find: Find, audience: Audience | None = None, *, themed: bool = False
) -> None:
    """Change the card into that of another result, or the same; see `show_card`.

    Args:
        interaction: The press.
        find: Defers as it is told, and finds what the card shows then.
        audience: As for `show_card`.
        themed: As for `show_card`.
    """
    client, hold = interaction.client, Hold.of(interaction)
    deferral = {} if hold.changes else {"thinking": True, "ephemeral": True}
    card = interaction.message if hold.changes else None
    with client.turns.take(card.id if card else interaction.id) as turn:
        key, result, state = await find(**deferral)
        if not hold.changes and not themed:
            state = replace(state, theme=theme_for(interaction, state.theme))
        wanted = audience if audience and hold.audience in ("owned", "open") else hold.audience
        changed = await card_of(client.core, hold.say, key, result, state, wanted, hold.shown_by)
        await turn()
        await interaction.edit_original_response(view=changed, attachments=changed.files())
