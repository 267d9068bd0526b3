"""A person on the page chooses a language: commands are explained in it, and the bot answers in it."""

from __future__ import annotations

from pathlib import Path

from bot.playground import LocalDiscord
from bot.playground.exchange import NO_RESPONSE
from cogs.languages import Languages
from tests.wire.conftest import PATIENT
from tests.wire.hosting import hosted, texts
from tests.wire.protocol.sample_bot import SampleBot
from tests.wire.test_page import opened


async def test_a_person_chooses_a_language(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models), opened(local_discord) as page:
        hello = await page.until("hello")
        assert hello["locale"] == "en-US" and {"de", "es-ES", "fr", "ja"} < set(hello["locales"])
        await page.ask("speak", locale="de")
        commands = {command["name"]: command for command in (await page.until("commands", locale="de"))["commands"]}
        sentiment = commands["sentiment"]  # found by whoever was told to type it
        assert sentiment["description"].startswith("Ist ein Text positiv")
        assert [option["name"] for option in sentiment["options"]] == ["text", "model", "with", "theme", "private"]
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


async def test_the_page_is_told_its_own_words(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models) as bot, opened(local_discord) as page:
        assert (await page.until("hello"))["language"] == {"code": "en", "words": {}}
        await page.ask("speak", locale="es-ES")
        language = (await page.until("commands", locale="es-ES"))["language"]
        assert language["code"] == "es" and language["words"]["Send"] == "Enviar"

        say = bot.languages.of("es-ES")
        await page.ask("component", message_id="1", custom_id="x")
        assert (
            (await page.until("error"))["reason"]
            == say("That message is not there any more.")
            != "That message is not there any more."
        )
        await bot.close()
        await page.until("bot", online=False)
        local_discord.clock.advance(60)  # until it cannot be expected to come back
        await page.ask("command", name="info", options={})
        gone = (await page.until("error"))["reason"]
        assert gone == say("The bot is not online: start it, or look at what it says.") and "not online" not in gone


async def test_a_bot_that_stays_silent_is_said_to_in_that_language(
    local_discord: LocalDiscord, models: Path, sample_bot: SampleBot
) -> None:
    local_discord.world.speaks[local_discord.world.users[0]["id"]] = "de"
    async with opened(local_discord) as page:
        sample_bot.hold.clear()
        await page.ask("command", name="slow", options={"how": "wait"})
        await page.until("interaction", state="sent")
        local_discord.clock.advance(PATIENT.acknowledge + 0.1)
        failed = await page.until("interaction", state="failed")
        assert failed["reason"] == Languages.load().of("de")(NO_RESPONSE) != NO_RESPONSE
        sample_bot.hold.set()
