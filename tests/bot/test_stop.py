"""A process that is told to stop answers what is at work, refuses what is new, and ends in good order."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.playground import LocalDiscord

from .process import IMAGINED, LAUNCH, PATIENCE, ended, online, started

TEXT = {"text": "the cat sat"}


@pytest.mark.parametrize(("number", "launch"), [(signal.SIGTERM, LAUNCH), (signal.SIGINT, IMAGINED)])
async def test_work_in_flight_is_answered(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, number: int, launch: str
) -> None:
    given = {**tiny_models, "DISCORD_TOKEN": local.token, "DRAIN_SECONDS": "50"}
    async with started(tmp_path, "run", local=local, launch=launch, **given) as process:
        await online(process, local)
        release = local.faults.hold("PATCH")
        running = await local.people.command("sentiment", TEXT).first()
        process.send_signal(number)
        assert process.stdout
        async with asyncio.timeout(PATIENCE):
            while b"Stopping: 1 requests" not in await process.stdout.readline():
                pass
        new = await local.command("tokens", TEXT, user="bob")
        release.set()
        await running.final()
        end = await ended(process)
    assert new.message and new.private and "restarting" in new.message["content"]
    assert running.message and running.message["components"] and running.steps == ["deferred", "edited"]
    assert (end.code, "Traceback" in end.said) == (0, False)


async def test_the_wait_is_bounded(tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord) -> None:
    given = {**tiny_models, "DISCORD_TOKEN": local.token, "DRAIN_SECONDS": "0"}
    async with started(tmp_path, "run", local=local, launch=IMAGINED, **given) as process:
        await online(process, local)
        release = local.faults.hold("PATCH")
        await local.people.command("sentiment", TEXT).first()
        process.send_signal(signal.SIGTERM)
        end = await ended(process)
        release.set()
    assert (end.code, "Traceback" in end.said) == (0, False)
