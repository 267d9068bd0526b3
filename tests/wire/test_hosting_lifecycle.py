"""Who may ask, how often, and what happens when Discord's connection or patience ends, with the real bot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as chosen
from hypothesis import strategies as st

from bot.client.admission import NOT_HERE, NOT_YOU, Admission, Unwelcome
from bot.playground import Exchange, LocalDiscord
from bot.readers import Shards
from cogs.requests.rate_limit import RateLimited, RateLimiter

from .conftest import PATIENT
from .hosting import control, hosted, texts

TEXT = {"text": "the cat sat"}


def says(exchange: Exchange) -> str:
    assert exchange.message, exchange.failed
    return exchange.message["content"] or texts(exchange.message)


# Who may ask

IDS = st.frozensets(st.integers(1, 6), max_size=3)


@chosen(deadline=None)
@given(IDS, IDS, IDS, IDS, st.integers(1, 6), st.none() | st.integers(1, 6))
def test_lists(
    servers: frozenset[int],
    people: frozenset[int],
    no_servers: frozenset[int],
    nobody: frozenset[int],
    person: int,
    server: int | None,
) -> None:
    lists = Admission(servers, people, no_servers, nobody)
    denied = person in nobody or server in no_servers
    allowed = not (servers | people) or person in people or server in servers
    if allowed and not denied:
        lists.check(person, server)
    else:
        with pytest.raises(Unwelcome):
            lists.check(person, server)


async def test_a_denied_person_is_told_so_and_changes_nothing(local_discord: LocalDiscord, models: Path) -> None:
    bob = int(local_discord.world.person("bob")["id"])
    async with hosted(local_discord, models, denied_users=frozenset({bob})):
        card = (await local_discord.command("sentiment", TEXT)).message
        assert card
        refused = await local_discord.command("sentiment", TEXT, user="bob")
        pressed = await local_discord.press(card, control(card, "lens"), user="bob")
        assert local_discord.world.messages[card["id"]] == card
    for exchange in (refused, pressed):
        assert exchange.private and exchange.answers == 1
        assert says(exchange).endswith(NOT_YOU)


async def test_only_the_servers_of_a_list(local_discord: LocalDiscord, models: Path) -> None:
    here = int(local_discord.world.guild["id"])
    async with hosted(local_discord, models, allowed_servers=frozenset({here})):
        assert "bert" in says(await local_discord.command("sentiment", TEXT))
        assert says(await local_discord.command("sentiment", TEXT, where="dm")).endswith(NOT_HERE)
        assert says(await local_discord.command("sentiment", TEXT, where="elsewhere")).endswith(NOT_HERE)


async def test_suggestions_are_not_for_those_kept_out(
    local_discord: LocalDiscord, models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alice = int(local_discord.world.person("alice")["id"])
    async with hosted(local_discord, models, denied_users=frozenset({alice})):
        exchange = await local_discord.autocomplete("lab", {"mask": "c"}, "mask")
        assert (await local_discord.command("info")).private
    assert exchange.choices == []
    assert "Traceback" not in caplog.text


# How often


@chosen(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 20)), max_size=20))
async def test_the_pause_is_kept(asked: list[tuple[int, float]]) -> None:
    now = 0.0
    turns = RateLimiter(100, 10, lambda: now)
    task = asyncio.current_task()
    assert task
    began: dict[int, float] = {}
    for person, later in asked:
        now += later
        if person in began and now - began[person] < 10:
            with pytest.raises(RateLimited, match=r"try again in \d+ s"):
                turns.acquire(person, task)
        else:
            turns.acquire(person, task)
            began[person] = now


async def test_one_at_a_time(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        release = local_discord.faults.hold("/callback", handled=True)  # people see that it is at work, and so it stays
        first = local_discord.people.command("sentiment", TEXT)
        await first.first()
        second = await local_discord.command("sentiment", TEXT)
        other = await local_discord.command("tokens", TEXT, user="bob")
        release.set()
        await first.final()
        await local_discord.command("info")  # by now the bot, too, has heard that its answer arrived
        third = await local_discord.command("sentiment", TEXT)
    assert second.private and "still being worked on" in says(second)
    assert "still being" not in says(first) + says(other) + says(third)


async def test_a_pause_is_not_spent_on_what_was_refused(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models, pause=3600):
        assert "no mask" in says(await local_discord.command("unmask", TEXT))
        assert "tokens" in says(await local_discord.command("tokens", TEXT))
        assert says(await local_discord.command("tokens", TEXT)).endswith("try again in 3600 s.")


# The connection


@pytest.mark.parametrize("count", [0, 1])
async def test_nothing_is_lost_while_the_line_is_down(local_discord: LocalDiscord, models: Path, count: int) -> None:
    async with hosted(local_discord, models, shards=Shards(0, 0, count), at_once=10):
        for cut in (
            lambda: local_discord.faults.drop(),
            lambda: local_discord.faults.drop(4000),
            lambda: local_discord.faults.reconnect(),
            lambda: local_discord.faults.invalidate(resumable=True),
        ):
            release = local_discord.faults.hold("PATCH")
            before = local_discord.people.command("sentiment", TEXT)
            await before.first()
            cut()
            meanwhile = local_discord.people.command("tokens", TEXT)
            release.set()
            for exchange in (before, meanwhile):
                assert (await exchange.final()).failed is None
                assert "bert" in says(exchange)
        assert local_discord.gateway.online


async def test_a_new_session(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models, at_once=10) as bot:
        release = local_discord.faults.hold("PATCH")
        before = local_discord.people.command("sentiment", TEXT)
        await before.first()
        ready = asyncio.create_task(bot.wait_for("ready"))
        local_discord.faults.invalidate()
        async with asyncio.timeout(30):
            await ready
        release.set()
        after = await local_discord.command("tokens", TEXT)
        assert "bert" in says(await before.final()) and "bert" in says(after)


# Discord's faults and patience


@pytest.mark.parametrize("status", [403, 404, 429])
async def test_a_thinking_that_cannot_be_deleted_becomes_the_refusal(
    local_discord: LocalDiscord, models: Path, status: int
) -> None:
    async with hosted(local_discord, models):
        if status == 429:
            local_discord.faults.rate_limit("DELETE", via=False)
        else:
            local_discord.faults.fail("DELETE", status=status)
        exchange = await local_discord.command("attention", {**TEXT, "view": "token", "token": 99})
    assert exchange.steps == ["deferred", "edited"] and len(exchange.messages) == 1
    assert "choose one from 1 to 5" in says(exchange)


async def test_too_late_to_acknowledge(
    local_discord: LocalDiscord, models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with hosted(local_discord, models):
        with local_discord.faults.withheld():
            late = local_discord.people.command("tokens", TEXT)
            local_discord.clock.advance(PATIENT.acknowledge + 0.1)
        assert "bert" in says(await local_discord.command("tokens", TEXT, user="bob"))
        await late.final()
    assert late.failed and not late.answers
    assert "three seconds (10062)" in caplog.text and "Error " not in caplog.text


async def test_told_twice(local_discord: LocalDiscord, models: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with hosted(local_discord, models, at_once=10):
        exchange = await local_discord.command("tokens", TEXT)
        local_discord.faults.repeat()
        assert "bert" in says(await local_discord.command("tokens", TEXT, user="bob"))
    assert exchange.steps == ["deferred", "edited"]
    assert "answered already (40060)" in caplog.text and "Error " not in caplog.text


async def test_too_late_to_answer(local_discord: LocalDiscord, models: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with hosted(local_discord, models):
        release = local_discord.faults.hold("PATCH")
        late = local_discord.people.command("tokens", TEXT)
        await late.first()
        local_discord.clock.advance(PATIENT.token + 0.1)
        release.set()
        await late.final()
        assert "bert" in says(await local_discord.command("tokens", TEXT, user="bob"))
    assert late.failed
    assert "fifteen minutes for answers are over (50027)" in caplog.text and "Error " not in caplog.text
