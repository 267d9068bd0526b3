"""Commands in the language of a person's client. Their names are the same in all: see `cogs.languages`."""

from __future__ import annotations

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
    if locale not in offered(world.available(world.server, user)):
        raise Refused("No command is translated into {locale}.", locale=locale)
    world.speaks[user["id"]] = locale


def shown(part: Json, locale: str) -> Json:
    """A command, option or choice, and all that is in it, in a language."""
    said = {
        field: part[f"{field}_localizations"][locale]
        for field in ("name", "description")  # of choices the name, of all others the description
        if locale in (part.get(f"{field}_localizations") or {})
    }
    inside = {field: [shown(one, locale) for one in part[field]] for field in ("options", "choices") if part.get(field)}
    return {**part, **said, **inside}
