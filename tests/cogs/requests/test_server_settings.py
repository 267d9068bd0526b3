"""/settings: what a server chose counts there and nowhere else, after what people say themselves."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.client.errors import MARK, NOT_YOU
from cogs.cards.layouts import source_of
from cogs.languages import LANGUAGES, TABLES
from cogs.requests.server_settings import NotKept, ServerSettings, ServerStore
from core import Core, CoreSettings
from core.results import Result
from tests.cogs.inprocess import BOB, GUILD, Discord, Exchange

OTHER = "1000000000000000009"
MANAGE_GUILD = 1 << 5
TEXT = {"text": "the cat sat"}


@pytest.fixture(scope="module")
def offering(settings: CoreSettings, models: Path) -> CoreSettings:
    return replace(settings, allowed_models=tuple(str(models / name) for name in ("gpt2", "distilbert-classifier")))


@pytest.fixture
async def discord(offering: CoreSettings) -> AsyncGenerator[Discord, None]:
    async with Core.open(offering) as core, Discord(core).logged_in() as discord:
        yield discord


async def chosen(discord: Discord, **options: Any) -> str:
    """What /settings says after a choice, which is for the person who makes it."""
    exchange = await discord.command("settings", **options)
    assert exchange.private and not exchange.text.startswith(MARK), exchange.text
    return exchange.text


def result_of(discord: Discord, card: Exchange) -> Result:
    (key,) = {id.split(":")[1] for id in card.controls}
    return discord.bot.core.recall(key)


def model_of(discord: Discord, card: Exchange) -> str:
    source = source_of(result_of(discord, card))
    assert source
    return source.model.name


def is_light(card: Exchange) -> bool:
    return "Dark" in str(card.controls) or "Dunkel" in str(card.controls)  # what its button changes it to


async def test_nothing_is_chosen_at_first(discord: Discord) -> None:
    said = await chosen(discord)
    assert said.count("as the bot has it") == 2
    assert "in the language of the person who asks" in said and "everybody in the channel" in said
    assert discord.bot.servers and not discord.bot.servers.servers()


async def test_a_choice_counts_in_its_server_alone_and_is_taken_back(discord: Discord) -> None:
    said = await chosen(discord, model="gpt2", theme="light", language="de", private=True)
    assert "`gpt2` for `/unmask` `/write` `/tokens` `/attention`" in said and "Light" in said and "German" in said
    assert "only the person who asks" in said and said == await chosen(discord)

    card = await discord.command("tokens", **TEXT)
    assert card.private and is_light(card) and model_of(discord, card) == "gpt2"
    assert not (await discord.command("lab", private=False)).private
    discord.server = OTHER
    for where in ({}, {"dm": True}):
        card = await discord.command("tokens", **where, **TEXT)
        assert not card.private and not is_light(card) and model_of(discord, card) == "bert-masked-lm"

    discord.server = GUILD
    said = await chosen(discord, model="default", theme="default", language="default", private=False)
    assert said.count("as the bot has it") == 2
    assert discord.bot.servers and not discord.bot.servers.servers()
    assert model_of(discord, await discord.command("tokens", **TEXT)) == "bert-masked-lm"


async def test_what_is_not_mentioned_stays(discord: Discord) -> None:
    await chosen(discord, theme="light")
    await chosen(discord, private=True)
    assert discord.bot.servers
    assert discord.bot.servers.of(int(GUILD)) == ServerSettings(theme="light", private=True)


async def test_what_is_typed_counts_more(discord: Discord) -> None:
    await chosen(discord, model="gpt2", theme="light", private=True)
    card = await discord.command("tokens", model="bert-masked-lm", theme="dark", private=False, **TEXT)
    assert not card.private and not is_light(card) and model_of(discord, card) == "bert-masked-lm"
    exercise = await discord.command("lab", theme="dark", private=False)
    assert not exercise.private and not is_light(exercise)
    exercise = await discord.command("lab")
    assert exercise.private and is_light(exercise)


async def test_a_model_is_asked_by_the_commands_that_it_fits_and_comes_first_there(discord: Discord) -> None:
    await chosen(discord, model="gpt2")
    assert (await discord.complete("attention", "model", ""))[0] == "gpt2"
    assert (await discord.complete("sentiment", "model", ""))[0] == "bert-classifier"
    assert model_of(discord, await discord.command("sentiment", **TEXT)) == "bert-classifier"
    assert model_of(discord, await discord.command("attention", **TEXT)) == "gpt2"
    compared = await discord.command("tokens", compare="bert-masked-lm", **TEXT)
    assert [source.model.name for source in result_of(discord, compared).sources] == ["gpt2", "bert-masked-lm"]  # type: ignore[union-attr]
    info = (await discord.command("info")).text
    assert "`/attention` `gpt2`" in info and "`/sentiment` `bert-classifier`" in info
    (line,) = [line for line in (await discord.command("models")).text.split("**") if "/unmask\\*" in line]
    assert "/tokens\\* /attention\\*" in line


async def test_the_controls_of_a_card_stay_with_its_model(discord: Discord) -> None:
    """Also with the bot's own, where the server chose another; the default of one command leads to that of another."""
    before = await discord.command("sentiment", **TEXT)
    await chosen(discord, model="distilbert-classifier")
    typed = await discord.command("sentiment", model="bert-classifier", **TEXT)
    for card in (before, typed):
        assert model_of(discord, await discord.press(card, card.control("lens", "why"))) == "bert-classifier"
        form = await discord.press(card, card.control("whatif"))
        both: Any = result_of(discord, await discord.submit(card, form.form, "the dog sat"))
        assert "bert-classifier" in str(both)
    default = await discord.command("sentiment", **TEXT)
    assert model_of(discord, default) == "distilbert-classifier"
    lens = await discord.press(default, default.control("lens", "attention"))
    assert model_of(discord, lens) == "distilbert-classifier"


