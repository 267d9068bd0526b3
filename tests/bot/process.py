"""The bot in a process of its own, as a host starts it, pointed at a local Discord."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.playground import LocalDiscord
from bot.playground.api.rest import PREFIX

ROOT = Path(__file__).parents[2]
LAUNCH = """
import sys, yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sys.argv[1], yarl.URL(sys.argv[2])
del sys.argv[1:3]
from bot.__main__ import main
sys.exit(main())
"""
IMAGINED = LAUNCH.replace(
    "from bot.__main__",
    """
import core.facade
from tests.stress.imagined import ImaginedDevice
core.facade.open_runners = lambda _: [ImaginedDevice(["word"], 1)]
from bot.__main__""",
)
"""The same with a device that answers at once with imagined results: torch, which takes seconds, is not loaded."""

PATIENCE = 300
"""Seconds; a hang must end some time."""


@dataclass(slots=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    said: str


@asynccontextmanager
async def started(
    folder: Path, *arguments: str, local: LocalDiscord | None = None, launch: str = LAUNCH, **environment: str
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Start ``python -m bot ARGUMENTS`` in a folder; without a local Discord there is no network at all.

    `launch` is a program that does so, given where Discord is.
    """
    base, gateway = (local.url + PREFIX, local.gateway.url) if local else ("http://127.0.0.1:9", "ws://127.0.0.1:9")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", launch, base, gateway, *arguments),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
        | {"DEVICE": "cpu", "RUNNER": "thread", "CPU_THREADS": "1", "REQUEST_SECONDS": "800", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> Ended:
    """Wait for its end."""
    async with asyncio.timeout(PATIENCE):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, said.decode())


async def online(process: asyncio.subprocess.Process, local: LocalDiscord, bots: int = 1) -> None:
    """Wait until it is online, the last of so many bots; fail with what it said if it ends instead, or hangs.

    With ``PYTHONFAULTHANDLER=1`` it then also says what each of its threads was doing.
    """
    everybody = local.until(lambda: len(local.gateway.sessions) >= bots)
    ready, dead = asyncio.create_task(everybody), asyncio.create_task(process.wait())
    await asyncio.wait({ready, dead}, timeout=PATIENCE / 3, return_when=asyncio.FIRST_COMPLETED)
    dead.cancel()
    if not ready.done():
        ready.cancel()
        if process.returncode is None:
            process.send_signal(signal.SIGABRT)
        raise AssertionError((await ended(process)).said)
    await local.online()
