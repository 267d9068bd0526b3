"""The log as JSON lines: every line can be read, and none holds what people wrote, nor the token."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import failures
from bot.monitoring.logs import JsonLines
from bot.playground import LocalDiscord
from tests.bot.process import IMAGINED, ended, online, started

SECRET = "what somebody wrote"


def failed() -> BaseException:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        return error


@pytest.mark.parametrize("message", ["plain", "two\nlines", 'a "quote"', "ü \u202e \u2028 \x00", "\ud800"])
def test_a_record_is_one_line(message: str) -> None:
    record = logging.LogRecord("cogs.tokens", logging.WARNING, "file", 1, "%s of 5", (message,), None)
    line = JsonLines().format(record)
    assert "\n" not in line and line.isascii()
    found = json.loads(line)
    assert found.keys() == {"time", "level", "logger", "message"}
    assert (found["level"], found["logger"], found["message"]) == ("WARNING", "cogs.tokens", f"{message} of 5")
    assert datetime.fromisoformat(found["time"]).timestamp() == pytest.approx(record.created, abs=0.001)
    assert datetime.fromisoformat(found["time"]).tzinfo == UTC


def test_an_exception_is_told_by_type_and_place_alone() -> None:
    error = failed()
    record = logging.LogRecord("bot", logging.ERROR, "file", 1, "no", (), (type(error), error, error.__traceback__))
    found = json.loads(JsonLines().format(record))
    assert found["error"] == "KeyError" and found["traceback"].endswith(" failed")
    assert SECRET not in str(found)


async def test_all_that_a_bot_says_is_json(tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord) -> None:
    given = {**tiny_models, "DISCORD_TOKEN": local.token, "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    async with started(tmp_path, "run", local=local, launch=IMAGINED, **given) as process:
        await online(process, local)
        local.faults.drop(4004)
        end = await ended(process)
    lines = [json.loads(line) for line in end.said.splitlines()]
    assert {"bot.running", "discord.gateway"} <= {line["logger"] for line in lines}
    assert (end.code, lines[-1]["message"], lines[-1]["level"]) == (78, failures.REJECTED, "CRITICAL")
    assert local.token not in end.said
