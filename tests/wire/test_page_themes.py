"""Pictures have the theme of the page on which they were asked for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.playground import LocalDiscord
from bot.playground.payloads import Json
from bot.playing import LocalBot
from core import Core

from .conftest import logged_in
from .hosting import control, settings
from .test_page import Page, opened

WHITE, DARK = (255, 255, 255), (30, 31, 34)
ASK = {"name": "tokens", "options": {"text": "the cat sat"}}


async def ground_of(local: LocalDiscord, card: Json) -> Any:
    """The colour of the ground of a card's picture."""
    with Image.open(io.BytesIO(await local.attachment(card["attachments"][0]["url"]))) as picture:
        return picture.convert("RGB").getpixel((0, 0))


async def drawn(local: LocalDiscord, page: Page) -> tuple[Json, Any]:
    """The next card, and the colour of its ground."""
    while not (card := (await page.until("message_update"))["message"])["components"]:
        pass
    return card, await ground_of(local, card)


async def test_the_theme_of_the_page_is_that_of_its_pictures(local_discord: LocalDiscord, models: Path) -> None:
    wanted = settings(models)
    async with (
        Core.open(wanted.core()) as core,
        opened(local_discord) as page,
        logged_in(LocalBot(local_discord, core, wanted, guild_ready_timeout=0.1), local_discord) as bot,
    ):
        await bot.wait_until_ready()
        await page.ask("command", **ASK, theme="light")
        card, ground = await drawn(local_discord, page)
        assert ground == WHITE

        await page.ask("command", name="tokens", options={"text": "the cat", "theme": "dark"}, theme="light")
        assert (await drawn(local_discord, page))[1] == DARK

        sentiment = {"message_id": card["id"], "custom_id": control(card, "lens:")}
        await page.ask("component", **sentiment, component_type=2, theme="dark")
        assert (await drawn(local_discord, page))[1] == WHITE  # it follows the card that it came from

        await page.ask("command", **ASK, theme="sepia")
        assert (await drawn(local_discord, page))[1] == DARK  # what the page had last

        exchange = await local_discord.command("tokens", {"text": "the cat"}, user="bob")
        assert await ground_of(local_discord, exchange.messages[0]) == DARK  # nobody has told of Bob's page


@pytest.mark.parametrize(
    ("command", "options", "theme"),
    [("tokens", {"text": "the cat"}, "look:"), ("learn", {"start": "causal"}, "predict:")],
)
async def test_a_copy_has_the_theme_that_was_pressed_and_else_that_of_the_page(
    local_discord: LocalDiscord, models: Path, command: str, options: Json, theme: str
) -> None:
    wanted = settings(models)
    async with (
        Core.open(wanted.core()) as core,
        logged_in(LocalBot(local_discord, core, wanted, guild_ready_timeout=0.1), local_discord) as bot,
    ):
        await bot.wait_until_ready()
        for user in local_discord.world.users:
            local_discord.world.themes[user["id"]] = "dark"
        card = (await local_discord.command(command, options, user="alice")).message
        assert card and await ground_of(local_discord, card) == DARK
        copy = (await local_discord.press(card, control(card, theme), user="bob")).message
        assert copy and copy["id"] != card["id"] and await ground_of(local_discord, copy) == WHITE
        back = (await local_discord.press(copy, control(copy, theme), user="bob")).message
        assert back and back["id"] == copy["id"] and await ground_of(local_discord, back) == DARK
        if command == "learn":
            light = (await local_discord.press(card, control(card, theme), user="alice")).message
            assert light and await ground_of(local_discord, light) == WHITE
            guess = (
                await local_discord.press(light, control(light, "predict:0000000000:causal.1"), user="bob")
            ).message
            assert guess and await ground_of(local_discord, guess) == DARK
