"""What a person is told who waits: that a model is fetched or loaded, or how far a long answer is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from cogs.requests.acknowledgement import REFUSALS
from cogs.requests.bot_base import Interaction
from core.language import Language

PAUSES = (2.0, 4.0, 8.0, 16.0)
"""Seconds after each of which it is told; most answers are there before the first."""

WAITING = "⏳"
"""Begins whatever is told meanwhile."""

WAITS = {
    "fetching": "⏳ The model {model} comes from the Hub for the first time: this takes some minutes.",
    "loading": "⏳ The model {model} is being loaded: this answer takes a little longer.",
}

DONE = "⏳ {done:,} of {total:,} parts of the model are done."


@dataclass(slots=True)
class Waiting:
    """How far an answer is; called by whatever works on it with what is done, and with what there is to do.

    Attributes:
        answered: Set when there is nothing more to tell.
    """

    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _done: int = 0
    _total: int = 0

    def __call__(self, done: int, total: int) -> None:
        """So much is done."""
        self._done, self._total = done, total

    def told(self, interaction: Interaction, say: Language, way: str, models: Sequence[str]) -> str:
        """What there is to tell now, of the first model that is missing; nothing while it is not known."""
        if self._total:
            return say(DONE, done=self._done, total=self._total)
        missing = (interaction.client.core.missing(way, model) for model in models)
        if first := next(filter(None, missing), None):
            what, of = first
            return say(WAITS[what], model=of.name)
        return ""


@asynccontextmanager
async def progress_notice(interaction: Interaction, say: Language, way: str, *models: str) -> AsyncGenerator[Waiting]:
    """While a request is worked on, edit its deferred answer a few times: if it waits for its model, or takes long."""
    waiting = Waiting()
    telling = asyncio.create_task(_tell(interaction, say, way, models, waiting))
    try:
        yield waiting
    finally:
        waiting.answered.set()
        await telling  # or an edit still on its way could overwrite the answer


async def _tell(interaction: Interaction, say: Language, way: str, models: Sequence[str], waiting: Waiting) -> None:
    before = ""
    for patience in PAUSES:
        with suppress(TimeoutError):
            await asyncio.wait_for(waiting.answered.wait(), patience)
        if waiting.answered.is_set():
            return
        if (told := waiting.told(interaction, say, way, models)) not in ("", before):
            before = told
            with suppress(*REFUSALS):  # the answer itself will show what is wrong
                await interaction.edit_original_response(content=told)
