"""What a person is told who waits for a model to be fetched or loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import discord

from cogs.requests.bot_base import Interaction
from core.language import Language

PATIENCE = 2.0
"""Seconds after which it is told; most answers are there by then."""

WAITING = "⏳"
"""Begins whatever is told meanwhile."""

WAITS = {
    "fetching": "⏳ The model {model} comes from the Hub for the first time: this takes some minutes.",
    "loading": "⏳ The model {model} is being loaded: this answer takes a little longer.",
}


@asynccontextmanager
async def progress_notice(interaction: Interaction, say: Language, way: str, *models: str) -> AsyncGenerator[None]:
    """While a request is worked on, edit its deferred answer once if it waits for a model, the first of several."""
    answered = asyncio.Event()
    telling = asyncio.create_task(_tell(interaction, say, way, models, answered))
    try:
        yield
    finally:
        answered.set()
        await telling  # or an edit still on its way could overwrite the answer


async def _tell(
    interaction: Interaction, say: Language, way: str, models: Sequence[str], answered: asyncio.Event
) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(answered.wait(), PATIENCE)
    missing = (interaction.client.core.missing(way, model) for model in models)
    if not answered.is_set() and (first := next(filter(None, missing), None)):
        what, of = first
        with suppress(discord.HTTPException):  # the answer itself will show what is wrong
            await interaction.edit_original_response(content=say(WAITS[what], model=of.name))
