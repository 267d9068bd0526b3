"""A class and one card of /quiz, over real HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.client.bot import Bot
from bot.playground import LocalDiscord
from bot.playground.api.rules import walk
from bot.playground.payloads import Json
from cogs.cards.quiz.state import QuizState
from cogs.rounds.rounds import Rounds
from core.quiz import KINDS, judge
from tests.clock import StoppedClock

from .hosting import control, hosted, texts

BUNDLED = {
    "sentiment_model": "bundled/minilm",
    "unmask_model": "bundled/bert-mini",
    "tokens_model": "bundled/bert-base-cased",
    "attention_model": "bundled/minilm",
    "pause": 0.0,
}
OVER = "the bot was started anew meanwhile"


class Host:
    """A bot that can be started anew; its rounds go by a clock that goes only when a test says so."""

    def __init__(self, local: LocalDiscord, models: Path, running: AsyncExitStack) -> None:
        self._local, self._models, self._running = local, models, running
        self.clock = StoppedClock()
        self.bot: Bot

    async def start(self) -> None:
        await self._running.aclose()
        self.bot = await self._running.enter_async_context(hosted(self._local, self._models, **BUNDLED))
        self.clock = StoppedClock()
        self.bot.rounds = Rounds(self.clock)

    def right(self, card: Json) -> int:
        """The place of the right option, which only the bot can work out."""
        _, key, detail = guesses(card)[0].split(":")
        return judge(QuizState.parse(detail.partition(".")[2]).question, self.bot.core.recall(key)).right


@pytest.fixture
async def host(local_discord: LocalDiscord, models: Path) -> AsyncGenerator[Host]:
    async with AsyncExitStack() as running:
        host = Host(local_discord, models, running)
        await host.start()
        yield host


def guesses(card: Json) -> list[str]:
    return [part["custom_id"] for _, part in walk(card["components"]) if part.get("custom_id", "").startswith("guess:")]


def people(local: LocalDiscord, count: int) -> list[str]:
    return [local.world.welcome(f"pupil{number}")["id"] for number in range(count)]


def edits(local: LocalDiscord) -> int:
    return sum(request.method == "PATCH" for request in local.requests)


async def start(local: LocalDiscord, **options: Any) -> Json:
    exchange = await local.command("quiz", options, user="alice")
    assert exchange.message and guesses(exchange.message), exchange.message
    return exchange.message


async def press_at_once(local: LocalDiscord, card: Json, presses: dict[str, int]) -> None:
    """Let people press at once; each is acknowledged, and hears nothing else."""
    controls = guesses(card)
    sent = [local.people.press(card["id"], controls[option], None, person) for person, option in presses.items()]
    for exchange in sent:
        await exchange.first()
    assert {(*exchange.steps,) for exchange in sent} == {("deferred",)} and not any(one.failed for one in sent)


async def test_five_hundred_press_at_once(local_discord: LocalDiscord, host: Host) -> None:
    card = await start(local_discord, kind="tokens")
    pupils, before = people(local_discord, 500), edits(local_discord)
    await press_at_once(local_discord, card, {pupils[0]: 0})
    host.clock.advance()
    await local_discord.until(lambda: "1 guess**" in texts(local_discord.world.messages[card["id"]]))
    await press_at_once(local_discord, card, {person: number % 4 for number, person in enumerate(pupils)})
    host.clock.advance(0.9)
    assert edits(local_discord) == before + 1
    host.clock.advance(0.1)
    await local_discord.until(lambda: "500 guesses" in texts(local_discord.world.messages[card["id"]]))
    assert edits(local_discord) == before + 2
    over = await local_discord.press(card, control(card, "reveal:"), user="alice")
    assert over.message and [line.split()[2] for line in texts(over.message).splitlines() if "▰" in line] == ["125"] * 4
    assert edits(local_discord) == before + 3


async def test_a_class_of_fifty_and_a_restart_in_the_middle(local_discord: LocalDiscord, host: Host) -> None:
    local = local_discord
    card = await start(local, kind="head", score=True)
    pupils, right = people(local, 50), host.right(card)
    await press_at_once(local, card, {person: number % 4 for number, person in enumerate(pupils)})
    await press_at_once(local, card, dict.fromkeys(pupils[:10], right))  # some change their minds
    host.clock.advance()
    await local.until(lambda: "50 guesses" in texts(local.world.messages[card["id"]]))
    picture = local.world.messages[card["id"]]["attachments"][0]
    assert picture == card["attachments"][0]  # it is not sent anew with each count
    over = await local.press(card, control(card, "reveal:"), user="alice")
    assert over.message and f"✅ `Picture {right + 1}`" in texts(over.message)
    guessed = {*pupils[:10], *pupils[right::4]}
    assert all((f"<@{person}> · 1" in texts(over.message)) == (person in guessed) for person in pupils)

    again = (await local.press(over.message, control(over.message, "again:"), user="alice")).message
    assert again and guesses(again) and f"<@{pupils[0]}> · 1" in texts(again)
    await press_at_once(local, again, dict.fromkeys(pupils[:25], 0))
    await host.start()
    after = await asyncio.gather(
        *(local.people.press(again["id"], guesses(again)[1], None, person).first() for person in pupils[25:])
    )
    await local.until(lambda: OVER in texts(local.world.messages[again["id"]]))
    lost = local.world.messages[again["id"]]
    assert not any(one.failed for one in after) and not guesses(lost) and f"<@{pupils[0]}> · 1" in texts(lost)
    assert lost["attachments"][0]["description"].startswith("Picture ")

    third = (await local.press(lost, control(lost, "again:"), user="alice")).message
    assert third and guesses(third)
    await press_at_once(local, third, dict.fromkeys(pupils, host.right(third)))
    final = await local.press(third, control(third, "reveal:"), user="alice")
    assert final.message and f"<@{pupils[0]}> · 2" in texts(final.message)


@pytest.mark.parametrize("language", ["en-GB", "de", "es-ES", "fr", "ja"])
async def test_every_kind_keeps_to_discords_limits_in_every_language(
    local_discord: LocalDiscord, host: Host, language: str
) -> None:
    """The local Discord refuses whatever Discord's rules refuse."""
    local_discord.world.speaks[local_discord.world.person("alice")["id"]] = language
    for kind in KINDS:
        card = await start(local_discord, kind=kind, score=True, seconds=600, theme="light")
        for _, part in walk(card["components"]):
            assert len(part.get("custom_id", "")) <= 100 and len(part.get("label", "")) <= 80
        over = await local_discord.press(card, control(card, "reveal:"), user="alice")
        assert over.message and not guesses(over.message) and "`" in texts(over.message)
        assert language == "en-GB" or "The model" not in texts(over.message)


