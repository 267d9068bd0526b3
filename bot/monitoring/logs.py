"""What the log looks like: text for people, or JSON lines for programs that collect logs. Neither holds user text."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

import discord

LIBRARIES = (("discord", logging.INFO), ("discord.http", logging.WARNING), ("aiohttp", logging.WARNING))
"""Loggers that are never heard below a level; discord.py logs whole payloads at DEBUG, which hold user text."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger and message; of an exception its type and where it was."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; an exception's own message is left out, for it may quote what people wrote."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and (error := record.exc_info[1]):
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = type(error).__name__
            line["traceback"] = "\n".join(f"{one.filename}:{one.lineno} {one.name}" for one in frames)
        return json.dumps(line)


def start_logging(level: str, form: str = "text") -> None:
    """Log to stderr from a level on, as `text` or `json`."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # this bot has no voice
    least = getattr(logging, level)
    if form == "json":
        discord.utils.setup_logging(level=least, root=True, formatter=JsonLines())
        logging.captureWarnings(True)  # else they would stand between the lines
    else:
        discord.utils.setup_logging(level=least, root=True)
    for name, own in LIBRARIES:
        logging.getLogger(name).setLevel(max(own, least))


def tell(sentence: str) -> None:
    """Say on stderr why the program ends, in the form of the log."""
    if any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers):
        logging.getLogger(__name__).critical("%s", sentence)
    else:
        print(sentence, file=sys.stderr)
