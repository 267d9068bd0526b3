"""Registering commands: compare first, then at most one bulk overwrite.

Discord allows 200 new commands a day, and a bot that deletes and creates them one by one can end with none
(https://github.com/discord/discord-api-docs/blob/main/developers/interactions/application-commands.mdx).
"""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

logger = logging.getLogger(__name__)

COMPARED = {
    "name",
    "type",
    "description",
    "options",
    "contexts",
    "integration_types",
    "default_member_permissions",
    "nsfw",
}
OPTION_COMPARED = {
    "name",
    "type",
    "description",
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
    if guild:
        tree.copy_global_to(guild=guild)
    try:
        changed = await _overwrite_if_different(tree, guild)
    except (discord.HTTPException, app_commands.AppCommandError, OSError) as error:
        logger.warning("The commands could not be registered (%s): those registered before still work.", error)
        return
    count = len(tree.get_commands(guild=guild))
    logger.info("%d commands %s.", count, "registered" if changed else "are up to date")


async def _overwrite_if_different(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> bool:
    client = tree.client
    if client.application_id is None:
        raise discord.ClientException("the application is not known before login")
    fetch = client.http.get_guild_commands if guild else client.http.get_global_commands
    there: list[Any] = await fetch(client.application_id, *([guild.id] if guild else []))
    wanted = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    if sorted(map(_normal, there), key=_identity) == sorted(map(_normal, wanted), key=_identity):
        return False
    await tree.sync(guild=guild)
    return True


def _normal(command: Any) -> dict[str, Any]:
    """What counts in a command: Discord adds ids and defaults, and leaves out what is empty."""
    kept = {key: value for key, value in command.items() if key in COMPARED and _matters(value)}
    kept.setdefault("type", 1)
    for key in ("contexts", "integration_types"):
        if key in kept:
            kept[key] = sorted(kept[key])
    if "options" in kept:
        kept["options"] = [_normal_option(option) for option in kept["options"]]
    if "default_member_permissions" in kept:
        kept["default_member_permissions"] = str(kept["default_member_permissions"])
    return kept


def _normal_option(option: Any) -> dict[str, Any]:
    kept = {key: value for key, value in option.items() if key in OPTION_COMPARED and _matters(value)}
    if "choices" in kept:
        kept["choices"] = [{"name": choice["name"], "value": choice["value"]} for choice in kept["choices"]]
    if "options" in kept:
        kept["options"] = [_normal_option(inner) for inner in kept["options"]]
    return kept


def _matters(value: Any) -> bool:
    return value not in (None, False, "", [])


def _identity(command: dict[str, Any]) -> tuple[int, str]:
    return command["type"], command["name"]
