"""Acknowledging comes first: Discord waits three seconds for it, and everything else can wait for that."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp
import discord

REFUSALS = (discord.HTTPException, aiohttp.ClientError, OSError, RuntimeError)
"""How a request to Discord fails: discord.py has tried it several times by then, but where the other side hangs up.

The last is what a session raises that was closed meanwhile.
"""

CROWD = 10
"""So many interactions that wait to be acknowledged at once are a crowd."""

PATIENCE = 3.0
"""Seconds: whoever is not acknowledged by then has left."""

PRIVATE = "private"
"""Where an interaction keeps whether its deferral was for the person who acts only."""


def is_private(interaction: discord.Interaction[Any]) -> bool:
    """Whether only the person who acts sees what an interaction was deferred with, and so what takes its place."""
    return bool(interaction.extras.get(PRIVATE))


class Acknowledgements:
    """Counts the interactions that are being acknowledged.

    In a crowd, work begins only when nearly all are acknowledged: threads that tokenise and draw would hold up the
    event loop, which has to take the interpreter's lock back from them after each message that it sends.

    Args:
        patience: Seconds that work waits for others' acknowledgements at most.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience, self._waiting = patience, 0
        self._calm = asyncio.Event()
        self._calm.set()

    @property
    def crowded(self) -> bool:
        """Whether many wait: then nothing is done before acknowledging that is not necessary."""
        return self._waiting >= CROWD

    async def defer(self, interaction: discord.Interaction[Any], **how: bool) -> None:
        """Defer an interaction, unless it was answered or deferred already, and then let others come first.

        Args:
            interaction: Whose turn it is.
            how: As for `discord.InteractionResponse.defer`.
        """
        if interaction.response.is_done():
            return
        interaction.extras[PRIVATE] = how.get("ephemeral", False)
        self._count(1)
        try:
            await interaction.response.defer(**how)
        finally:
            self._count(-1)
        if self.crowded:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._calm.wait(), self._patience)

    def _count(self, change: int) -> None:
        self._waiting += change
        if self.crowded:
            self._calm.clear()
        else:
            self._calm.set()
