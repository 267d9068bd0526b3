"""What cogs need to know of the bot that loaded them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import discord
from discord.ext import commands

from core import Core
from core.errors import Closed


class Host(commands.Bot):
    """A bot with a core, one place that reports errors, and a count of the requests at work.

    Attributes:
        core: What answers.
        actions: What the controls of cards do, by the first word of their custom_id.
    """

    def __init__(
        self, core: Core, actions: Mapping[str, Callable[[Any, Any], Awaitable[None]]], **options: Any
    ) -> None:
        super().__init__(**options)
        self.core, self.actions = core, actions
        self._at_work: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def report(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """Turn an error into the one answer of an interaction."""
        raise NotImplementedError

    def begin(self) -> None:
        """Count the current task among the requests at work, until it ends.

        Raises:
            Closed: The bot is shutting down.
        """
        if self._draining:
            raise Closed
        task = asyncio.current_task()
        assert task
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def drain(self, seconds: float) -> None:
        """Refuse new requests from now on, and give those at work some time to be answered."""
        self._draining = True
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=seconds)


Interaction: TypeAlias = discord.Interaction[Host]
