"""Requests and answers of a whole tour, held against Discord's own API description; and that this finds mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest

from bot.playground import LocalDiscord
from bot.playground.api.rest import Recorded
from bot.playground.payloads import Json
from tests.wire.conftest import logged_in
from tests.wire.protocol.sample_bot import SampleBot

from . import openapi

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
COMMANDS = "/applications/{application_id}/commands"


async def tour(local: LocalDiscord, bot: SampleBot) -> None:
    """Use everything that the sample bot can do."""
    await bot.tree.fetch_commands()
    direct = await local.command("direct")
    await local.until(lambda: direct.answers == 3)
    drawn = await local.command("draw", {"text": "x"})
    await local.until(lambda: drawn.answers == 3)
    assert direct.message
    for custom_id, values in (("think", None), ("layer", ["1"]), ("again", None), ("draw", None)):
        await local.press(direct.message, custom_id, values)
    await local.command("card", {"private": True})
    await local.command("card", where="dm")
    await local.command("gone", where="elsewhere")
    await local.submit(await local.command("form"), {"words": "hello", "tone": "dry"})
    await local.autocomplete("options", {"layer": "1"}, "layer")
    await local.command("Repeat", target=local.say("hi"))
    await local.command("Greet", target=local.world.users[1])
    channel = bot.get_partial_messageable(int(local.world.server.channel["id"]))
    await channel.send("unasked")


async def test_a_tour(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    await tour(local_discord, sample_bot)
    assert openapi.problems(local_discord.requests) == []
    assert openapi.answer_problems(local_discord.requests) == []
    routes = {(request.method, request.route) for request in local_discord.requests}
    assert len(routes) >= 10
    assert all(request.status < 300 for request in local_discord.requests)


async def test_what_the_gateway_says(local_discord: LocalDiscord) -> None:
    async with logged_in(SampleBot(intents=discord.Intents(guilds=True, messages=True)), local_discord) as bot:
        await tour(local_discord, bot)
        (session,) = local_discord.gateway.sessions.values()
        found = {payload["t"]: list[str]() for payload in session.sent}
        for payload in session.sent:
            for schema, instance in told(payload["t"], payload["d"]):
                found[payload["t"]] += openapi.object_problems(schema, instance)
    assert found.keys() >= {"READY", "GUILD_CREATE", "INTERACTION_CREATE", "MESSAGE_CREATE", "MESSAGE_UPDATE"}
    assert not any(found.values()), found


def told(event: str, data: Json) -> Iterator[tuple[str, Any]]:
    """The objects within an event that the description knows, with the names of their schemas."""
    if event == "READY":
        yield "UserResponse", data["user"]
    elif event == "GUILD_CREATE":
        yield "GuildResponse", data
        yield from (("GuildMemberResponse", member) for member in data["members"])
        yield from (("GuildChannelResponse", channel) for channel in data["channels"])
    elif event == "INTERACTION_CREATE":
        yield ("GuildMemberResponse", data["member"]) if "member" in data else ("UserResponse", data["user"])
        yield ("GuildChannelResponse" if "guild_id" in data else "PrivateChannelResponse"), data["channel"]
        yield from (("MessageResponse", data[key]) for key in ("message",) if key in data)
        resolved = data["data"].get("resolved", {})
        yield from (("MessageResponse", message) for message in resolved.get("messages", {}).values())
        yield from (("UserResponse", user) for user in resolved.get("users", {}).values())
    elif event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
        yield "MessageResponse", data


def reply(**data: Any) -> Json:
    return {"type": 4, "data": data}


def row(*parts: Json) -> list[Json]:
    return [{"type": 1, "components": list(parts)}]


def button(custom_id: str) -> Json:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


def command(**more: Any) -> list[Json]:
    return [{"name": "x", "description": "d", "type": 1, **more}]


MANY = [{"label": str(n), "value": str(n)} for n in range(26)]
CHOICES = [{"name": str(n), "value": str(n)} for n in range(26)]
MISTAKES: dict[str, tuple[str, Any]] = {
    "2001 characters": (CALLBACK, reply(content="x" * 2001)),
    "a misspelt key": (CALLBACK, reply(contnet="x")),
    "six buttons in a row": (CALLBACK, reply(components=row(*(button(str(n)) for n in range(6))))),
    "a custom_id of 101 characters": (CALLBACK, reply(components=row(button("x" * 101)))),
    "26 options of a select": (CALLBACK, reply(components=row({"type": 3, "custom_id": "s", "options": MANY}))),
    "callback type 99": (CALLBACK, {"type": 99}),
    "26 suggestions": (CALLBACK, {"type": 8, "data": {"choices": CHOICES}}),
    "a suggestion of 101 characters": (CALLBACK, {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "x"}]}}),
    "a name of 33 characters": (COMMANDS, command(name="x" * 33)),
    "26 options": (COMMANDS, command(options=[{"type": 3, "name": str(n), "description": "d"} for n in range(26)])),
    "26 choices": (COMMANDS, command(options=[{"type": 3, "name": "o", "description": "d", "choices": CHOICES}])),
    "an unknown route": ("/nowhere", {}),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_found(name: str) -> None:
    route, body = MISTAKES[name]
    method = "PUT" if route == COMMANDS else "POST"
    assert len(openapi.problems([Recorded(method, route, body, (), 200, None)])) == 1


@pytest.mark.parametrize(("status", "answer"), [(200, {"interaction": {"id": "1"}}), (404, {"message": "no code"})])
def test_wrong_answers_are_found(status: int, answer: Json) -> None:
    assert openapi.answer_problems([Recorded("POST", CALLBACK, None, (), status, answer)])
