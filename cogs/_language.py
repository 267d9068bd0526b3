"""What people read, in their own language.

English is the source: what the code says is the key under which each table of `cogs/languages` has the same in another
language. What a table lacks stays English. A new language is a new table, named after Discord's code for it.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import discord
from discord import app_commands

from core.errors import CoreError

TABLES = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Language:
    """One language; called with a sentence, it says it.

    Attributes:
        code: As Discord begins the names of its locales, such as ``de``.
        names: Names of commands and options, by the English one.
        sentences: Everything else that people read, by the English sentence, with its fields in braces.
        signs: What stands in numbers in the place of ``,``, ``.`` and ``%``.
    """

    code: str = "en"
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    sentences: Mapping[str, str] = field(default_factory=dict[str, str])
    signs: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a table."""
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls(file.stem, table["names"], table["sentences"], table["signs"])

    def __call__(self, sentence: str, /, **values: Any) -> str:
        """Say a sentence, with its values in their places: numbers as one writes them in this language.

        A value called ``command`` is the name of a command. Without values, braces are ordinary signs.
        """
        said = self.sentences.get(sentence, sentence)
        return _Filling(self).vformat(said, (), values) if values else said

    def error(self, error: CoreError) -> str:
        """Say what an error says."""
        return self(error.sentence, **error.values)

    def name(self, name: str) -> str:
        """The name of a command or an option."""
        return self.names.get(name, name)

    def number(self, written: str) -> str:
        """A number that is written the English way, as one writes it in this language."""
        return written.translate(str.maketrans(dict(self.signs)))


ENGLISH = Language()


class _Filling(string.Formatter):
    """Puts values into a sentence."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        return self._language.name(value) if key == "command" else value

    def format_field(self, value: Any, format_spec: str) -> Any:
        written = super().format_field(value, format_spec)
        return self._language.number(written) if isinstance(value, int | float) else written


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
    """Tells Discord the names and descriptions of commands, options and choices in every language."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The translation of a string; none where it is to stay as it is."""
        language = self._languages.of(locale)
        table = language.names if is_name(context) else language.sentences
        return table.get(string.message)


def is_name(context: app_commands.TranslationContextTypes) -> bool:
    """Whether a string is the name of a slash command or an option, which Discord wants in lower case and one word."""
    where = app_commands.TranslationContextLocation
    if context.location is where.command_name:
        return not isinstance(context.data, app_commands.ContextMenu)
    return context.location in (where.group_name, where.parameter_name)
