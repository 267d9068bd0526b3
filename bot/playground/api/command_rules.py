"""What Discord refuses when a bot registers commands, and how it stores them.

Source: https://discord.com/developers/docs/interactions/application-commands.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from bot.playground.api.rules import Problem
from bot.playground.payloads import Json

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING = 1, 2, 3
MOST = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}


def list_problems(commands: list[Json]) -> Iterator[Problem]:
    """Everything wrong with a list of commands."""
    kinds = Counter(kind_of(command) for command in commands)
    for kind, most in MOST.items():
        if kinds[kind] > most:
            yield "", f"At most {most} commands of type {kind}."
    names = Counter((kind_of(command), command["name"]) for command in commands)
    for (_, name), count in names.items():
        if count > 1:
            yield "", f"The command {name} is there {count} times."
    for index, command in enumerate(commands):
        for field, sentence in command_problems(command):
            yield f"{index}.{field}", sentence


def command_problems(command: Json) -> Iterator[Problem]:
    """Everything wrong with one command."""
    menu = kind_of(command) != SLASH
    yield from name_problems(command, menu=menu)
    if menu and (command.get("description") or command.get("options")):
        yield "description", "A context menu command has neither a description nor options."
    if not menu:
        yield from description_problems(command)
        yield from options_problems(command)
        if (size := _size(command)) > 8000:
            yield "", f"Names, descriptions and values have {size} characters in total; 8000 are allowed."


def options_problems(owner: Json) -> Iterator[Problem]:
    """Everything wrong with the options of a command, a group or a subcommand."""
    options: list[Json] = owner.get("options") or []
    if len(options) > 25:
        yield "options", "At most 25 options."
    nested = [option["type"] in (SUBCOMMAND, GROUP) for option in options]
    if any(nested) and not all(nested):
        yield "options", "Subcommands and plain options cannot be mixed."
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield "options", "Required options must be placed before non-required options."
    if len({option["name"] for option in options}) < len(options):
        yield "options", "Two options have the same name."
    for index, option in enumerate(options):
        found = (*name_problems(option, menu=False), *description_problems(option), *option_problems(option))
        yield from ((f"options.{index}.{field}", sentence) for field, sentence in found)


def option_problems(option: Json) -> Iterator[Problem]:
    """Everything wrong with what an option accepts."""
    choices: list[Json] = option.get("choices") or []
    if choices and option.get("autocomplete"):
        yield "autocomplete", "An option has either choices or autocomplete."
    if len(choices) > 25 or len({choice["name"] for choice in choices}) < len(choices):
        yield "choices", "At most 25 choices, with distinct names."
    named = [choice["name"] for choice in choices] + [
        text for choice in choices for _, text in _translations(choice, "name")
    ]
    if not all(1 <= len(name) <= 100 for name in named) or any(len(str(choice["value"])) > 100 for choice in choices):
        yield "choices", "Names and values of choices must be between 1 and 100 in length."
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        least, most = option.get(low), option.get(high)
        if least is not None and most is not None and least > most:
            yield high, f"Must not be less than {low}."
    yield from options_problems(option)


def name_problems(named: Json, *, menu: bool) -> Iterator[Problem]:
    """Names of slash commands and options are lower case without spaces, in every language."""
    for field, name in (("name", named["name"]), *_translations(named, "name")):
        if not 1 <= len(name) <= 32:
            yield field, "Must be between 1 and 32 in length."
        elif not menu and (name != name.lower() or not all(map(_may_stand_in_a_name, name))):
            yield field, "Only lower case letters, digits, - and _ may stand in a name."


def description_problems(described: Json) -> Iterator[Problem]:
    """Every slash command and option has a description."""
    text = described.get("description") or ""
    for field, description in (("description", text), *_translations(described, "description")):
        if not 1 <= len(description) <= 100:
            yield field, "Must be between 1 and 100 in length."


def kind_of(command: Json) -> int:
    """The type of a command; slash is the default."""
    return command.get("type") or SLASH


def stored(command: Json, guild_id: str | None) -> Json:
    """A command as Discord hands it back: defaults filled in, what is empty or false left out.

    Contexts and installs are the ones Discord materialises, so a bot that compares must name its own.
    """
    kept = _without_empty({key: value for key, value in command.items() if key != "dm_permission"})
    permissions = command.get("default_member_permissions")
    return {
        "contexts": None if guild_id else [0, 1, 2],
        "integration_types": [0],
        "nsfw": False,
        **kept,
        **({"guild_id": guild_id} if guild_id else {"dm_permission": 1 in (command.get("contexts") or [1])}),
        "type": kind_of(command),
        "description": command.get("description") or "",
        "default_member_permissions": None if permissions is None else str(permissions),
    }


def _without_empty(value: Any) -> Any:
    """Drop null, false, [] and {} at every depth; numbers stay, zero too."""
    if isinstance(value, list):
        return [_without_empty(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_empty(inner) for key, inner in cast(Json, value).items()}
    return {key: inner for key, inner in kept.items() if inner or type(inner) in (int, float, str)}


def _translations(of: Json, field: str) -> list[tuple[str, str]]:
    translated: dict[str, str] = of.get(f"{field}_localizations") or {}
    return [(f"{field}_localizations.{locale}", text) for locale, text in translated.items()]


def _may_stand_in_a_name(character: str) -> bool:
    """Letters and digits of any script, the marks that Devanagari and Thai need, and three signs."""
    return character in "-_'" or unicodedata.category(character)[0] in "LNM"


def _size(of: Json) -> int:
    """Characters in total; of a text and its translations the longest counts."""
    choices: list[Json] = of.get("choices") or []
    options: list[Json] = of.get("options") or []
    own = _longest(of, "name") + _longest(of, "description")
    return (
        own + sum(_longest(choice, "name") + len(str(choice["value"])) for choice in choices) + sum(map(_size, options))
    )


def _longest(of: Json, field: str) -> int:
    return max(len(of.get(field) or ""), *(len(text) for _, text in _translations(of, field)), 0)
