"""Registering commands: compare first, then at most one bulk overwrite.

Discord allows 200 new commands a day, and a bot that deletes and creates them one by one can end with none
(https://github.com/discord/discord-api-docs/blob/main/developers/interactions/application-commands.mdx).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

from cogs.requests.acknowledgement import REFUSALS

logger = logging.getLogger(__name__)

EVERYWHERE = frozenset({"contexts", "integration_types"})
"""What Discord keeps of commands that are registered everywhere, but not of those of one server."""

COMPARED = EVERYWHERE | {
    "name",
    "name_localizations",
    "type",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "nsfw",
}
OPTION_COMPARED = {
    "name",
    "name_localizations",
    "type",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
}


async def sync(tree: app_commands.CommandTree[Any], dev_guild: int = 0) -> None:
    """Bring Discord's list of commands up to date; a failure is a warning, for yesterday's commands still work.

    Args:
        tree: The commands as they should be.
        dev_guild: A server's id to register them in, and nowhere else; 0 registers them everywhere.
    """
    guild = discord.Object(dev_guild) if dev_guild else None
    count = len(tree.get_commands())
    if guild:
        tree.copy_global_to(guild=guild)
        tree.clear_commands(guild=None)
    try:
        changed = await _overwrite_if_different(tree, guild)
        if guild:  # that server would show those registered everywhere a second time
            await _overwrite_if_different(tree, None)
    except (discord.DiscordException, *REFUSALS) as error:
        reason = f"{type(error).__name__}: {error}"
        logger.warning("The commands could not be registered (%s). Those registered before still work.", reason)
        return
    logger.info("%d commands %s.", count, "registered" if changed else "are up to date")


async def _overwrite_if_different(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> bool:
    there, wanted = await _registered(tree, guild), await _wanted(tree, guild)
    compared = COMPARED - EVERYWHERE if guild else COMPARED
    if _normal(there, compared) == _normal(wanted, compared):
        return False
    await tree.sync(guild=guild)
    return True


async def _wanted(tree: app_commands.CommandTree[Any], guild: discord.Object | None = None) -> list[dict[str, Any]]:
    """The commands of a tree as they are sent to Discord, with their translations where the tree has a translator."""
    commands = tree.get_commands(guild=guild)
    if translator := tree.translator:
        return [await command.get_translated_payload(tree, translator) for command in commands]
    return [command.to_dict(tree) for command in commands]


async def _registered(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> list[dict[str, Any]]:
    """The commands that Discord has. discord.py has no way to ask for their translations too."""
    where = f"/guilds/{guild.id}" if guild else ""
    assert tree.client.application_id is not None  # known since the login
    route = Route("GET", f"/applications/{tree.client.application_id}{where}/commands")
    return await tree.client.http.request(route, params={"with_localizations": "true"})


def _normal(commands: Sequence[Any], compared: frozenset[str]) -> list[dict[str, Any]]:
    """What counts in a list of commands, whatever its order."""
    normal = [_normal_command(command, compared) for command in commands]
    return sorted(normal, key=lambda command: (command["type"], command["name"]))


def _normal_command(command: Any, compared: frozenset[str]) -> dict[str, Any]:
    """What counts in a command: Discord adds ids and defaults, and leaves out what is empty."""
    kept = {key: value for key, value in command.items() if key in compared and _matters(value)}
    kept.setdefault("type", 1)
    for key in EVERYWHERE & kept.keys():
        kept[key] = sorted(kept[key])
    if "options" in kept:
        kept["options"] = [_normal_option(option) for option in kept["options"]]
    if "default_member_permissions" in kept:
        kept["default_member_permissions"] = str(kept["default_member_permissions"])
    return kept


def _normal_option(option: Any) -> dict[str, Any]:
    kept = {key: value for key, value in option.items() if key in OPTION_COMPARED and _matters(value)}
    if "choices" in kept:
        kept["choices"] = [_normal_choice(choice) for choice in kept["choices"]]
    if "options" in kept:
        kept["options"] = [_normal_option(inner) for inner in kept["options"]]
    return kept


def _normal_choice(choice: Any) -> dict[str, Any]:
    translated = choice.get("name_localizations") or {}
    return {"name": choice["name"], "value": choice["value"], "name_localizations": translated}


def _matters(value: Any) -> bool:
    return value not in (None, False, "", [], {})
