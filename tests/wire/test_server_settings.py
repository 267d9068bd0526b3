"""/settings over the wire: who sees it, what is left after a restart, and after the bot has left a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.playground import LocalDiscord
from bot.playground.world import Refused
from bot.server_file import ServerFile
from cogs.requests.server_settings import ServerSettings, ServerStore
from tests.bot import process

from .hosting import ROLES, hosted, texts

MANAGE_GUILD = 1 << 5
GONE = 81384788765712384
TEXT = {"text": "the cat sat"}


async def test_only_who_manages_a_server_that_the_bot_is_in_sees_it(local_discord: LocalDiscord, models: Path) -> None:
    local_discord.world.denied[local_discord.world.person("bob")["id"]] = MANAGE_GUILD
    async with hosted(local_discord, models, ServerStore()):
        said = await local_discord.command("settings", {"theme": "light"})
        assert said.private and said.message and "Light" in said.message["content"]
        for person, where in (("bob", "server"), ("alice", "dm"), ("alice", "elsewhere")):
            with pytest.raises(Refused, match="There is no command /settings here"):
                await local_discord.command("settings", user=person, where=where)  # type: ignore[arg-type]
        assert (await local_discord.command("tokens", TEXT, user="bob")).message


async def test_it_counts_in_its_server_after_a_restart_too(
    local_discord: LocalDiscord, models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "settings.sqlite3"
    async with hosted(local_discord, models, await ServerFile.open(path)):
        chosen = {"language": "de", "model": "bundled/gpt2"}
        assert "`/tokens`" in str((await local_discord.command("settings", chosen)).message)
    async with hosted(local_discord, models, await ServerFile.open(path)):
        for where, name, word in (("server", "bundled/gpt2", "Als Text"), ("elsewhere", "bert-masked-lm", "As text")):
            card = (await local_discord.command("tokens", TEXT, where=where)).message  # type: ignore[arg-type]
            assert card and name in texts(card) and word in str(card)
    async with hosted(local_discord, models):  # the host has switched it off
        assert "settings" not in [one["name"] for one in local_discord.world.commands[None]]
        card = (await local_discord.command("tokens", TEXT)).message
        assert card and "As text" in str(card)


async def test_nothing_is_kept_of_a_server_that_the_bot_has_left(local_discord: LocalDiscord, models: Path) -> None:
    """Be it while it is away or while it looks on; an outage of Discord's is no farewell."""
    here = int(local_discord.world.guild["id"])
    servers = ServerStore({here: ServerSettings(theme="light"), GONE: ServerSettings(theme="light")})
    async with hosted(local_discord, models, servers):
        await local_discord.command("info")  # by now it has heard where it is
        assert servers.servers() == [here]
        (session,) = local_discord.gateway.sessions.values()
        for told, left in (({"unavailable": True}, [here]), ({}, [])):
            session.dispatch("GUILD_DELETE", {"id": str(here), **told})
            await local_discord.command("info")
            assert servers.servers() == left


async def test_a_host_names_the_file(tmp_path: Path, local_discord: LocalDiscord, models: Path) -> None:
    folders = {role.upper(): str(models / name) for role, name in ROLES.items()}
    given = {"DISCORD_TOKEN": local_discord.token, "SERVER_SETTINGS": "settings.sqlite3", **folders}
    for start in ("first", "second"):
        async with process.started(tmp_path, "run", local=local_discord, launch=process.IMAGINED, **given) as running:
            await process.online(running, local_discord)
            if start == "first":
                assert (await local_discord.command("settings", {"private": "True"})).message
            assert (await local_discord.command("tokens", TEXT)).private
            running.terminate()
            assert (await process.ended(running)).code == 0
        await local_discord.until(lambda: not local_discord.gateway.online)
