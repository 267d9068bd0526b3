"""What Discord refuses in a body, though each field by itself is fine; nothing refused uses up the interaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from bot.playground import Exchange, LocalDiscord
from bot.playground.payloads import Json
from tests.wire.conftest import RawBot, paths
from tests.wire.protocol.sample_bot import SampleBot

from . import openapi

V2 = 1 << 15


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def button(custom_id: str | None = "a", **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "x", **({"custom_id": custom_id} if custom_id else {}), **more}


def options(*values: str, **more: Any) -> list[Json]:
    return [{"label": value, "value": value, **more} for value in values]


def select(*values: str, **more: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": options(*(values or ("1", "2"))), **more}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def container(*parts: Json) -> Json:
    return {"type": 17, "components": list(parts)}


def gallery(*urls: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def reply(*components: Json, **data: Any) -> Json:
    return {"type": 4, "data": {**({"components": list(components)} if components else {}), **data}}


def card(*components: Json, **data: Any) -> Json:
    return reply(*components, flags=V2, **data)


REFUSED: dict[str, tuple[Json, str]] = {
    # What Discord's API description does not express; the rest of it, about commands, is in test_command_rules.
    "select beside button": (reply(row(button(), select())), "data.components.0.components"),
    "six rows": (reply(*(row(button(str(n))) for n in range(6))), "data.components"),
    "the same custom_id": (reply(row(button("a"), button("a"))), "data.components"),
    "button without custom_id": (reply(row(button(None))), "data.components.0.components.0.custom_id"),
    "the same option twice": (reply(row(select("1", "1"))), "data.components.0.components.0.options"),
    "embeds too long": (reply(embeds=[{"description": "x" * 3001}] * 2), "data.embeds"),
    "unknown attachment in a card": (card(gallery("attachment://no.png")), "data.components.0.items.0.media"),
    "unknown attachment in an embed": (
        reply(embeds=[{"image": {"url": "attachment://no.png"}}]),
        "data.embeds.0.image.url",
    ),
    "reply without data": ({"type": 4}, "data"),
    "card with content": (card(text(), content="x"), "data.flags"),
    "deferral with content": ({"type": 5, "data": {"content": "x"}}, "data"),
    "text display without the flag": (reply(text()), "data.components.0.type"),
    "button outside a row": (card(button()), "data.components.0.type"),
    "container in a container": (card(container(container(text()))), "data.components.0.components"),
    "41 components": (card(*(text(str(n)) for n in range(41))), "data.components"),
    "4001 characters": (card(text("x" * 2001), text("x" * 2000)), "data.components"),
    "empty row": (reply(row()), "data.components.0.components"),
    "six buttons": (reply(row(*(button(str(n)) for n in range(6)))), "data.components.0.components"),
    "link with custom_id": (reply(row(button(style=5, url="https://x.org"))), "data.components.0.components.0.url"),
    "link to nowhere": (reply(row(button(None, style=5, url="x"))), "data.components.0.components.0.url"),
    "button without a face": (reply(row(button(label=""))), "data.components.0.components.0.label"),
    "long label": (reply(row(button(label="x" * 81))), "data.components.0.components.0.label"),
    "more asked than offered": (reply(row(select(max_values=3))), "data.components.0.components.0.max_values"),
    "two defaults for one": (
        reply(row({**select(), "options": options("1", "2", default=True)})),
        "data.components.0.components.0.options",
    ),
    "26 options": (reply(row(select(*map(str, range(26))))), "data.components.0.components.0.options"),
    "section without accessory": (card({"type": 9, "components": [text()]}), "data.components.0.accessory"),
    "no pictures": (card(gallery()), "data.components.0.items"),
    "eleven pictures": (card(gallery(*["https://x.org/1.png"] * 11)), "data.components.0.items"),
    "empty text": (card(text("")), "data.components.0.content"),
    "the same number twice": (card({**text(), "id": 3}, {**text("y"), "id": 3}), "data.components"),
    "not a component": (card({"content": "x"}), "data.components.0"),
    "components that are no list": (reply(content="x", components=3), "data.components"),
    "2001 characters": (reply(content="x" * 2001), "data.content"),
    "attachment that was not sent": (reply(content="x", attachments=[{"id": 0}]), "data.attachments.0.id"),
    "update of a message that is not there": ({"type": 7, "data": {"content": "x"}}, "type"),
    "suggestions for a command": ({"type": 8, "data": {"choices": []}}, "type"),
    "unknown type": ({"type": 99}, "type"),
    "form without fields": ({"type": 9, "data": {"title": "x", "custom_id": "m"}}, "data.components"),
    "form without a title": ({"type": 9, "data": {"custom_id": "m", "components": [text()]}}, "data.title"),
    "form with a button": (
        {"type": 9, "data": {"title": "x", "custom_id": "m", "components": [row(button())]}},
        "data",
    ),
}


@pytest.fixture
async def waiting(local_discord: LocalDiscord, sample_bot: SampleBot) -> AsyncGenerator[Exchange, None]:
    """An interaction that the bot leaves to the test."""
    sample_bot.hold.clear()
    yield local_discord.people.command("slow", {"how": "wait"})
    sample_bot.hold.set()


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name: str, raw: RawBot, waiting: Exchange) -> None:
    body, where = REFUSED[name]
    callback = f"/interactions/{waiting.id}/{waiting.token}/callback"
    status, answer = await raw.call("POST", callback, body)
    assert (status, answer["code"]) == (400, 50035)
    assert any(path.startswith(where) for path in paths(answer["errors"])), answer
    assert not waiting.acknowledged
    assert await raw.call("POST", callback, {"type": 4, "data": {"content": "fine"}}) == (204, None)


@pytest.mark.parametrize("body", [{"type": 4, "data": {}}, card(), {"type": 4, "data": {"content": ""}}])
async def test_an_empty_message(body: Json, raw: RawBot, waiting: Exchange) -> None:
    status, answer = await raw.call("POST", f"/interactions/{waiting.id}/{waiting.token}/callback", body)
    assert (status, answer["code"]) == (400, 50006)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"type": 4, "data": "x"}, {"type": 4, "data": {"embeds": "x"}}])
async def test_a_body_of_another_shape(body: Any, raw: RawBot, waiting: Exchange) -> None:
    status, answer = await raw.call("POST", f"/interactions/{waiting.id}/{waiting.token}/callback", body)
    assert (status, answer["code"]) == (400, 50035)


async def test_what_is_not_refused(raw: RawBot, waiting: Exchange, local_discord: LocalDiscord) -> None:
    everything = container(text(), gallery("https://x.org/1.png"), row(button("a"), button("b")), row(select()))
    body = card(everything, {"type": 9, "components": [text()], "accessory": button("c")}, {"type": 14})
    status, _ = await raw.call("POST", f"/interactions/{waiting.id}/{waiting.token}/callback?with_response=1", body)
    assert status == 200
    assert not openapi.answer_problems(local_discord.requests)


async def test_a_card_stays_a_card(raw: RawBot, waiting: Exchange, local_discord: LocalDiscord) -> None:
    await raw.call("POST", f"/interactions/{waiting.id}/{waiting.token}/callback", card(text()))
    original = f"/webhooks/{local_discord.world.bot['id']}/{waiting.token}/messages/@original"
    status, answer = await raw.call("PATCH", original, {"content": "plain"})
    assert (status, paths(answer["errors"])) == (400, {"flags"})
    status, message = await raw.call("PATCH", original, {"components": [text("y")], "flags": 64})
    assert (status, message["flags"]) == (200, V2)


async def test_ephemerality_is_fixed_when_deferring(
    raw: RawBot, waiting: Exchange, local_discord: LocalDiscord
) -> None:
    callback = f"/interactions/{waiting.id}/{waiting.token}/callback"
    await raw.call("POST", callback, {"type": 5, "data": {"flags": 64}})
    webhook = f"/webhooks/{local_discord.world.bot['id']}/{waiting.token}"
    status, message = await raw.call("POST", f"{webhook}?wait=true", {"content": "answer", "flags": 0})
    assert (status, message["flags"], message["id"]) == (200, 64, waiting.original)


async def test_unknown_routes_are_not_found(local_discord: LocalDiscord, raw: RawBot) -> None:
    assert await raw.call("GET", "/guilds/1") == (404, {"message": "404: Not Found", "code": 0})
    assert local_discord.requests[-1].route == "/guilds/1"