async def test_somebody_else_cannot_end_a_round(local_discord: LocalDiscord, host: Host) -> None:
    card = await start(local_discord, kind="label")
    refused = await local_discord.press(card, control(card, "reveal:"), user="bob")
    assert refused.message and refused.private and "Only whoever started" in refused.message["content"]
    assert local_discord.world.messages[card["id"]] == card


@pytest.mark.parametrize("where", ["dm", "elsewhere"])
async def test_where_nobody_else_sees_it_a_round_is_for_one(
    local_discord: LocalDiscord, host: Host, where: Any
) -> None:
    bob = local_discord.world.person("bob")["id"]
    local_discord.world.denied[bob] = (1 << 50) if where == "elsewhere" else 0  # external apps
    exchange = await local_discord.command("quiz", {"kind": "tokens"}, user="bob", where=where)
    card = exchange.message
    assert card and "Press your guess" in texts(card) and exchange.private == (where == "elsewhere")
    over = await local_discord.press(card, guesses(card)[0], user="bob")
    assert over.message and over.message["id"] == card["id"] and "**The answer" in texts(over.message)


async def test_a_round_that_is_forgotten_shows_its_answer(local_discord: LocalDiscord, host: Host) -> None:
    card = await start(local_discord, kind="label", seconds=45)
    await press_at_once(local_discord, card, {"bob": 0})
    host.clock.advance(45)
    await local_discord.until(lambda: "model's answer" in texts(local_discord.world.messages[card["id"]]))
    assert "▰" in texts(local_discord.world.messages[card["id"]])
