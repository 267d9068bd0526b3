"""Commands in the language of a person's client, and what was typed in it back in the words of the bot."""

from __future__ import annotations

from bot.playground import forms
from bot.playground.command_rules import SLASH
from bot.playground.payloads import LOCALE, Json
from bot.playground.world import Refused, World


def offered(commands: list[Json]) -> list[str]:
    """The languages that commands are translated into, after the one that they are written in."""
    translated = {locale for command in commands for locale in command.get("description_localizations") or {}}
    return [LOCALE, *sorted(translated - {LOCALE})]


def speak(world: World, user: Json, locale: str) -> None:
    """Set the language of a person's client.

    Raises:
        Refused: Nothing is translated into it.
    """
    if locale not in offered(world.available(world.server)):
        raise Refused(f"No command is translated into {locale}.")
    world.speaks[user["id"]] = locale


def shown(part: Json, locale: str) -> Json:
    """A command, option or choice, and all that is in it, in a language; ``key`` is its name in the bot's own."""
    said = {
        field: part[f"{field}_localizations"][locale]
        for field in ("name", "description")
        if locale in (part.get(f"{field}_localizations") or {})
    }
    inside = {field: [shown(one, locale) for one in part[field]] for field in ("options", "choices") if part.get(field)}
    return {**part, **said, **inside, **({"key": part["name"]} if "name" in said else {})}


def meant(commands: list[Json], locale: str, frame: Json) -> Json:
    """A frame of the page that names a command and options in a language, with the bot's own names."""
    seen = [shown(command, locale) for command in commands]
    for command, here in zip(commands, seen, strict=True):
        if frame.get("target_id") and command["type"] != SLASH and here["name"] == frame["name"]:
            return {**frame, "name": command["name"]}
    for slash, here in zip(forms.slash_commands(commands), forms.slash_commands(seen), strict=True):
        if here.name == frame["name"]:
            names = {mine["name"]: own["name"] for own, mine in zip(slash.options, here.options, strict=True)}
            options = {names.get(name, name): value for name, value in frame.get("options", {}).items()}
            focused = {"focused": names.get(frame["focused"], frame["focused"])} if "focused" in frame else {}
            return {**frame, "name": slash.name, "options": options, **focused}
    return frame
