"""What Discord refuses when commands are registered, and how it keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import LocalDiscord
from bot.playground.payloads import Json
from tests.wire.conftest import RawBot, paths


def command(name: str = "name", **more: Any) -> Json:
    return {"name": name, "description": "d", "type": 1, **more}


def option(name: str = "option", **more: Any) -> Json:
    return {"name": name, "description": "d", "type": 3, **more}


REFUSED_COMMANDS: dict[str, tuple[list[Json], str]] = {
    "upper case": ([command("Name")], "0.name"),
    "empty description": ([command(description="")], "0.description"),
    "required after optional": ([command(options=[option("a"), option("b", required=True)])], "0.options"),
    "the same name twice": ([command(), command()], ""),
    "choices and autocomplete": (
        [command(options=[option(choices=[{"name": "a", "value": "a"}], autocomplete=True)])],
        "0.options.0.autocomplete",
    ),
    "space in a name": ([command("a b")], "0.name"),
    "emoji in a name": ([command("😀")], "0.name"),
    "33 characters": ([command("x" * 33)], "0.name"),
    "upper case in German": ([command(name_localizations={"de": "Größe"})], "0.name_localizations.de"),
    "101 characters in a choice in French": (
        [command(options=[option(choices=[{"name": "a", "value": "a", "name_localizations": {"fr": "a" * 101}}])])],
        "0.options.0.choices",
    ),
    "too long in total in German": (
        [
            command(
                options=[
                    option(
                        f"x{n}",
                        choices=[
                            {"name": str(m), "value": "v", "name_localizations": {"de": str(m) * 90}} for m in range(10)
                        ],
                    )
                    for n in range(10)
                ]
            )
        ],
        "0",
    ),
    "101 commands": ([command(f"x{n}") for n in range(101)], ""),
    "26 options": ([command(options=[option(f"x{n}") for n in range(26)])], "0.options"),
    "the same option twice": ([command(options=[option(), option()])], "0.options"),
    "26 choices": (
        [command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
        "0.options.0.choices",
    ),
    "least above most": ([command(options=[option(min_length=3, max_length=2)])], "0.options.0.max_length"),
    "mixed with a subcommand": ([command(options=[option("a", type=1), option("b")])], "0.options"),
    "a wrong option of a subcommand": (
        [command(options=[option("a", type=1, options=[option("B")])])],
        "0.options.0.options.0.name",
    ),
    "a menu with a description": ([command(type=3)], "0.description"),
    "too long in total": (
        [
            command(
                options=[
                    option(f"x{n}", choices=[{"name": f"{m}" * 50, "value": f"{m}" * 50} for m in range(10)])
                    for n in range(10)
                ]
            )
        ],
        "0",
    ),
}


@pytest.mark.parametrize("name", REFUSED_COMMANDS)
async def test_refused_commands(name: str, local_discord: LocalDiscord, raw: RawBot) -> None:
    commands, where = REFUSED_COMMANDS[name]
    route = f"/applications/{local_discord.world.bot['id']}/commands"
    status, answer = await raw.call("PUT", route, commands)
    assert (status, answer["code"]) == (400, 50035)
    assert any(path.startswith(where) for path in paths(answer["errors"]))
    assert not local_discord.world.commands


async def test_commands_as_discord_keeps_them(local_discord: LocalDiscord, raw: RawBot) -> None:
    route = f"/applications/{local_discord.world.bot['id']}/commands"
    given = command(
        "größe",
        options=[option(type=4, min_value=0, required=False, choices=[])],
        contexts=None,
        nsfw=False,
        name_localizations={"fr": "taille"},
        default_member_permissions=8,
    )
    await raw.call("PUT", route, [given])
    _, (plain,) = await raw.call("GET", route)
    _, (full,) = await raw.call("GET", f"{route}?with_localizations=true")
    assert plain["options"] == [{"name": "option", "description": "d", "type": 4, "min_value": 0}]
    assert (plain["contexts"], plain["default_member_permissions"]) == ([0, 1, 2], "8")
    assert "name_localizations" not in plain
    assert full["name_localizations"] == {"fr": "taille"}
    _, (again,) = await raw.call("PUT", route, [given])
    assert again == full
    _, (changed,) = await raw.call("PUT", route, [{**given, "description": "other"}])
    assert (changed["id"], changed["version"] > full["version"]) == (full["id"], True)


@pytest.mark.parametrize("path", ["/applications/1/commands", "/applications/{bot}/guilds/1/commands"])
async def test_commands_of_others(path: str, local_discord: LocalDiscord, raw: RawBot) -> None:
    status, _ = await raw.call("PUT", path.format(bot=local_discord.world.bot["id"]), [])
    assert status == 403
