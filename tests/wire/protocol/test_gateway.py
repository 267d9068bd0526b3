"""The gateway's protocol: resuming, sessions that end, and who breaks the rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse

from bot.playground import LocalDiscord
from tests.wire.protocol.sample_bot import SampleBot

GUILDS, GUILD_MESSAGES = 1, 1 << 9


@pytest.fixture
async def socket(local_discord: LocalDiscord) -> AsyncGenerator[ClientWebSocketResponse, None]:
    """A connection that has heard HELLO."""
    async with aiohttp.ClientSession() as session, session.ws_connect(local_discord.gateway.url) as socket:
        assert (await socket.receive_json())["op"] == 10
        yield socket


async def identify(socket: ClientWebSocketResponse, local: LocalDiscord, intents: int = GUILDS) -> dict[str, Any]:
    await socket.send_json({"op": 2, "d": {"token": local.token, "intents": intents}})
    ready = await socket.receive_json()
    assert ready["t"] == "READY"
    if intents & GUILDS:
        assert (await socket.receive_json())["t"] == "GUILD_CREATE"
    return ready["d"]


async def sessions(local: LocalDiscord) -> set[str]:
    await local.until(lambda: local.gateway.online)
    return set(local.gateway.sessions)


async def test_heartbeats_are_answered(socket: ClientWebSocketResponse) -> None:
    await socket.send_json({"op": 1, "d": None})
    assert (await socket.receive_json())["op"] == 11


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4002),
        ("[]", 4002),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "x", "intents": 1}}', 4004),
        ('{"op": 6, "d": {"token": "x", "session_id": "y", "seq": 1}}', 4004),
        ('{"op": 2, "d": {"token": "a.b.c", "intents": 32768}}', 4014),
        ('{"op": 2, "d": {}}', 4002),
    ],
)
async def test_whoever_breaks_the_rules_is_sent_away(socket: ClientWebSocketResponse, frame: str, code: int) -> None:
    await socket.send_str(frame)
    closed = await socket.receive()
    assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, code)


async def test_a_line_stays_open_until_the_bot_has_answered_the_goodbye(local_discord: LocalDiscord) -> None:
    """A bot that finds it cut takes the code for an accident, and resumes."""
    url = local_discord.gateway.url
    async with aiohttp.ClientSession() as session, session.ws_connect(url, autoclose=False) as socket:
        await socket.receive_json()
        await identify(socket, local_discord)
        local_discord.faults.drop(4011)
        assert (await socket.receive()).data == 4011
        await asyncio.sleep(0.05)
        await socket.close()
        assert socket.close_code == 4011


async def test_identifying_twice(socket: ClientWebSocketResponse, local_discord: LocalDiscord) -> None:
    await identify(socket, local_discord)
    await socket.send_json({"op": 2, "d": {"token": local_discord.token, "intents": GUILDS}})
    assert (await socket.receive()).data == 4005


async def test_a_bot_that_says_goodbye_does_not_come_back(
    socket: ClientWebSocketResponse, local_discord: LocalDiscord
) -> None:
    await identify(socket, local_discord)
    await socket.close(code=1000)
    await local_discord.until(lambda: not local_discord.gateway.sessions)
    assert not local_discord.gateway.reachable


@pytest.mark.parametrize("seen", [None, 9])
async def test_a_session_that_is_not_known(
    socket: ClientWebSocketResponse, local_discord: LocalDiscord, seen: int | None
) -> None:
    session_id = "x"
    if seen:
        async with aiohttp.ClientSession() as session, session.ws_connect(local_discord.gateway.url) as first:
            await first.receive_json()
            session_id = (await identify(first, local_discord))["session_id"]
            await first.close(code=4000)
    await socket.send_json({"op": 6, "d": {"token": local_discord.token, "session_id": session_id, "seq": seen}})
    assert await socket.receive_json() == {"op": 9, "s": None, "t": None, "d": False}
    await identify(socket, local_discord)


async def test_messages_are_heard_only_with_the_intent_and_without_their_content(
    socket: ClientWebSocketResponse, local_discord: LocalDiscord
) -> None:
    await identify(socket, local_discord, GUILDS | GUILD_MESSAGES)
    local_discord.say("in a conversation of Bob's", user="bob", where="dm")
    local_discord.say("where the bot is not", where="elsewhere")
    message = local_discord.say("secret")
    event = await socket.receive_json()
    assert (event["t"], event["d"]["id"], event["d"]["content"]) == ("MESSAGE_CREATE", message["id"], "")


async def test_a_second_bot_takes_over(socket: ClientWebSocketResponse, local_discord: LocalDiscord) -> None:
    await identify(socket, local_discord)
    async with aiohttp.ClientSession() as session, session.ws_connect(local_discord.gateway.url) as second:
        await second.receive_json()
        await identify(second, local_discord)
        assert (await socket.receive()).data == 4009
        assert len(local_discord.gateway.sessions) == 1


@pytest.mark.parametrize("code", [None, 1001, 4000, 4009])
async def test_what_happens_while_the_line_is_down_is_repeated(
    compression: str, local_discord: LocalDiscord, sample_bot: SampleBot, code: int | None
) -> None:
    before = await sessions(local_discord)
    sample_bot.hold.clear()
    running = local_discord.people.command("slow", {"how": "defer wait edit"})
    await running.first()
    local_discord.faults.drop(code)
    await local_discord.until(lambda: not local_discord.gateway.online)
    missed = local_discord.people.command("direct", {})
    sample_bot.hold.set()
    for exchange in (running, missed):
        await exchange.final()
        assert (exchange.failed, exchange.message is None) == (None, False)
    await sample_bot.resumed.wait()
    assert await sessions(local_discord) == before


async def test_a_request_to_reconnect(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    before = await sessions(local_discord)
    local_discord.faults.reconnect()
    await sample_bot.resumed.wait()
    assert await sessions(local_discord) == before


async def test_an_invalid_session_is_begun_anew(
    compression: str, local_discord: LocalDiscord, sample_bot: SampleBot
) -> None:
    before = await sessions(local_discord)
    local_discord.faults.invalidate()
    await local_discord.until(lambda: bool(local_discord.gateway.sessions))
    assert not await sessions(local_discord) & before
    assert (await local_discord.command("draw", {"text": "x"})).message
    assert not sample_bot.resumed.is_set()


async def test_an_invalid_session_that_may_be_resumed(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    before = await sessions(local_discord)
    local_discord.faults.invalidate(resumable=True)
    await sample_bot.resumed.wait()
    assert await sessions(local_discord) == before
