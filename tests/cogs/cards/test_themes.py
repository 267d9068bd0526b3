"""A light picture on demand, and what its controls lead to is light, too."""

from __future__ import annotations

import io
from typing import Any

import discord as discord_py
import pytest
from PIL import Image

from bot.client.bot import Bot
from core.render.kit.drawing.palette import Theme
from tests.cogs.inprocess import BOB, Discord, Exchange

TEXTS = {
    "sentiment": {"text": "i love it"},
    "unmask": {"text": "the cat ___"},
    "tokens": {"text": "the cat"},
    "attention": {"text": "the cat sat"},
    "lab": {},
}


def light(card: Exchange) -> bool:
    with Image.open(io.BytesIO(card.files[0][1])) as picture:
        corner = picture.convert("RGB").getpixel((0, 0))
    assert corner in {(255, 255, 255), (30, 31, 34)}
    return corner == (255, 255, 255)


@pytest.mark.parametrize("command", TEXTS)
async def test_a_picture_is_light_on_demand(discord: Discord, command: str) -> None:
    assert light(await discord.command(command, **TEXTS[command], theme="light"))
    assert not light(await discord.command(command, **TEXTS[command]))


async def test_what_follows_stays_light(discord: Discord) -> None:
    card = await discord.command("attention", **TEXTS["attention"], theme="light")
    assert light(await discord.press(card, card.control("look", ".on")))
    assert light(await discord.press(card, card.control("kind"), "rollout"))
    other = await discord.press(card, card.control("lens", "sentiment.light"))
    assert light(other) and light(await discord.press(other, other.control("lens", "why.light")))
    pair = await discord.command("attention", text="the cat", against="the mat", theme="light")
    assert light(await discord.press(pair, pair.control("side"), "first"))


async def test_a_recipe_holds_the_theme(discord: Discord) -> None:
    card = await discord.command("attention", **TEXTS["attention"], theme="light")
    taken = await discord.press(card, card.control("take"))
    recipe = taken.text.partition("```json")[2].partition("```")[0].strip()
    assert light(await discord.command("attention", text=recipe))


@pytest.mark.parametrize("command", TEXTS)
async def test_a_card_is_turned_light_and_back(discord: Discord, command: str) -> None:
    card = await discord.command(command, **TEXTS[command])
    there = await discord.press(card, card.control("look", ".light.theme"))
    assert light(there) and there.steps == ["callback 6", "PATCH"] and there.text == card.text
    assert there.message["id"] == card.message["id"]
    back = await discord.press(there, there.control("look", ".dark.theme"))
    assert not light(back) and back.files == card.files


async def test_so_is_a_card_that_is_no_longer_kept_and_what_follows_it(discord: Discord) -> None:
    card = await discord.command("sentiment", **TEXTS["sentiment"])
    discord.bot.core._results._kept.clear()
    there = await discord.press(card, card.control("look", ".light.theme"))
    assert light(there)
    assert light(await discord.press(there, there.control("lens", "why.light")))


class Readers(Bot):
    """A bot that knows of its readers that they read on white."""

    def own_theme(self, interaction: discord_py.Interaction[Any], unknown: Theme = "dark") -> Theme:
        return "light"


@pytest.fixture
def on_white(discord: Discord) -> Discord:
    discord.bot.__class__ = Readers
    return discord


@pytest.mark.parametrize("command", TEXTS)
async def test_whoever_names_no_theme_gets_their_own(on_white: Discord, command: str) -> None:
    assert light(card := await on_white.command(command, **TEXTS[command]))
    assert not light(await on_white.command(command, **TEXTS[command], theme="dark"))
    assert not light(await on_white.press(card, card.control("look", ".dark.theme")))


async def test_so_does_whoever_has_no_way_to_name_one(on_white: Discord) -> None:
    card = await on_white.command("tokens", text="i love it")
    for menu in ("Sentiment", "Tokens", "Attention"):
        assert light(await on_white.menu(menu, card.message))
    help = await on_white.command("help")
    for example in help.controls:
        assert light(await on_white.press(help, example)), example


async def test_what_follows_keeps_the_theme_of_its_card(on_white: Discord) -> None:
    card = await on_white.command("attention", **TEXTS["attention"], theme="dark")
    other = await on_white.press(card, card.control("lens", "sentiment"))
    assert not light(other) and not light(await on_white.press(other, other.control("lens", "why")))


async def test_a_copy_is_in_the_theme_of_whoever_presses(on_white: Discord) -> None:
    card = await on_white.command("attention", **TEXTS["attention"], theme="dark")
    assert not light(await on_white.press(card, card.control("look", ".on")))
    on_white.person = BOB
    copy = await on_white.press(card, card.control("look", ".on"))
    assert copy.private and light(copy)
    assert light(await on_white.press(card, card.control("lens", "sentiment")))
    assert not light(await on_white.press(copy, copy.control("look", ".dark.theme")))


async def test_a_copy_keeps_the_theme_of_its_card_where_nobody_knows_another(discord: Discord) -> None:
    card = await discord.command("attention", **TEXTS["attention"], theme="light")
    discord.person = BOB
    assert light(await discord.press(card, card.control("look", ".on")))
    assert not light(await discord.press(card, card.control("look", ".dark.theme")))
