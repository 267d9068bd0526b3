"""Whether there is room for the bot: memory and open files, as rows of ``attention-bot doctor``."""

from __future__ import annotations

import logging
import math
from pathlib import Path

from bot.exit_codes import CONFIGURATION, OK
from bot.host.computer import Found, chosen_models
from bot.host.limits import NEEDED_FILES, TOO_FEW_FILES, open_files
from bot.host.memory_limits import LEAST_MEMORY, MIB, allowed_memory, too_little_memory
from bot.settings import Settings
from core.errors import CoreError
from core.models.metadata import read_metadata
from core.models.snapshot import on_disk

logger = logging.getLogger(__name__)

GIB = 1 << 30

HUB_MEMORY = 1100 * MIB
"""Bytes that the four models of the Hub take in float32, where they are not on the disk yet."""


def files(settings: Settings) -> Found:
    """Whether as many files and connections may be open as are needed."""
    _, most = open_files()
    fix = TOO_FEW_FILES.format(have=most, needed=NEEDED_FILES) if most < NEEDED_FILES else ""
    return "no limit" if most == math.inf else f"{most:,.0f} may be open", fix, CONFIGURATION if fix else OK


def memory(settings: Settings) -> Found:
    """Whether the models that are set fit into the memory that there is for them."""
    if sentence := too_little_memory(settings.runner):
        return "too little for any model", sentence, CONFIGURATION
    free = min(_free_memory(), allowed_memory())
    needed = needed_memory(settings)
    found = f"the models need about {needed / GIB:.1f} GiB"
    if free == math.inf:
        return f"{found}; what is free is not known on this system", "", OK
    fix = "close other programs, raise this one's limit, or set MODELS=bundled" if free < needed else ""
    return f"{free / GIB:.1f} GiB free, {found}", fix, OK


def warn_of_memory(settings: Settings) -> None:
    """Say before models are loaded, one after the other, if they may not all fit."""
    found, fix, _ = memory(settings)
    if fix:
        logger.warning("Memory may not do, %s: %s.", found, fix)


def needed_memory(settings: Settings) -> int:
    """About how many bytes the bot, its libraries and all models that are set take when everything is loaded."""
    try:
        folders = [on_disk(model) for model in chosen_models(settings)]
    except CoreError:  # which is told elsewhere
        return LEAST_MEMORY
    known = sum(read_metadata(folder).memory() for folder in folders if folder)
    absent = HUB_MEMORY if None in folders else 0
    return LEAST_MEMORY + min(max(known, absent), settings.models_mib * MIB)


def _free_memory() -> float:
    """Bytes that programs can still get; Linux only."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return math.inf
