"""Registering commands: nothing is sent where nothing has changed."""

from __future__ import annotations

import copy
import itertools
import logging
from collections.abc import Callable
from typing import Any, Literal

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.http import Route

from bot.client.sync import sync

Json = dict[str, Any]
GUILD = 77


class Registry:
    """Discord's list of commands: it numbers them, fills in defaults and forgets what is empty, as the real one does.

    Attributes:
        puts: The scopes that were overwritten: ``commands``, or ``guilds/ID/commands``.
        error: What every request fails with.
    """

    def __init__(self) -> None:
        self.puts: list[str] = []
        self.error: Exception | None = None
        self._commands: dict[str, list[Json]] = {}
        self._ids = itertools.count(100)

    async def request(self, route: Route, **options: Any) -> Any:
        if self.error:
            raise self.error
        scope = route.url.rpartition("/applications/1/")[2]
        if route.method == "PUT":
            self.puts.append(scope)
            self._commands[scope] = [self._stored(command, scope) for command in options["json"]]
        else:
            assert route.method == "GET" and options["params"] == {"with_localizations": "true"}
        return copy.deepcopy(self._commands.get(scope, []))[::-1]  # in an order of its own

    def _stored(self, command: Json, scope: str) -> Json:
        stored = {**copy.deepcopy(command), "id": str(next(self._ids)), "application_id": "1", "version": "9"}
        for key in ("name_localizations", "description_localizations"):
            stored[key] = command.get(key) or None
        stored["nsfw"] = bool(command.get("nsfw"))
        permissions = command.get("default_member_permissions")
        stored["default_member_permissions"] = None if permissions is None else str(permissions)
        if scope.startswith("guilds"):  # these two are only for commands that are registered everywhere
            stored |= {"contexts": None, "integration_types": [0]}
        if stored["type"] != 1:
            stored["description"] = ""
        for option in stored.get("options", []):
            for key in [key for key, value in option.items() if value in (None, False, [])]:
                del option[key]
        if not stored.get("options"):
            stored.pop("options", None)
        return stored


def tree(registry: Registry, change: Callable[[Any], None] = lambda tree: None) -> app_commands.CommandTree[Any]:
    client = discord.Client(intents=discord.Intents(guilds=True))
    client._connection.application_id = 1
    client.http.request = registry.request  # type: ignore[method-assign]
    commands = app_commands.CommandTree(
        client,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )

    @commands.command()
    @app_commands.describe(text="What to draw", size="How large", style="Which style", loud="Whether to shout")
    async def draw(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 1, 100],
        size: app_commands.Range[int, 1, 9] | None = None,
        style: Literal["thin", "thick"] = "thin",
        loud: bool = False,
    ) -> None:
        """Draw something."""

    @commands.command()
    async def about(interaction: discord.Interaction) -> None:
        """Tell about this."""

    @commands.context_menu(name="Draw this")
    async def draw_this(interaction: discord.Interaction, message: discord.Message) -> None:
        pass

    change(commands)
    return commands


async def test_a_name_that_is_no_longer_translated_is_registered_anew() -> None:
    """As for those who started a version that did."""
    registry = Registry()
    await sync(tree(registry))
    ((command, *_),) = (commands for commands in registry._commands.values())
    command["name_localizations"] = {"de": "zeichne"}
    await sync(tree(registry))
    assert registry.puts == ["commands"] * 2 and not registry._commands["commands"][0]["name_localizations"]


async def test_the_first_start_registers_and_the_second_sends_nothing() -> None:
    registry = Registry()
    await sync(tree(registry))
    assert registry.puts == ["commands"]
    await sync(tree(registry))
    await sync(tree(registry))
    assert registry.puts == ["commands"]


def _with_option(**values: Any) -> Callable[[Any], None]:
    def change(commands: Any) -> None:
        parameters = commands.get_command("draw")._params
        for key, value in values.items():
            setattr(parameters[key.partition("__")[0]], key.partition("__")[2], value)

    return change


def _with(**values: Any) -> Callable[[Any], None]:
    def change(commands: Any) -> None:
        for key, value in values.items():
            setattr(commands.get_command("draw"), key, value)

    return change


CHANGES: dict[str, Callable[[Any], None]] = {
    "description": _with(description="Draw something else."),
    "permissions": _with(default_permissions=discord.Permissions(manage_guild=True)),
    "nsfw": _with(nsfw=True),
    "contexts": _with(
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
    ),
    "installs": _with(allowed_installs=app_commands.AppInstallationType(guild=True, user=False)),
    "option description": _with_option(text__description="What else to draw"),
    "option length": _with_option(text__max_value=50),
    "option bounds": _with_option(size__max_value=8),
    "option required": _with_option(size__required=True),
    "option choices": _with_option(style__choices=[app_commands.Choice(name="wide", value="wide")]),
    "removed": lambda commands: commands.remove_command("about"),
    "menu removed": lambda commands: commands.remove_command("Draw this", type=discord.AppCommandType.message),
    "added": lambda commands: commands.command(name="more", description="More of it")(_more),
}


async def _more(interaction: discord.Interaction) -> None:
    pass


@pytest.mark.parametrize("name", CHANGES)
async def test_any_change_is_sent_once(name: str) -> None:
    registry = Registry()
    await sync(tree(registry))
    await sync(tree(registry, CHANGES[name]))
    await sync(tree(registry, CHANGES[name]))
    assert registry.puts == ["commands"] * 2


class German(app_commands.Translator):
    def __init__(self, table: dict[str, str]) -> None:
        self._table = table

    async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Any) -> str | None:
        return self._table.get(string.message) if locale is discord.Locale.german else None


@pytest.mark.parametrize("english", ["draw", "Draw something.", "style", "Which style", "thin", "Draw this"])
async def test_a_change_of_a_translation_is_sent_once(english: str) -> None:
    registry = Registry()
    before = {"size": "größe", "How large": "Wie groß", "thick": "dick"}
    for table, puts in ((before, 1), (before, 1), ({**before, english: "anders"}, 2), (before, 3), (before, 3)):
        commands = tree(registry)
        await commands.set_translator(German(table))
        await sync(commands)
        assert len(registry.puts) == puts


async def test_commands_for_testing_go_to_one_server_and_nowhere_else() -> None:
    registry = Registry()
    await sync(tree(registry))
    await sync(tree(registry), GUILD)
    assert registry.puts == ["commands", f"guilds/{GUILD}/commands", "commands"]
    route = Route("GET", "/applications/1/commands")
    assert (
        await registry.request(route, params={"with_localizations": "true"}) == []
    )  # each would be shown twice in that server
    await sync(tree(registry), GUILD)
    assert len(registry.puts) == 3


def _logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What this module logged: discord.py itself warns of voice, with the first client of a process."""
    return [record for record in caplog.records if record.name == sync.__module__]


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route"),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        RuntimeError("Session is closed"),
        discord.ClientException("discord said no"),
    ],
)
async def test_a_failure_is_a_warning(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry()
    registry.error = error
    with caplog.at_level(logging.INFO):
        await sync(tree(registry))
    (record,) = _logged(caplog)
    assert record.levelname == "WARNING" and "registered before still work" in record.message
    assert type(error).__name__ in record.message


async def test_the_log_tells_what_happened(caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry()
    with caplog.at_level(logging.INFO):
        await sync(tree(registry))
        await sync(tree(registry))
    assert [record.message for record in _logged(caplog)] == ["3 commands registered.", "3 commands are up to date."]
