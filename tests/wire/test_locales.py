"""A person on the page chooses a language: commands are explained in it, and the bot answers in it."""

from __future__ import annotations

from pathlib import Path

from bot.playground import LocalDiscord

from .hosting import hosted, texts
from .test_page import opened


async def test_a_person_chooses_a_language(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models), opened(local_discord) as page:
        hello = await page.until("hello")
        assert hello["locale"] == "en-US" and {"de", "es-ES", "fr", "ja"} < set(hello["locales"])
        await page.ask("speak", locale="de")
        commands = {command["name"]: command for command in (await page.until("commands", locale="de"))["commands"]}
        sentiment = commands["sentiment"]  # found by whoever was told to type it
        assert sentiment["description"].startswith("Ist ein Text positiv")
        assert [option["name"] for option in sentiment["options"]] == ["text", "model", "theme", "private"]
        assert sentiment["options"][1]["description"].startswith("Welches Modell")
        views = next(option for option in commands["attention"]["options"] if option["name"] == "view")
        assert {"name": "Ein Kopf", "value": "head"}.items() <= views["choices"][0].items()

        await page.ask("command", name="sentiment", options={"text": "the cat sat", "private": "True"})
        while not (card := (await page.until("message_update"))["message"])["components"]:
            pass
        assert "Als Text" in str(card) and card["flags"] & 64 and "`the cat sat`" in texts(card)

        await page.ask("autocomplete", name="sentiment", options={"model": "classifier"}, focused="model")
        assert (await page.until("choices"))["choices"]
        await page.ask("act_as", user_id=hello["users"][1]["id"])
        assert (await page.until("hello"))["locale"] == "en-US"  # everybody has a language of their own


async def test_a_menu_in_another_language(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models), opened(local_discord) as page:
        await page.until("hello")
        await page.ask("speak", locale="ja")
        menus = [command for command in (await page.until("commands"))["commands"] if command["type"] == 3]
        assert {menu["name"] for menu in menus} == {"Sentiment", "Tokens", "Attention"}
        message = local_discord.people.say("the cat sat")
        await page.ask("command", name=menus[0]["name"], options={}, target_id=message["id"])
        await page.until("interaction", state="acknowledged")


async def test_a_language_that_nothing_is_translated_into(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models), opened(local_discord) as page:
        await page.ask("speak", locale="tlh")
        assert "tlh" in (await page.until("error"))["reason"]
