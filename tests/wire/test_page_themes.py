"""Pictures have the theme of the page on which they were asked for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

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


async def drawn(local: LocalDiscord, page: Page) -> tuple[Json, Any]:
    """The next card, and the colour of its ground."""
    while not (card := (await page.until("message_update"))["message"])["components"]:
        pass
    with Image.open(io.BytesIO(await local.attachment(card["attachments"][0]["url"]))) as picture:
        return card, picture.convert("RGB").getpixel((0, 0))


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
        url = exchange.messages[0]["attachments"][0]["url"]
        with Image.open(io.BytesIO(await local_discord.attachment(url))) as picture:
            assert picture.convert("RGB").getpixel((0, 0)) == DARK  # nobody has told of Bob's page
