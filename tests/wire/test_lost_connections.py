"""Discord hangs up in the middle of a request, as happens to a connection that is kept for the next one."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.client.errors import MARK, UNHEARD
from bot.playground import Exchange, LocalDiscord
from tests.wire.hosting import control, hosted

TEXT = "The cat sat on the mat."


@pytest.mark.parametrize("handled", [False, True])
@pytest.mark.parametrize("sent", ["/callback", "PATCH"])
async def test_a_card_survives_a_lost_connection(
    local_discord: LocalDiscord, models: Path, sent: str, handled: bool
) -> None:
    async with hosted(local_discord, models):
        first = (await local_discord.command("attention", {"text": TEXT})).message
        assert first
        local_discord.faults.hang_up(sent, handled=handled)
        exchange = await local_discord.press(first, control(first, "layer"), ["1"])
        await picture_of(local_discord, exchange)


@pytest.mark.parametrize("handled", [False, True])
@pytest.mark.parametrize("sent", ["/callback", "PATCH"])
async def test_an_answer_survives_a_lost_connection(
    local_discord: LocalDiscord, models: Path, sent: str, handled: bool
) -> None:
    async with hosted(local_discord, models):
        local_discord.faults.hang_up(sent, handled=handled)
        exchange = await local_discord.command("attention", {"text": TEXT})
        await picture_of(local_discord, exchange)


async def picture_of(local: LocalDiscord, exchange: Exchange) -> None:
    """The exchange ended with a whole card."""
    assert not exchange.failed and set(exchange.steps) == {"deferred", "edited"}
    assert exchange.message and MARK not in exchange.message["content"]
    (file,) = exchange.message["attachments"]
    Image.open(io.BytesIO(await local.attachment(file["url"]))).load()


@pytest.mark.parametrize("handled", [False, True])
async def test_whatever_answers_at_once_survives_it_too(
    local_discord: LocalDiscord, models: Path, handled: bool
) -> None:
    async with hosted(local_discord, models):
        local_discord.faults.hang_up("/callback", handled=handled)
        exchange = await local_discord.command("unmask", {"text": TEXT})
        assert exchange.message and exchange.steps == ["replied"] and not exchange.failed


@pytest.mark.parametrize("handled", [False, True])
async def test_suggestions_survive_it_too(local_discord: LocalDiscord, models: Path, handled: bool) -> None:
    async with hosted(local_discord, models):
        local_discord.faults.hang_up("/callback", handled=handled)
        offered = await local_discord.autocomplete("lab", {"mask": "c"}, "mask")
        assert not offered.failed and offered.choices


@pytest.mark.parametrize("handled", [False, True])
async def test_a_refusal_survives_a_lost_taking_back(local_discord: LocalDiscord, models: Path, handled: bool) -> None:
    async with hosted(local_discord, models):
        local_discord.faults.hang_up("DELETE", handled=handled)
        exchange = await local_discord.command("attention", {"text": TEXT, "view": "token", "token": 99})
        assert exchange.message and exchange.message["content"].startswith(MARK)
        assert exchange.steps == ["deferred", "deleted", "followed up"] and exchange.private


FAULTS: list[tuple[str, dict[str, Any]]] = [("hang_up", {}), ("rate_limit", {"via": False})]


@pytest.mark.parametrize(("fault", "how"), FAULTS, ids=[name for name, _ in FAULTS])
async def test_what_discord_does_not_take_is_no_failure_of_the_bot(
    local_discord: LocalDiscord, models: Path, fault: str, how: dict[str, Any]
) -> None:
    async with hosted(local_discord, models):
        getattr(local_discord.faults, fault)("PATCH", times=2, **how)
        exchange = await local_discord.command("tokens", {"text": TEXT})
        assert exchange.message and exchange.message["content"] == MARK + UNHEARD and exchange.private
