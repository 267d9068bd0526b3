"""What the page is told and may do, over its own socket; and who else may not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.playground import LocalDiscord
from bot.playground.exchange import NO_RESPONSE
from tests.wire.conftest import PATIENT
from tests.wire.protocol.sample_bot import SampleBot

Frame = dict[str, Any]


class Page:
    """An open page without a browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def until(self, kind: str, **expected: Any) -> Frame:
        """The next frame of this kind with these values; others are passed over."""
        while True:
            frame = await self.socket.receive_json(timeout=30)
            if frame["t"] == kind and expected.items() <= frame.items():
                return frame

    async def message(self, event: str, content: str) -> Frame:
        """The next message with this content that was created or updated."""
        while (frame := await self.until(f"message_{event}"))["message"]["content"] != content:
            pass
        return frame["message"]

    async def ask(self, kind: str, **frame: Any) -> None:
        await self.socket.send_json({"t": kind, "nonce": 7, **frame})


@asynccontextmanager
async def opened(local: LocalDiscord) -> AsyncGenerator[Page, None]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{local.url}/page/socket", headers={"Origin": local.url}) as socket,
    ):
        yield Page(socket)


@pytest.fixture
async def page(local_discord: LocalDiscord, sample_bot: SampleBot) -> AsyncGenerator[Page, None]:
    async with opened(local_discord) as page:
        yield page


async def test_hello_says_what_there_is(local_discord: LocalDiscord, page: Page) -> None:
    hello = await page.until("hello")
    assert (hello["user"]["username"], [user["username"] for user in hello["users"]]) == ("alice", ["alice", "bob"])
    assert (hello["guild"]["name"], hello["channel"]["name"]) == ("Local Discord", "playground")
    assert hello["bot"]["online"]
    assert hello["messages"] == []
    options = next(command for command in hello["commands"] if command["name"] == "options")["options"]
    assert options[0] == {
        "name": "text",
        "description": "3 to 8 characters",
        "type": 3,
        "required": True,
        "min_length": 3,
        "max_length": 8,
    }


async def test_a_command_from_thinking_to_the_answer(local_discord: LocalDiscord, page: Page) -> None:
    await page.ask("command", name="card", options={})
    assert await page.until("interaction") == {"t": "interaction", "nonce": 7, "state": "sent"}
    created = (await page.until("message_create"))["message"]
    assert created["flags"] & 128
    updated = (await page.until("message_update"))["message"]
    assert (updated["id"], updated["flags"]) == (created["id"], 1 << 15)
    picture = updated["components"][0]["components"][1]["items"][0]["media"]["url"]
    async with aiohttp.ClientSession() as session, session.get(picture) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.read() == await local_discord.attachment(picture)


async def test_buttons_selects_and_menus(page: Page) -> None:
    await page.ask("command", name="direct", options={})
    message_id = (await page.message("create", "hello"))["id"]
    await page.ask("component", message_id=message_id, custom_id="again", component_type=2)
    assert (await page.message("update", "edited by the button"))["id"] == message_id
    await page.ask("component", message_id=message_id, custom_id="layer", component_type=3, values=["1"])
    assert (await page.message("create", "layer 1"))["flags"] == 64
    await page.ask("command", name="Repeat", options={}, target_id=message_id)
    await page.message("create", "attention said: edited by the button")


async def test_suggestions_and_forms(page: Page) -> None:
    await page.ask("autocomplete", name="options", options={"layer": "2"}, focused="layer")
    assert (await page.until("choices"))["choices"] == [{"name": "layer 2", "value": "2"}]
    await page.ask("command", name="form", options={})
    modal = await page.until("modal", nonce=7)
    assert modal["modal"]["title"] == "A question"
    assert (await page.until("interaction"))["state"] == "acknowledged"
    fields = {"words": "hello", "tone": ["kind"]}
    custom_id = modal["modal"]["custom_id"]
    await page.ask("modal_submit", interaction_id=modal["interaction_id"], custom_id=custom_id, fields=fields)
    assert (await page.until("message_create"))["message"]["content"] == "hello (kind)"


