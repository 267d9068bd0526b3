"""Every hostile folder, asked through the real tree with each command: ``python -m tests.stress.hostile``.

Prints a table of folder, command and verdict. Exit code 1: an answer was missing or unforeseen, code of a folder ran,
the bot's own process grew, or something was left on the disk or running.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.client.errors import MARK as REFUSED
from core import Core, CoreSettings
from core.serving.memory import held
from tests import tiny
from tests.cogs.inprocess import Discord, Exchange
from tests.stress import hostile_folders

COMMANDS = ("tokens", "sentiment", "unmask", "attention")
TEXTS = ("the cat sat on the [MASK] .", f"{'x' * 60} é🎉\u200d [MASK]")
"""One that anything reads, and one on which regular expressions and offsets go wrong."""

UNFORESEEN = "error id"
MOST_GROWTH = 100 << 20
"""Bytes that the bot's own process may grow by while it meets all the folders."""


class Tracebacks(logging.Handler):
    """Counts what is logged with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one, if it has a traceback or tells of something that nobody caught."""
        if record.exc_info or record.name == "asyncio":
            self.seen.append(record.getMessage())


@asynccontextmanager
async def opened(folders: Sequence[Path]) -> AsyncGenerator[tuple[Discord, Tracebacks]]:
    """A bot whose people may choose each of the folders, on a device in a process of its own."""
    settings = replace(CoreSettings.bundled(runner="process"), allowed_models=tuple(map(str, folders)), threads=1)
    tracebacks = Tracebacks()
    logging.getLogger().addHandler(tracebacks)
    try:
        async with Core.open(settings) as core, Discord(core, pause=0).logged_in() as discord:
            yield discord, tracebacks
    finally:
        logging.getLogger().removeHandler(tracebacks)


def verdict(exchange: Exchange, tracebacks: Tracebacks) -> tuple[str, bool]:
    """What a person was told, and whether that is as it should be."""
    seen, tracebacks.seen = tracebacks.seen, []
    said = exchange.message.get("content", "")
    if seen:
        return f"a traceback: {seen[0]}", False
    if exchange.files:
        return "an answer", True
    if not said.startswith(REFUSED):
        return "no answer", False
    return said.removeprefix(REFUSED), UNFORESEEN not in said


async def meet(discord: Discord, tracebacks: Tracebacks, folder: Path) -> list[tuple[str, str, bool]]:
    """Ask about one folder in every way: rows of command, verdict, and whether that is right."""
    rows: list[tuple[str, str, bool]] = []
    for command in COMMANDS:
        for text in TEXTS:
            exchange = await discord.command(command, text=text, model=folder.name)
            said, right = verdict(exchange, tracebacks)
            if (folder / hostile_folders.MARK).exists():
                said, right = "its code ran", False
            rows.append((command, said, right))
    return list(dict.fromkeys(rows))


async def hostile(work: Path, only: str = "") -> int:
    """Meet every folder and print what came of it."""
    tiny.build(work / "harmless")
    wrong = list[str]()
    folders = [
        folder
        for folder in hostile_folders.build(work / "harmless" / "bert-classifier", work / "hostile")
        if only in folder.name
    ]
    with tempfile.TemporaryDirectory() as left:
        tempfile.tempdir = left
        async with opened(folders) as (discord, tracebacks):
            before = held()
            for folder in folders:
                for command, said, right in await meet(discord, tracebacks, folder):
                    print(f"{folder.name:34} {command:10} {'' if right else 'WRONG '}{said}", flush=True)
                    wrong += [] if right else [f"{folder.name} {command}"]
            grown = held() - before
        leftovers = [*await asyncio.to_thread(os.listdir, left), *multiprocessing.active_children()]
        tempfile.tempdir = None
    wrong += ["the bot's process grew"] if grown > MOST_GROWTH else []
    wrong += [f"left: {left}" for left in leftovers]
    print(f"{len(folders)} folders; the bot's own process grew by {grown / 2**20:.0f} MiB")
    print(f"hostile: {'FAILED' if wrong else 'passed'}, {len(wrong)} wrong")
    return 1 if wrong else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.hostile", description=__doc__)
    parser.add_argument("--only", default="", help="folders with this in their name")
    with tempfile.TemporaryDirectory() as work:
        return asyncio.run(hostile(Path(work), parser.parse_args().only))


if __name__ == "__main__":
    sys.exit(main())
