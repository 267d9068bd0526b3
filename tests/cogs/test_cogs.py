"""Every cog: what it registers is complete, within Discord's limits, and usable everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.client.bot import COGS
from bot.playground.payloads import Json
from core.quiz import LONGEST
from core.reading.validation import MAX_CHARACTERS, MAX_CHARACTERS_IN_WINDOWS

from .inprocess import Discord

ROOT = Path(__file__).parents[2]
SLASH, SUBCOMMAND, GROUP = 1, 1, 2
MANAGE_GUILD = 1 << 5


@pytest.fixture
def registered(discord: Discord) -> list[Json]:
    """The commands as the bot sends them to Discord."""
    (put,) = (request for request in discord.requests if request.method == "PUT")
    assert isinstance(put.body, list)
    return put.body


def options(command: Json) -> Iterator[Json]:
    """Every option, those of subcommands included."""
    for option in command.get("options", []):
        if option["type"] in (SUBCOMMAND, GROUP):
            yield from options(option)
        else:
            yield option


def test_every_cog_is_loaded() -> None:
    there = {f"cogs.{path.stem}" for path in (ROOT / "cogs").glob("*.py") if not path.stem.startswith("_")}
    assert set(COGS) == there and len(COGS) == len(set(COGS))


def test_the_four_commands_are_there(registered: list[Json]) -> None:
    names = [command["name"] for command in registered]
    assert {"sentiment", "unmask", "tokens", "attention"} <= set(names)
    assert len(names) == len(set(names))


def test_everything_is_described(registered: list[Json]) -> None:
    for command in registered:
        assert re.fullmatch(r"[a-z]{1,32}", command["name"]) or command["type"] != SLASH
        if command["type"] == SLASH:
            assert 10 <= len(command["description"]) <= 100 and not command["description"].endswith("…"), command[
                "name"
            ]
        for option in options(command):
            assert re.fullmatch(r"[a-z_]{1,32}", option["name"])
            assert 5 <= len(option["description"]) <= 100, (command["name"], option["name"])
            assert option["description"] != "…"


def test_commands_work_in_servers_conversations_and_wherever_a_user_brings_them(registered: list[Json]) -> None:
    for command in [command for command in registered if command["name"] != "settings"]:
        assert sorted(command["contexts"]) == [0, 1, 2]
        assert sorted(command["integration_types"]) == [0, 1]
        assert not command.get("default_member_permissions") and not command.get("nsfw")


def test_settings_are_for_those_who_manage_a_server_that_the_bot_is_in(registered: list[Json]) -> None:
    (command,) = [command for command in registered if command["name"] == "settings"]
    assert (command["contexts"], command["integration_types"]) == ([0], [0])
    assert int(command["default_member_permissions"]) == MANAGE_GUILD


def test_texts_are_bounded_where_they_are_typed(registered: list[Json]) -> None:
    for command in registered:
        for option in options(command):
            if option["name"] == "text":
                most = {"sentiment": MAX_CHARACTERS_IN_WINDOWS, "quiz": LONGEST}.get(command["name"], MAX_CHARACTERS)
                required = command["name"] != "quiz"  # which draws a sentence
                assert (option["min_length"], option["max_length"], option["required"]) == (1, most, required)
            elif option["type"] == 3 and not option.get("choices") and not option.get("autocomplete"):
                assert option.get("max_length", 6001) <= MAX_CHARACTERS, (command["name"], option["name"])
            elif option["type"] == 4:
                assert "min_value" in option and "max_value" in option


def test_what_is_required_comes_first(registered: list[Json]) -> None:
    for command in registered:
        required = [bool(option.get("required")) for option in options(command)]
        assert required == sorted(required, reverse=True)


def test_the_bot_asks_for_nothing_privileged(discord: Discord) -> None:
    intents = discord.bot.intents
    assert intents.guilds
    assert not (intents.message_content or intents.members or intents.presences)
    assert discord.bot.allowed_mentions is not None
    assert discord.bot.allowed_mentions.to_dict() == {"parse": []}
