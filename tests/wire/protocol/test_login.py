"""The unmodified discord.py logs in, with each compression, and is refused as Discord would refuse it."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import pytest
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.playground import LocalDiscord
from core.errors import CoreError
from tests.wire.conftest import logged_in
from tests.wire.protocol.sample_bot import SampleBot

LOGIN = [("GET", "/users/@me"), ("GET", "/oauth2/applications/@me"), ("PUT", "/applications/{application_id}/commands")]


async def test_the_bot_knows_where_it_is(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    await sample_bot.wait_until_ready()
    (guild,) = sample_bot.guilds
    assert (guild.name, [channel.name for channel in guild.channels]) == ("Local Discord", ["playground"])
    assert [member.name for member in guild.members] == ["attention"]
    assert sample_bot.user == guild.me
    assert [(request.method, request.route) for request in local_discord.requests] == LOGIN


async def test_both_compressions(compression: str, local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    assert compression == discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE  # pyright: ignore
    for text in ("short", "long" * 400):
        exchange = await local_discord.command("draw", {"text": text})
        assert exchange.message and exchange.message["content"] == f"done {text}"


async def test_no_compression(local_discord: LocalDiscord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{local_discord.gateway.url}?v=10") as socket:
        assert (await socket.receive_json())["op"] == 10


async def test_a_second_start_finds_its_commands_unchanged(local_discord: LocalDiscord) -> None:
    async with logged_in(SampleBot(), local_discord):
        first = local_discord.world.commands[None]
    await local_discord.until(lambda: not local_discord.gateway.online)
    async with logged_in(SampleBot(), local_discord) as bot:
        assert local_discord.world.commands[None] == first
        assert {command.name for command in await bot.tree.fetch_commands()} == {command["name"] for command in first}


async def test_a_server_may_have_commands_of_its_own(local_discord: LocalDiscord) -> None:
    bot = SampleBot(synced=False)
    guild = discord.Object(local_discord.world.guild["id"])

    async def setup_hook() -> None:
        bot.tree.copy_global_to(guild=guild)
        await bot.tree.sync(guild=guild)

    bot.setup_hook = setup_hook  # type: ignore[method-assign]
    async with logged_in(bot, local_discord):
        exchange = await local_discord.command("lab weights", {"seed": "7"})
        assert exchange.message and exchange.message["content"] == f"seed 7 in {guild.id}"
        alice = local_discord.world.person(None)
        assert not local_discord.world.available(local_discord.world.place("dm", alice), alice)


async def test_a_malformed_token_is_refused(local_discord: LocalDiscord) -> None:
    with local_discord.in_use():
        async with SampleBot() as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.login("not a token")


async def test_privileged_intents_are_refused(local_discord: LocalDiscord) -> None:
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with logged_in(SampleBot(intents=discord.Intents(guilds=True, members=True)), local_discord):
            pass


async def test_shards_share_what_happens(local_discord: LocalDiscord) -> None:
    bot: commands.AutoShardedBot = commands.AutoShardedBot(
        commands.when_mentioned, intents=discord.Intents(guilds=True), shard_count=2, guild_ready_timeout=0.1
    )

    @bot.tree.command(description="where am I")
    async def where(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(
            f"{interaction.guild} {interaction.guild and interaction.guild.shard_id}"
        )

    async def setup_hook() -> None:
        await bot.tree.sync()

    async def at_once(shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits five seconds between shards; a test does not."""

    bot.setup_hook, bot.before_identify_hook = setup_hook, at_once  # type: ignore[method-assign]
    async with logged_in(bot, local_discord):
        await local_discord.until(lambda: len(local_discord.gateway.sessions) == 2)
        exchange = await local_discord.command("where")
        shard = (int(local_discord.world.guild["id"]) >> 22) % 2
        assert exchange.message and exchange.message["content"] == f"Local Discord {shard}"


async def test_discord_py_points_back_at_discord_afterwards(local_discord: LocalDiscord) -> None:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    with local_discord.in_use():
        assert Route.BASE.startswith(local_discord.url)
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_a_port_in_use_is_said_plainly(local_discord: LocalDiscord) -> None:
    port = int(local_discord.url.rpartition(":")[2])
    with pytest.raises(CoreError, match=f"Port {port} is in use"):
        async with LocalDiscord.open(port):
            pass
