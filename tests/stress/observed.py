"""``python -m bot run`` in a local Discord, with a line of figures in a file twice a second."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from bot import command_line, running
from bot.settings import Settings
from core import CoreSettings
from core.serving.memory import held

MIB = 1 << 20
TICK = 0.02
"""Seconds; how late such a sleep ends is the lag of the event loop."""


async def observed(settings: Settings) -> int:
    """Run the bot and watch its event loop, its memory and its device's process."""
    Settings.core = _small_stores
    watching = asyncio.create_task(_watch(Path(os.environ["FIGURES"])))
    try:
        return await run(settings)
    finally:
        watching.cancel()


async def _watch(file: Path) -> None:
    worst, written = 0.0, time.monotonic()
    while True:
        began = time.monotonic()
        await asyncio.sleep(TICK)
        now = time.monotonic()
        worst = max(worst, now - began - TICK)
        if now - written > 0.5:
            figures = {
                "at": now,
                "lag": worst,
                "mib": held() / MIB,
                "torch": "torch" in sys.modules,
                "devices": {p.pid: held(p.pid or 0) / MIB for p in multiprocessing.active_children()},
            }
            with file.open("a") as lines:
                lines.write(json.dumps(figures) + "\n")
            worst, written = 0.0, now


def _small_stores(self: Settings, *, bundled: bool = False) -> CoreSettings:
    """The host's settings with stores of so many MiB: they fill soon, and what grows after that is a leak."""
    mib = int(os.environ["STORES"])
    return replace(core(self, bundled=bundled), keep_mib=mib, repeats_mib=mib)


core = Settings.core
run = running.run
running.run = observed
main = command_line.main
