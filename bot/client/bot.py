"""The bot: loads the cogs, registers the commands, reports errors, drains at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.webhook.async_ import async_context

from bot.client import errors
from bot.client.admission import Admission
from bot.client.answers import Answers
from bot.client.shards import QUEUED, Starts
from bot.client.sync import sync
from bot.settings import Settings
from cogs.actions.registry import ACTIONS
from cogs.cards.controls.items import TEMPLATE, Control, perform, written
from cogs.languages import Translator
from cogs.requests.bot_base import BotBase
from cogs.requests.rate_limit import RateLimiter
from cogs.requests.server_settings import NotKept, ServerStore
from core import Core
from core.errors import is_failure

logger = logging.getLogger(__name__)

COGS = (
    "cogs.sentiment",
    "cogs.unmask",
    "cogs.write",
    "cogs.tokens",
    "cogs.attention",
    "cogs.lab",
    "cogs.learn",
    "cogs.quiz",
    "cogs.messages",
    "cogs.models",
    "cogs.settings",
    "cogs.help",
    "cogs.info",
)

CONNECTIONS = 100
"""To Discord's REST API at once: each costs a handshake, and many computers allow a process about a thousand files."""


class Tree(app_commands.CommandTree["Bot"]):
    """Commands whose failures are all reported in one place."""

    async def interaction_check(self, interaction: discord.Interaction[Bot], /) -> bool:
        """Whether a command may run. What is raised here discord.py would drop, with no answer at all."""
        try:
            interaction.client.admit(interaction)
        except BaseException as error:
            if not is_failure(error):
                raise
            await interaction.client.report(interaction, error)
            return False
        return True

    async def on_error(self, interaction: discord.Interaction[Bot], error: app_commands.AppCommandError, /) -> None:
        """Report a failed command."""
        await interaction.client.report(interaction, error)


class Bot(BotBase):
    """A bot that needs no privileged intent and answers only through interactions.

    Args:
        core: What answers.
        settings: What the host chose.
        servers: What servers chose, if that is to be kept.
        options: Passed on to discord.py.

    Attributes:
        starts: Whose turn it is to identify.
    """

    def __init__(self, core: Core, settings: Settings, servers: ServerStore | None = None, **options: Any) -> None:
        shards = settings.shards
        super().__init__(
            core,
            ACTIONS,
            RateLimiter(settings.at_once, settings.pause),
            servers,
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS),
            shard_ids=[*range(shards.first, shards.last + 1)] if shards.total else None,
            shard_count=shards.total or None,
            shard_connect_timeout=QUEUED if settings.identify_queue else 180.0,
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            **options,
        )
        self._settings = settings
        self._admission = Admission.of(settings)
        self.starts = Starts(self.concurrency, settings.identify_queue)

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Log in and answer; whatever comes of this sends its answers through `Answers`."""
        async_context.set(Answers())
        await super().start(token, reconnect=reconnect)

    async def setup_hook(self) -> None:
        """Load every cog; a broken one stops the start, for half a bot would unregister the other half."""
        for name in COGS:
            await self.load_extension(name)
        self.add_dynamic_items(Control)
        logging.getLogger(app_commands.tree.__name__).addFilter(errors.log_suggestions)
        await self.tree.set_translator(Translator(self.languages))
        await sync(self.tree, self._settings.dev_guild)

    async def concurrency(self) -> int:
        """How many shards may identify at once."""
        _, _, limits = await self.http.get_bot_gateway()
        logger.info("Discord lets %d shards start for now, of %d a day.", limits["remaining"], limits["total"])
        return limits["max_concurrency"]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Let shards start as fast as Discord allows; discord.py would wait five seconds for each."""
        await self.starts.turn(shard_id or 0)

    async def on_ready(self) -> None:
        """Say that people can start. Discord repeats this event after every full reconnect."""
        logger.info("Ready as %s in %d servers.", self.user, len(self.guilds))
        here = {guild.id for guild in self.guilds}
        for server in self.servers.servers() if self.servers else ():
            if server not in here and (server >> 22) % (self.shard_count or 1) in self.shards:  # not another process's
                await self._forget(server)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Keep nothing of a server that the bot has left."""
        await self._forget(guild.id)

    async def _forget(self, server: int) -> None:
        try:
            if self.servers:
                await self.servers.forget(server)
        except NotKept as error:
            logger.warning("What a server chose that the bot has left is still kept: %s", error)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer forms, and controls that no code belongs to any more: discord.py drops silently what it forgot."""
        said: Mapping[str, Any] = interaction.data or {}
        custom_id = str(said.get("custom_id", ""))
        if interaction.type is discord.InteractionType.modal_submit:
            await perform(interaction, custom_id, tuple(written(said)))
        elif interaction.type is discord.InteractionType.component and not TEMPLATE.fullmatch(custom_id):
            await perform(interaction, custom_id)

    def admit(self, interaction: discord.Interaction[Any]) -> None:
        """Refuse whom the host's lists keep out."""
        self._admission.check(interaction.user.id, interaction.guild_id)

    async def report(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """Turn an error into the one answer of an interaction."""
        await errors.report(interaction, error, self.language(interaction))

    async def close(self) -> None:
        """Answer what is at work, then unload the cogs and close the connection."""
        await self.drain(self._settings.drain_seconds)
        await super().close()


async def serve(bot: Bot, token: str, stop: asyncio.Event) -> None:
    """Run a bot until it ends by itself or `stop` is set.

    Raises:
        discord.LoginFailure: The token was rejected.
        discord.PrivilegedIntentsRequired: Should not happen: none is asked for.
    """
    async with bot:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            await bot.close()
        finally:
            running.cancel()
            stopping.cancel()
            await asyncio.gather(running, stopping, return_exceptions=True)
