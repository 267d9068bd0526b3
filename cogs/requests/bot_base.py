"""What cogs need to know of the bot that loaded them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import discord
from discord.ext import commands

from cogs.languages import LANGUAGES, Languages
from cogs.requests.acknowledgement import Acknowledgements
from cogs.requests.rate_limit import RateLimiter
from cogs.requests.server_settings import ServerSettings, ServerStore
from cogs.requests.turns import Turns
from cogs.rounds.rounds import Rounds
from core import Core
from core.errors import Closed
from core.language import Language
from core.models.registry import ModelRegistry
from core.render.kit.drawing.palette import Theme
from core.serving.tenants import Member

logger = logging.getLogger(__name__)

LAST_WORDS = 3.0
"""Seconds to tell those whose requests were cut off at the end."""

COUNTED = "counted"
"""Where an interaction keeps whether it was counted against its person."""


class BotBase(commands.AutoShardedBot):
    """A bot with a core, one place that reports errors, and a count of the requests at work.

    It is always the sharded kind, with one shard unless the host chooses otherwise, so that there is one way only.

    Attributes:
        core: What answers.
        actions: What the controls of cards do, by the first word of their custom_id.
        rate_limiter: How many requests of one person are at work.
        servers: What servers chose; nothing where the host keeps nothing of that kind.
        acknowledgements: How many interactions are being acknowledged; every deferral goes through it.
        turns: In which order cards are changed.
        rounds: The rounds of the quiz that are under way.
        languages: What people read.
    """

    def __init__(
        self,
        core: Core,
        actions: Mapping[str, Callable[[Any, Any], Awaitable[None]]],
        rate_limiter: RateLimiter,
        servers: ServerStore | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.servers = servers
        self.core, self.actions, self.rate_limiter = core, actions, rate_limiter
        self.acknowledgements, self.turns, self.languages = Acknowledgements(), Turns(), Languages.load()
        self.rounds = Rounds()
        self._at_work: dict[asyncio.Task[Any], discord.Interaction[Any]] = {}
        self._draining = False

    async def report(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """Turn an error into the one answer of an interaction."""
        raise NotImplementedError

    def admit(self, interaction: discord.Interaction[Any]) -> None:
        """Refuse, with a `CoreError`, whom the host does not want here."""
        raise NotImplementedError

    def chosen(self, interaction: discord.Interaction[Any]) -> ServerSettings:
        """What counts in the server where somebody acts, after what they say themselves; nothing in a conversation."""
        return self.servers.of(interaction.guild_id) if self.servers else ServerSettings()

    def models(self, interaction: discord.Interaction[Any]) -> ModelRegistry:
        """The models, with the one that the server chose as the default of every command that it fits."""
        return self.core.models.preferring(self.chosen(interaction).model)

    def language(self, interaction: discord.Interaction[Any], *, public: bool = False) -> Language:
        """The language of the person who acts; of what everybody in a server sees, the one that the server chose."""
        chosen = self.chosen(interaction).language if public else ""
        return self.languages.of(chosen if chosen in LANGUAGES else interaction.locale)

    def theme(self, interaction: discord.Interaction[Any]) -> Theme:
        """The theme of pictures for a person who names none: the server's, or else their own."""
        return self.chosen(interaction).theme or self.own_theme(interaction)

    def own_theme(self, interaction: discord.Interaction[Any], unknown: Theme = "dark") -> Theme:
        """The theme in which a person reads. Discord does not tell it; dark is its own default."""
        return unknown

    def private(self, interaction: discord.Interaction[Any], said: bool | None) -> bool:
        """Whether only the person who asks shall see the answer: as they say, or else as the server does."""
        return self.chosen(interaction).private if said is None else said

    def limit_rate(self, interaction: discord.Interaction[Any]) -> None:
        """Count a request that needs a device, or that everybody will see, against its person: once.

        Raises:
            RateLimited: That person has to wait.
        """
        task = asyncio.current_task()
        assert task
        if not interaction.extras.get(COUNTED):
            self.rate_limiter.acquire(interaction.user.id, task)
        interaction.extras[COUNTED] = True

    def track(self, interaction: discord.Interaction[Any]) -> None:
        """Count the current task, which answers an interaction, among the requests at work until it ends.

        Raises:
            Closed: The bot is shutting down.
        """
        if self._draining:
            raise Closed
        task = asyncio.current_task()
        assert task
        self._at_work[task] = interaction
        task.add_done_callback(lambda task: self._at_work.pop(task, None))

    async def drain(self, seconds: float) -> None:
        """Refuse new requests from now on, and give those at work some time to be answered, else a sentence."""
        self._draining = True
        logger.info("Stopping: %d requests are still answered, new ones are refused.", len(self._at_work))
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=seconds)
        late = dict(self._at_work)
        for task in late:
            task.cancel()
        if late:  # "thinking…" would stay for ever
            reports = [asyncio.create_task(self.report(interaction, Closed())) for interaction in late.values()]
            await asyncio.wait(reports, timeout=LAST_WORDS)


Interaction: TypeAlias = discord.Interaction[BotBase]


def tenant(interaction: discord.Interaction[Any]) -> Member:
    """Whom an interaction is for: a person in a server, whose people share what it gets, or by themselves."""
    return Member(interaction.guild_id or interaction.user.id, interaction.user.id)
