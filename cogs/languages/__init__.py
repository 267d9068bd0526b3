"""What people read, in their own language.

English is the source: what the code says is the key under which each table of `cogs/languages` has the same in another
language. What a table lacks stays English. A new language is a new table, named after Discord's code for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from core.language import ENGLISH, Language

TABLES = Path(__file__).parent

LANGUAGES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French", "ja": "Japanese"}
"""What the languages that there is a table for are called, and English."""

NAMES = (Location.command_name, Location.group_name, Location.parameter_name)
"""Where the name of a command or an option stands."""


class Languages:
    """All languages that there is a table for, and English."""

    def __init__(self, languages: Iterable[Language]) -> None:
        self._by_code = {language.code: language for language in languages}

    @classmethod
    def load(cls) -> Self:
        """Read every table."""
        return cls(Language.load(file) for file in sorted(TABLES.glob("*.toml")))

    def of(self, locale: discord.Locale | str) -> Language:
        """The language of a locale: ``es-ES`` and ``es-419`` share one, unless one of them has a table of its own."""
        code = str(locale)
        return self._by_code.get(code) or self._by_code.get(code.partition("-")[0]) or ENGLISH


class Translator(app_commands.Translator):
    """Tells Discord descriptions and choices in every language. Names are the same in all.

    In a client of another language Discord shows localised names instead of the English ones
    (https://discord.com/developers/docs/interactions/application-commands#localization): a class that is told to type
    ``/attention`` would not find it, and no help, recipe or mention of a command would match what it sees.
    """

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The translation of a string; none where it is to stay as it is."""
        return None if context.location in NAMES else self._languages.of(locale).sentences.get(string.message)
