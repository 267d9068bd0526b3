"""One command line, one answer: the whole way through Discord's protocol and back, printed as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from bot.client.errors import MARK
from bot.playground.client.composer import parse
from bot.playground.client.forms import slash_commands
from bot.playground.client.reading import plain, read
from bot.playground.server import LocalDiscord
from bot.playground.world import Refused
from cogs.requests.progress import WAITING


async def ask(
    discord: LocalDiscord, line: str, out: Path | None = None, *, say: Callable[[str], object] = print
) -> int:
    """Send a line such as ``/attention text:The cat sat layer:2`` and print the answer.

    Args:
        discord: Where the bot is logged in.
        line: The command as people type it.
        out: A folder for the files of the answer; it is created. ``None`` saves none.
        say: Takes each piece of the output.

    Returns:
        0 if the bot answered; 1 if the command was refused or nothing came.
    """
    try:
        there = discord.world.available(discord.world.server, discord.world.person(None))
        slash, options = parse(line, list(slash_commands(there)))
        exchange = await discord.command(slash.name, options)
        while exchange.message and exchange.message["content"].startswith(WAITING):
            say(read(exchange.message))
            await exchange.further()
    except Refused as refused:
        say(plain(str(refused)))
        return 1
    if exchange.failed or not (exchange.message or exchange.modal):
        say(exchange.failed or "The bot took its answer back.")
        return 1
    if exchange.modal:
        say(plain(f"The bot opens a form: {exchange.modal['title']}. The page can fill it in."))
    for message in exchange.messages:
        say(read(message))
    if any(message["content"].startswith(MARK) for message in exchange.messages):
        return 1
    if out is not None:
        attachments = [attachment for message in exchange.messages for attachment in message["attachments"]]
        files = [(attachment["filename"], await discord.attachment(attachment["url"])) for attachment in attachments]
        for path in _save(files, out):
            say(f"Saved {path}")
    return 0


def _save(files: list[tuple[str, bytes]], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for name, data in files:
        safe = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "file"
        path = out / safe if out / safe not in saved else out / f"{len(saved)}-{safe}"
        path.write_bytes(data)
        saved.append(path)
    return saved
