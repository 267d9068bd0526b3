"""Every language says everything, and says it the way Discord takes it."""

from __future__ import annotations

from typing import Any

import discord as discord_py
import pytest
from discord import app_commands

from bot.client.errors import MARK
from cogs.languages import NAMES, TABLES, Languages
from core import Core
from core.language import Language
from core.render.kit.wording.words import percent
from tests.cogs.inprocess import Discord
from tests.said import fields, sentences

FILES = sorted(TABLES.glob("*.toml"))
EXAMPLES = {
    "sentiment": "I loved it.",
    "unmask": "The cat ___.",
    "write": "The cat",
    "tokens": "The cat",
    "attention": "The cat sat.",
}


class Noting(app_commands.Translator):
    """Notes what discord.py would have translated."""

    def __init__(self) -> None:
        self.sentences: set[str] = set()

    async def translate(self, string: Any, locale: Any, context: Any) -> None:
        if context.location not in NAMES:
            self.sentences.add(string.message)


@pytest.fixture
async def registered(discord: Discord) -> Noting:
    noting = Noting()
    for command in discord.bot.tree.get_commands():
        await command.get_translated_payload(discord.bot.tree, noting)
    return noting


def test_there_are_tables_for_discord_languages() -> None:
    codes = {code for locale in discord_py.Locale for code in (locale.value, locale.value.partition("-")[0])}
    assert {"de", "es", "fr", "ja"} <= {file.stem for file in FILES} <= codes - {"en"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_missing_and_nothing_is_stale(registered: Noting, file: Any) -> None:
    table, said = Language.load(file), {*sentences(), *registered.sentences}
    missing = "\n".join(f'"{text}" = ""' for text in sorted(said - table.sentences.keys()))
    assert not missing, f"{file.name}, [sentences]: add\n{missing}"
    stale = "\n".join(sorted(table.sentences.keys() - said))
    assert not stale, f"{file.name}, [sentences]: nothing says any more\n{stale}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_translations_keep_fields_and_say_something(file: Any) -> None:
    table = Language.load(file)
    for english, said in table.sentences.items():
        assert fields(english) == fields(said), f"{file.name}: {english}"
        assert said.strip() and said.count("`") == english.count("`") and said.count("*") == english.count("*"), said
    assert set(table.signs) == {",", ".", "%"}


@pytest.mark.parametrize("locale", ["de", "es-ES", "es-419", "fr", "ja"])
async def test_commands_are_registered_in_every_language(discord: Discord, locale: str) -> None:
    """But for their names. Discord's own rules for them are held against the local Discord in tests/wire."""
    (put,) = (request for request in discord.requests if request.method == "PUT")
    commands: list[Any] = list(put.body)
    for command in commands:
        assert not command.get("name_localizations")
        if command["type"] == 1:
            assert command["description_localizations"][locale] != command["description"]
            for option in command["options"]:
                assert 5 <= len(option["description_localizations"][locale]) <= 100
                assert not option.get("name_localizations")
    spoken = [(one["type"], one.get("name_localizations", {}).get(locale, one["name"])) for one in commands]
    assert len(set(spoken)) == len(spoken)


async def test_a_second_start_in_every_language_registers_nothing(core: Core) -> None:
    async with Discord(core).logged_in() as discord:
        from bot.client.sync import sync

        await sync(discord.bot.tree)
        assert [request.method for request in discord.requests if "commands" in request.path] == ["GET", "PUT", "GET"]


async def test_errors_are_told_in_the_language_of_whoever_acts(discord: Discord) -> None:
    discord.locale = "de"
    empty = await discord.command("tokens", text="   ")
    assert empty.text == f"{MARK}{discord.bot.languages.of('de')('That text is empty: write a sentence.')}"
    assert "empty" not in empty.text
    discord.locale = "pl"
    assert "That text is empty" in (await discord.command("tokens", text="   ")).text


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    languages = Languages.load()
    said = {code: languages.of(code)("{many:,} · {share:.1%}", many=12345, share=0.0625) for code in ("en-GB", "ja")}
    assert set(said.values()) == {"12,345 · 6.2%"}
    assert languages.of("de")("{many:,} · {share:.1%}", many=12345, share=0.0625) == "12.345 · 6,2\u00a0%"
    assert languages.of("fr")("{many:,} · {share:.1%}", many=12345, share=0.0625) == "12\u202f345 · 6,2\u202f%"
    assert languages.of("es-419") is languages.of("es-ES")
    assert percent(languages.of("de"), 0.0625) == "6,2\u00a0%"


def test_what_a_table_lacks_stays_english_and_braces_are_ordinary_without_values() -> None:
    language = Language("xx", {"Run /{command}.": "Nimm /{command}."}, {".": ","})
    assert language("Something new: {count}", count=1.5) == "Something new: 1,5"
    assert language("Run /{command}.", command="tokens") == "Nimm /tokens."
    assert language("A slot {a|b}") == "A slot {a|b}"


class Strict(Language):
    """A language that must not be asked for what it lacks."""

    def __call__(self, sentence: str, /, **values: Any) -> str:
        assert sentence in self.sentences
        return Language.__call__(self, sentence, **values)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_cards_and_what_their_controls_answer_speak_it(discord: Discord, file: Any) -> None:
    discord.locale = next(locale.value for locale in discord_py.Locale if locale.value.startswith(file.stem))
    discord.bot.languages = Languages([language := Strict.load(file)])
    for name, text in EXAMPLES.items():
        card = await discord.command(name, text=text)
        assert card.files and language("As text") in [part.get("label") for part in card.parts]
        for control in card.controls:
            options = card.controls[control].get("options", [])
            pressed = await discord.press(card, control, *(option["value"] for option in options[-1:]))
            assert MARK not in pressed.text and pressed.message, control
    heading = language("### A look inside transformers · version {version}").partition("{")[0]
    assert (await discord.command("info")).text.startswith(heading)
    assert (await discord.command("lab")).files


async def test_a_card_is_in_the_language_of_whoever_pressed_it_last(discord: Discord) -> None:
    discord.locale = "de"
    card = await discord.command("attention", text="The cat sat.", layer=1)
    assert "### Aufmerksamkeit" in card.text and "Schicht" in str(card.controls)
    discord.locale = "fr"
    pressed = await discord.press(card, card.control("kind"), "grid")
    assert "### Attention · Toutes les têtes" in pressed.text
