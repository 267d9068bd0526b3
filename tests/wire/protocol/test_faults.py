"""Discord's own failures, and what the unmodified discord.py makes of them."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.playground import LocalDiscord
from bot.playground.exchange import NO_RESPONSE
from tests.wire.conftest import PATIENT, logged_in
from tests.wire.protocol.sample_bot import SampleBot


async def http_error(bot: SampleBot) -> discord.HTTPException:
    error = await bot.errors.get()
    assert isinstance(error, discord.HTTPException)
    return error


@pytest.mark.parametrize("everywhere", [True, False])
async def test_a_rate_limit_is_waited_out(local_discord: LocalDiscord, sample_bot: SampleBot, everywhere: bool) -> None:
    local_discord.faults.rate_limit("/callback", times=2, everywhere=everywhere)
    exchange = await local_discord.command("slow", {"how": "reply"})
    assert exchange.message and exchange.message["content"] == "late"
    assert [request.status for request in list(local_discord.requests)[-3:]] == [429, 429, 200]


async def test_a_rate_limit_during_login_is_waited_out(local_discord: LocalDiscord) -> None:
    local_discord.faults.rate_limit("PUT /applications", everywhere=True)
    async with logged_in(SampleBot(), local_discord):
        assert local_discord.world.commands[None]


async def test_a_ban_is_not_waited_out(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    local_discord.faults.rate_limit("/callback", via=False)
    exchange = local_discord.people.command("slow", {"how": "reply"})
    assert (await http_error(sample_bot)).status == 429
    assert not exchange.acknowledged


async def test_a_server_error_is_tried_again(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    local_discord.faults.fail("PATCH", status=502)
    exchange = await local_discord.command("slow", {"how": "defer edit"})
    assert exchange.message and exchange.message["content"] == "edited"
    assert exchange.answers == 2


async def test_a_lost_answer_makes_discord_py_answer_twice(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    local_discord.faults.fail("/callback", handled=True)
    exchange = await local_discord.command("slow", {"how": "reply"})
    assert (await http_error(sample_bot)).code == 40060
    assert exchange.steps == ["replied"]


async def test_an_answer_that_arrives_late(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    release = local_discord.faults.hold("/callback")
    exchange = local_discord.people.command("slow", {"how": "reply"})
    local_discord.clock.advance(PATIENT.acknowledge + 0.1)
    assert (await exchange.final()).failed == NO_RESPONSE
    release.set()
    assert (await http_error(sample_bot)).code == 10062


async def test_a_receipt_that_arrives_late(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    release = local_discord.faults.hold("/callback", handled=True)
    exchange = local_discord.people.command("slow", {"how": "defer edit"})
    await exchange.first()
    local_discord.clock.advance(PATIENT.acknowledge + 0.1)
    assert exchange.steps == ["deferred"]
    release.set()
    assert (await exchange.final()).failed is None


async def test_an_interaction_that_arrives_late(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    with local_discord.faults.withheld():
        exchange = local_discord.people.command("slow", {"how": "reply"})
        local_discord.clock.advance(PATIENT.acknowledge + 0.1)
    assert (await http_error(sample_bot)).code == 10062
    assert (await exchange.final()).failed == NO_RESPONSE


async def test_events_out_of_order(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    with local_discord.faults.withheld(reverse=True):
        exchanges = [local_discord.people.command("draw", {"text": str(n)}) for n in range(3)]
    await asyncio.gather(*(exchange.final() for exchange in exchanges))
    assert [exchange.message and exchange.message["content"] for exchange in exchanges] == [
        "done 0",
        "done 1",
        "done 2",
    ]
    callbacks = [request.answer for request in local_discord.requests if request.route.endswith("/callback")]
    assert {answer["interaction"]["id"] for answer in callbacks} == {exchange.id for exchange in exchanges}


async def test_an_event_told_twice_is_answered_once(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await local_discord.command("slow", {"how": "reply"})
    local_discord.faults.repeat()
    assert (await http_error(sample_bot)).code == 40060
    assert exchange.steps == ["replied"]
