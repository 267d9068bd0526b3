"""Who answers late, twice or too early is told what Discord tells them. No test waits: the clock is pushed."""

from __future__ import annotations

import discord
import pytest

from bot.playground import Exchange, LocalDiscord
from bot.playground.exchange import NO_RESPONSE
from tests.wire.conftest import PATIENT, RawBot
from tests.wire.protocol.sample_bot import SampleBot


async def held(local_discord: LocalDiscord, bot: SampleBot, how: str) -> Exchange:
    """Start /slow and stop it at the step "wait"."""
    bot.hold.clear()
    exchange = local_discord.people.command("slow", {"how": how})
    if not how.startswith("wait"):
        await exchange.first()
    return exchange


async def error_of(bot: SampleBot) -> discord.HTTPException:
    """Let /slow go on, and wait for what it raises."""
    bot.hold.set()
    error = await bot.errors.get()
    assert isinstance(error, discord.HTTPException)
    return error


async def test_an_answer_after_three_seconds(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await held(local_discord, sample_bot, "wait reply")
    local_discord.clock.advance(PATIENT.acknowledge + 0.1)
    await exchange.final()
    assert (exchange.failed, exchange.acknowledged) == (NO_RESPONSE, False)
    assert (await error_of(sample_bot)).code == 10062
    assert exchange.message is None


async def test_an_answer_after_fifteen_minutes(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await held(local_discord, sample_bot, "defer wait edit")
    local_discord.clock.advance(PATIENT.token + 0.1)
    await exchange.final()
    assert (exchange.failed, exchange.acknowledged) == (NO_RESPONSE, True)
    error = await error_of(sample_bot)
    assert (error.status, error.code) == (401, 50027)


async def test_a_second_answer(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await held(local_discord, sample_bot, "reply wait raw")
    assert (await error_of(sample_bot)).code == 40060
    assert exchange.steps == ["replied"]


async def test_an_edit_before_the_first_answer(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await held(local_discord, sample_bot, "wait edit")
    assert (await error_of(sample_bot)).code == 10015
    assert not exchange.acknowledged


async def test_waiting_survives_a_small_step_of_the_clock(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await held(local_discord, sample_bot, "defer wait edit")
    local_discord.clock.advance(PATIENT.acknowledge + 1)
    sample_bot.hold.set()
    await exchange.final()
    assert exchange.failed is None
    assert exchange.message and exchange.message["content"] == "edited"


async def test_ids_are_unique_and_hold_the_time(local_discord: LocalDiscord) -> None:
    clock = local_discord.clock
    ids = [int(clock.snowflake()) for _ in range(10_000)]
    assert ids == sorted(set(ids))
    clock.advance(3600)
    written = discord.utils.snowflake_time(int(clock.snowflake())).timestamp()
    assert written == pytest.approx(clock.now(), abs=5)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/interactions/1/nothing/callback", 10062),
        ("/interactions/1/{token}/callback", 10062),
        ("/webhooks/{bot}/nothing", 10015),
        ("/webhooks/1/{token}", 10015),
    ],
)
async def test_wrong_addresses(
    local_discord: LocalDiscord, sample_bot: SampleBot, raw: RawBot, path: str, code: int
) -> None:
    exchange = await local_discord.command("slow", {"how": "reply"})
    path = path.format(token=exchange.token, bot=local_discord.world.bot["id"])
    status, answer = await raw.call("POST", path, {"type": 4, "data": {"content": "x"}})
    assert (status, answer["code"]) == (404, code)


async def test_another_message_cannot_be_reached(
    local_discord: LocalDiscord, sample_bot: SampleBot, raw: RawBot
) -> None:
    mine, other = [await local_discord.command("slow", {"how": "reply"}) for _ in range(2)]
    messages = f"/webhooks/{local_discord.world.bot['id']}/{mine.token}/messages"
    assert (await raw.call("GET", f"{messages}/@original"))[1] == mine.message
    assert (await raw.call("GET", f"{messages}/{mine.original}"))[1] == mine.message
    status, answer = await raw.call("DELETE", f"{messages}/{other.original}")
    assert (status, answer["code"]) == (404, 10008)
    assert other.message