async def test_private_answers_are_shown_to_nobody_else(local_discord: LocalDiscord, page: Page) -> None:
    await local_discord.command("card", {"private": True}, user="bob")
    await local_discord.command("card", {"private": False}, user="bob")
    assert not (await page.until("message_create"))["message"]["flags"] & 64
    await page.ask("act_as", user_id=local_discord.world.person("bob")["id"])
    hello = await page.until("hello")
    assert hello["user"]["username"] == "bob"
    assert [bool(message["flags"] & 64) for message in hello["messages"]] == [True, False]


async def test_what_is_deleted_goes(page: Page) -> None:
    await page.ask("command", name="gone", options={"explain": False})
    created = (await page.until("message_create"))["message"]
    assert await page.until("message_delete") == {"t": "message_delete", "id": created["id"]}


async def test_people_can_write(page: Page) -> None:
    await page.ask("say", content="hi there")
    message = (await page.until("message_create"))["message"]
    assert (message["content"], message["author"]["username"]) == ("hi there", "alice")


async def test_a_silent_bot(local_discord: LocalDiscord, page: Page, sample_bot: SampleBot) -> None:
    sample_bot.hold.clear()
    await page.ask("command", name="slow", options={"how": "wait"})
    await page.until("interaction", state="sent")
    local_discord.clock.advance(PATIENT.acknowledge + 0.1)
    assert (await page.until("interaction", state="failed"))["reason"] == NO_RESPONSE
    sample_bot.hold.set()


async def test_a_page_that_is_closed_is_forgotten(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    listeners = len(local_discord.world.listeners)
    sample_bot.hold.clear()
    async with opened(local_discord) as page:
        await page.ask("command", name="slow", options={"how": "wait"})
        await page.until("interaction", state="sent")
    await local_discord.until(lambda: len(local_discord.world.listeners) == listeners)
    sample_bot.hold.set()


async def test_the_bot_comes_and_goes(local_discord: LocalDiscord, page: Page, sample_bot: SampleBot) -> None:
    await sample_bot.close()
    await page.until("bot", online=False)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "cannot be understood"),
        ("[]", "cannot be understood"),
        ('{"t": "command"}', "cannot be understood"),
        ('{"t": "dance"}', "type dance"),
        ('{"t": "command", "name": "nothing", "options": {}}', "no command /nothing"),
        ('{"t": "command", "name": "options", "options": {}}', "text: this option is required"),
        ('{"t": "command", "name": "options", "options": {"text": "ab"}}', "between 3 and 8"),
        ('{"t": "command", "name": "options", "options": {"nothing": 1}}', "no option nothing"),
        ('{"t": "component", "message_id": "1", "custom_id": "x"}', "not there"),
        ('{"t": "modal_submit", "interaction_id": "1", "fields": {}}', "not open"),
        ('{"t": "act_as", "user_id": "1"}', "Nobody here"),
    ],
)
async def test_bad_frames_are_answered_with_a_sentence(page: Page, frame: str, reason: str) -> None:
    await page.socket.send_str(frame)
    assert reason in (await page.until("error"))["reason"]


async def test_the_page_itself(local_discord: LocalDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{local_discord.url}/") as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        async with session.get(f"{local_discord.url}/static/../server.py") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/page/socket", "/api/v10/users/@me", "/gateway", "/static/main.js"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": ""},
        {"Host": "["},
        {"Host": "[::1"},
        {"Host": "[evil]:80"},
        {"Host": "127.0.0.1@evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_other_hosts_and_origins_are_refused(
    local_discord: LocalDiscord, path: str, headers: dict[str, str]
) -> None:
    async with aiohttp.ClientSession() as session, session.get(local_discord.url + path, headers=headers) as answer:
        assert answer.status == 403


async def test_the_socket_needs_an_origin(local_discord: LocalDiscord) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(f"{local_discord.url}/page/socket")
