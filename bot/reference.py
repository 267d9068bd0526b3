"""``python -m bot commands``: the page docs/commands.md, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.client.bot import COGS, Bot
from bot.settings import Settings
from cogs.requests.server_settings import ServerStore
from core import Core, CoreSettings

HEAD = """\
# Commands

Made from the commands themselves by `python -m bot commands > docs/commands.md`.
"""
SLASH = 1
KINDS = {3: "text", 4: "whole number", 5: "True or False", 10: "number"}


async def reference() -> str:
    """The page. Nothing is loaded or fetched for it."""
    async with Core.open(CoreSettings()) as core:
        bot = Bot(core, Settings(), ServerStore())
        for name in COGS:
            await bot.load_extension(name)
        commands = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
        commands.sort(key=lambda command: (command["type"], command["name"]))
        pages = [line for command in commands for line in _command(command)]
    return "\n".join([HEAD, *pages]).rstrip() + "\n"


def _command(command: Any) -> Iterator[str]:
    yield f"## /{command['name']}" if command["type"] == SLASH else f"## {command['name']} (in the menu of a message)"
    yield ""
    if command.get("description"):
        yield command["description"]
        yield ""
    if options := command.get("options", []):
        yield "| option | what it takes | what it does |"
        yield "|---|---|---|"
        yield from (_option(option) for option in options)
        yield ""


def _option(option: Any) -> str:
    name = f"`{option['name']}`" + ("" if option.get("required") else " (may be left out)")
    takes = ", ".join([KINDS.get(option["type"], "a choice"), *_bounds(option)])
    if choices := option.get("choices"):
        takes = "one of: " + ", ".join(choice["name"] for choice in choices)
    does = re.sub(r"([\\|<])", r"\\\1", option["description"])  # in a cell of Markdown they would be taken for its own
    return f"| {name} | {takes} | {does} |"


def _bounds(option: Any) -> Iterator[str]:
    for least, most, unit in (("min_length", "max_length", " characters"), ("min_value", "max_value", "")):
        if option.get(most) is not None:
            yield f"{option.get(least, 0):,} to {option[most]:,}{unit}"
