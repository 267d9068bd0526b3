"""What the controls of a stop of /learn do."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace

import discord
from discord import ui

from cogs.cards.audience import Audience
from cogs.cards.controls.items import Press
from cogs.cards.markdown import table_block
from cogs.lessons.answering import show_stop, text_of
from cogs.lessons.asking import LONGEST, clean, results_of
from cogs.lessons.card import lesson_card, look
from cogs.lessons.place import OPEN, THEMED, Place
from cogs.requests.audience import Hold, NotYours, audience_of, check_showing
from cogs.requests.bot_base import Interaction
from cogs.requests.typed import TYPED, Typed
from core.takeaway.spreadsheet import spreadsheet


async def go_to_stop(interaction: Interaction, press: Press) -> None:
    """Go to another stop, with the example that it has."""
    await show_stop(interaction, Place.parse(press.detail))


async def predict(interaction: Interaction, press: Press) -> None:
    """Answer the question of a stop, or see it on another ground."""
    place = Place.parse(press.detail.removesuffix(THEMED))
    await show_stop(interaction, place, text_of(interaction, place), themed=press.detail.endswith(THEMED))


async def open_own(interaction: Interaction, press: Press) -> None:
    """Open a form for what the stop shall be about; `answer_own` is what sending it does."""
    place, say = Place.parse(press.detail), interaction.client.language(interaction)
    title = say(place.stop.typed)
    form = ui.Modal(title=title, custom_id=f"said:{press.key}:{replace(place, answer=OPEN)}")
    field = ui.TextInput[ui.Modal](default=text_of(interaction, place), max_length=LONGEST)
    form.add_item(ui.Label(text=title, component=field))
    await interaction.response.send_modal(form)
    form.stop()  # discord.py need not remember it: whoever sends it, however late, is answered by its custom_id


async def answer_own(interaction: Interaction, press: Press) -> None:
    """Redo a stop with what somebody typed."""
    place, say = Place.parse(press.detail), interaction.client.language(interaction)
    title = say(place.stop.typed)
    interaction.extras[TYPED] = Typed(f"{press.action}:{press.key}:{press.detail}", title, {title: press.value})
    await show_stop(interaction, place, clean(press.value))


async def show_stop_table(interaction: Interaction, press: Press) -> None:
    """Give the numbers of the picture as text, to the person who asks; all that do not fit there are in a file."""
    client, place = interaction.client, Place.parse(press.detail)
    text = text_of(interaction, place)
    results = await results_of(interaction, place.stop, text, thinking=True, ephemeral=True)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
    say = client.language(interaction)
    _, view = await asyncio.to_thread(look, say, place, text, results)
    table = await asyncio.to_thread(view.table)
    block = table_block(say, table)
    cut = not block.endswith("```")
    files = [discord.File(io.BytesIO(spreadsheet(table.header, table.rows)), "table.csv")] if cut else []
    await interaction.edit_original_response(content=block, attachments=files)


async def show_stop_everyone(interaction: Interaction, press: Press) -> None:
    """Post the card of a private stop where everybody sees it, as a card of the person who shows it."""
    client, place = interaction.client, _place_in(press.detail)
    check_showing(interaction)
    text = text_of(interaction, place)
    results = await results_of(interaction, place.stop, text, thinking=True)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True)
    say, audience = client.language(interaction, public=True), audience_of(interaction, private=False)
    card = await lesson_card(client.core, say, place, text, results, audience, interaction.user.id)
    await interaction.edit_original_response(content=None, view=card, attachments=card.files())


async def open_stop(interaction: Interaction, press: Press) -> None:
    """Let everybody change a public stop from now on."""
    await _hand_over(interaction, press, "open")


async def close_stop(interaction: Interaction, press: Press) -> None:
    """Let only its owner change a public stop from now on."""
    await _hand_over(interaction, press, "owned")


async def _hand_over(interaction: Interaction, press: Press, to: Audience) -> None:
    place = _place_in(press.detail)
    if not Hold.of(interaction).owner:
        raise NotYours("Only the person whose answer this is can do that: all other buttons here are for you, too.")
    await show_stop(interaction, place, text_of(interaction, place), to)


def _place_in(detail: str) -> Place:
    """The place in the detail of a button that changes the audience, which ends with a language."""
    return Place.parse(detail.rpartition(".")[0])