async def test_public_answers_are_in_the_language_of_the_server_and_private_ones_in_the_readers(
    discord: Discord,
) -> None:
    await chosen(discord, language="de")
    discord.locale = "fr"
    card = await discord.command("attention", layer=1, **TEXT)
    assert "### Aufmerksamkeit" in card.text
    assert "### Aufmerksamkeit" in (await discord.press(card, card.control("kind"), "grid")).text

    private = await discord.command("attention", layer=1, private=True, **TEXT)
    assert "### Attention · Une tête" in private.text
    assert "### Attention" in (await discord.press(private, private.control("kind"), "grid")).text
    shown = await discord.press(private, private.control("show"))
    assert not shown.private and "### Aufmerksamkeit" in shown.text
    assert "vide" in (await discord.command("tokens", text=" ")).text  # a refusal is for one person

    discord.person = BOB
    copy = await discord.press(card, card.control("kind"), "grid")
    assert copy.private and "Toutes les têtes" in copy.text


async def test_everything_in_another_language(discord: Discord) -> None:
    discord.locale = "de"
    said = await chosen(discord, model="gpt2", language="ja", private=True)
    assert "**Modell:** `gpt2` für" in said and "Japanisch" in said and "nur die Person" in said
    assert (await discord.labels("settings", "model", ""))["default"] == "default · Wie beim Bot voreingestellt"
    assert LANGUAGES.keys() == {"en", *(file.stem for file in TABLES.glob("*.toml"))}


async def test_all_models_are_completed(discord: Discord) -> None:
    assert {"default", "gpt2", "bert-classifier", "bundled/minilm"} <= {
        *await discord.complete("settings", "model", "")
    }
    assert await discord.complete("settings", "model", "distil") == ["distilbert-classifier"]


async def test_a_mistyped_model_is_edited(discord: Discord) -> None:
    refused = await discord.command("settings", model="bundled/mini-lm", theme="light")
    assert refused.text == f"{MARK}That model is not among those of this bot: did you mean bundled/minilm?"
    assert discord.bot.servers and not discord.bot.servers.servers()
    form = (await discord.press(refused, refused.control("edit"))).form
    sent = await discord.submit(refused, form, "bundled/minilm")
    assert sent.private and "`bundled/minilm` for `/sentiment`" in sent.text
    assert discord.bot.servers.of(int(GUILD)) == ServerSettings(model="bundled/minilm", theme="light")


async def test_who_does_not_manage_the_server_is_refused(discord: Discord) -> None:
    """Whatever the server's rules for commands say; and whoever may no longer do it sends no form either."""
    refused = await discord.command("settings", model="mini")
    form = (await discord.press(refused, refused.control("edit"))).form
    discord.permissions &= ~MANAGE_GUILD
    for exchange in (await discord.command("settings", private=True), await discord.submit(refused, form, "gpt2")):
        assert exchange.private and exchange.text == MARK + NOT_YOU
    assert (await discord.command("settings", dm=True, private=True)).text == MARK + NOT_YOU
    assert discord.bot.servers and not discord.bot.servers.servers()


async def test_a_model_that_is_there_no_more(offering: CoreSettings, settings: CoreSettings) -> None:
    servers = ServerStore({int(GUILD): ServerSettings(model="gpt2", language="tlh")})
    async with Core.open(settings) as core, Discord(core, lambda: servers).logged_in() as discord:
        said = await chosen(discord)
        assert "as the bot has it, for `gpt2` is no longer among those" in said and "language of the person" in said
        card = await discord.command("tokens", **TEXT)
        assert model_of(discord, card) == "bert-masked-lm"


async def test_what_cannot_be_kept_changes_nothing(core: Core) -> None:
    class Full(ServerStore):
        async def write(self, server: int, chosen: ServerSettings) -> None:
            raise NotKept

    async with Discord(core, Full).logged_in() as discord:
        refused = await discord.command("settings", private=True)
        assert refused.private and "could not be kept" in refused.text and "host" in refused.text
        assert not (await discord.command("tokens", **TEXT)).private


async def test_a_host_who_keeps_nothing_has_no_such_command(core: Core) -> None:
    async with Discord(core, lambda: None).logged_in() as discord:
        assert discord.bot.tree.get_command("settings") is None
        assert not (await discord.command("tokens", **TEXT)).private
