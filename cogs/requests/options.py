"""Options that several commands share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any, TypeAlias

import discord
from discord import app_commands

from cogs.cards.purposes import told_purpose
from cogs.cards.view_state import THEMES
from core.commands import Command, command_of
from core.quiz import KINDS
from core.reading.comparison import MAX_TOKENIZERS
from core.reading.tokenizers.words import WORD
from core.reading.validation import MAX_CHARACTERS, MAX_CHARACTERS_IN_WINDOWS

Text = app_commands.Range[str, 1, MAX_CHARACTERS]
"""What a person writes; Discord's own client holds the bounds."""

LongText = app_commands.Range[str, 1, MAX_CHARACTERS_IN_WINDOWS]
"""The same where a long text is read in windows."""

PRIVATE = "Whether only you see the answer; left out, everybody here does unless the server wants it otherwise"
"""Of the option of that name."""

MODEL = "Which model to ask; the list has those that fit"
"""Of the option of that name."""

WITH = "A second model, to see both answers to the same text side by side"
"""Of the option of that name."""

THEME = "A dark picture, or a light one"
"""Of the option of that name."""

IN_THEMES = app_commands.choices(theme=[app_commands.Choice(name=name, value=key) for key, name in THEMES.items()])
"""Gives a command with an option `theme` its choices."""

DEFAULT, AS_THE_BOT = "default", "As the bot has it"
"""What is typed to take back what a server chose, and what it is called."""

OFFERED = 25
"""The most choices that Discord shows while somebody types, each of at most `NAME` characters."""

NAME = 100


class ModelName(app_commands.Transformer):
    """The name of a model, completed from memory while it is typed. What it names is for the core to look up."""

    @property
    def min_value(self) -> int:
        """Characters."""
        return 1

    @property
    def max_value(self) -> int:
        """Characters."""
        return NAME

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> str:
        """The name as it was typed, without space around it."""
        return str(value).strip()

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Those models of the command whose names have in them what was typed, its own first; then those for that."""
        return _choices(_with(_fitting(interaction), value))


class AnyModelName(ModelName):
    """The name of a model, whatever it is for, or `DEFAULT`."""

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """The way back, and all models whose names or purposes have in them what was typed."""
        back = {DEFAULT: interaction.client.language(interaction)(AS_THE_BOT)}
        return _choices(_with(back | _fitting(interaction, "tokens"), value))  # every model cuts a text into tokens


class ModelNames(ModelName):
    """The names of several models, separated by commas; the last is completed."""

    @property
    def max_value(self) -> int:
        """Characters."""
        return MAX_TOKENIZERS * NAME

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """The names typed so far, each time with another one of the command's models behind.

        The model that is asked, which is compared in any case, is not among them.
        """
        models = _fitting(interaction)
        own = str(interaction.namespace.model or "").strip() or next(iter(models))
        *before, typed = re.split("[,;\n]", value)
        names = [name for name in dict.fromkeys(map(str.strip, before)) if name not in ("", own)]
        if len(names) + 1 >= MAX_TOKENIZERS:
            return []
        others = (name for name in models if name not in (own, *names) and _has(name, typed))
        return _choices({", ".join([*names, other]): models[other] for other in others})


class OtherModelName(ModelName):
    """The name of a second model."""

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """The same as of the first model, without that one itself."""
        models = _fitting(interaction)
        own = str(interaction.namespace.model or "").strip() or next(iter(models))
        return _choices(_with({name: told for name, told in models.items() if name != own}, value))


class QuizModelName(ModelName):
    """The name of a model that answers a kind of question."""

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """The models of the kind that was chosen, its own first; of no kind, all."""
        kind = KINDS.get(interaction.namespace.kind or "tokens")  # every model cuts a text into tokens
        return _choices(_with(_fitting(interaction, kind.command if kind else "tokens"), value))


class WordName(ModelName):
    """A word of the text that was typed; those there are, are offered."""

    async def autocomplete(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Words of the text that have in them what was typed, first those that start with it; repeated ones too."""
        seen, offered = Counter[str](), list[str]()
        for word in WORD.findall(str(interaction.namespace.text or "")):
            seen[word.casefold()] += 1
            count = seen[word.casefold()]
            offered.append(f"{word} ({count})" if count > 1 else word)
        typed = value.strip().casefold()
        offered.sort(key=lambda word: not word.casefold().startswith(typed))
        return _choices({word: "" for word in offered if _has(word, value)})


def _fitting(interaction: discord.Interaction[Any], command: Command | None = None) -> dict[str, str]:
    """The names of the models that fit a command, that which is typed, its own first, and what each is for."""
    assert interaction.command
    client = interaction.client
    say, models = client.language(interaction), client.models(interaction)
    fitting = models.for_command(command or command_of(interaction.command.name))
    return {model.name: told_purpose(say, models.kind(model)) for model in fitting}


def _with(told: Mapping[str, str], typed: str) -> dict[str, str]:
    """Those whose names have in them what was typed; then those for that."""
    named = {name: purpose for name, purpose in told.items() if _has(name, typed)}
    return named | {name: purpose for name, purpose in told.items() if _has(purpose, typed)}


def _has(name: str, typed: str) -> bool:
    return typed.strip().casefold() in name.casefold()


def _choices(told: Mapping[str, str]) -> list[app_commands.Choice[str]]:
    """What is offered: names, each with something about it where there is room for that."""
    fitting = [name for name in told if len(name) <= NAME]
    labels = [" · ".join(filter(None, [name, told[name]])) for name in fitting]
    rows = zip(fitting, labels, strict=True)
    return [
        app_commands.Choice(name=label if len(label) <= NAME else name, value=name)
        for name, label in islice(rows, OFFERED)
    ]


Model: TypeAlias = app_commands.Transform[str, ModelName]
QuizModel: TypeAlias = app_commands.Transform[str, QuizModelName]
AnyModel: TypeAlias = app_commands.Transform[str, AnyModelName]
OtherModel: TypeAlias = app_commands.Transform[str, OtherModelName]
Word: TypeAlias = app_commands.Transform[str, WordName]
Models: TypeAlias = app_commands.Transform[str, ModelNames]
