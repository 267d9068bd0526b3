"""Acknowledging comes before all work: Discord waits three seconds for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bot.client.bot import CONNECTIONS
from cogs.requests.acknowledgement import CROWD, Acknowledgements
from core import Core
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import Tokenization
from tests.cogs.inprocess import Discord, Exchange

MANY = 300
NAMES = ("sentiment", "unmask", "tokens", "attention")


@pytest.fixture
async def crowd(core: Core) -> AsyncGenerator[Discord, None]:
    await core.warm_up()
    async with Discord(core, at_once=2 * MANY).logged_in() as discord:
        yield discord
        for exchange in discord._exchanges.values():
            exchange.heard.set()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were cut into tokens, in order."""
    texts: list[str] = []
    cut = ModelTokenizer.encode

    def noted(tokenizer: ModelTokenizer, text: str) -> Tokenization:
        texts.append(text)
        return cut(tokenizer, text)

    monkeypatch.setattr(ModelTokenizer, "encode", noted)
    return texts


def start(discord: Discord, command: str, text: str) -> Exchange:
    """Run a command whose acknowledgement is not answered yet."""
    exchange = discord.start(command, text=text)
    exchange.heard.clear()
    return exchange


async def all_begun(*exchanges: Exchange) -> None:
    await asyncio.gather(*(exchange.begun.wait() for exchange in exchanges))


async def all_heard(discord: Discord, *exchanges: Exchange) -> None:
    for exchange in exchanges:
        exchange.heard.set()
    await discord.settle()


async def test_in_a_crowd_all_are_acknowledged_before_anything_is_read(crowd: Discord, read: list[str]) -> None:
    texts = [f"cat {n} [MASK]" for n in range(MANY)]
    asked = [start(crowd, NAMES[n % 4], text) for n, text in enumerate(texts)]
    await all_begun(*asked)
    assert all(exchange.steps == ["callback 5"] for exchange in asked)
    assert set(read) == set(texts[:CROWD])  # the first came before there was a crowd
    for exchange in asked[: MANY // 2]:
        exchange.heard.set()
    await crowd.start("info").begun.wait()  # the others still wait, and so does all work
    assert set(read) == set(texts[:CROWD])
    await all_heard(crowd, *asked)
    assert all(exchange.steps == ["callback 5", "PATCH"] and exchange.files for exchange in asked)


async def test_work_does_not_wait_for_ever(crowd: Discord) -> None:
    crowd.bot.acknowledgements = Acknowledgements(patience=0.01)
    others = [start(crowd, "tokens", f"cat {n}") for n in range(2 * CROWD)]
    await all_begun(*others)
    before = asyncio.all_tasks()
    one = crowd.start("tokens", text="dog")
    await asyncio.wait(asyncio.all_tasks() - before)  # it is answered although nobody else was heard
    assert one.files and all(other.steps == ["callback 5"] for other in others)
    await all_heard(crowd, *others)


async def test_in_a_crowd_a_text_that_is_too_long_is_refused_after_all_and_in_private(crowd: Discord) -> None:
    others = [start(crowd, "tokens", f"cat {n}") for n in range(CROWD)]
    one = start(crowd, "attention", "cat " * 100)
    await all_begun(*others, one)
    await all_heard(crowd, *others, one)
    assert one.steps == ["callback 5", "DELETE", "POST"] and one.private and "102 tokens" in one.text


async def test_connections_fit_into_the_files_that_a_process_may_open(crowd: Discord) -> None:
    assert crowd.bot.http.connector.limit_per_host == CONNECTIONS < 1024
