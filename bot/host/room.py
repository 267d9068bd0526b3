"""Whether there is room for the bot: memory and open files, as rows of ``attention-bot doctor``."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from pathlib import Path

from bot.exit_codes import CONFIGURATION, NO_MODEL, OK
from bot.host.computer import Found
from bot.host.limits import NEEDED_FILES, TOO_FEW_FILES, open_files
from bot.host.memory_limits import LEAST_MEMORY, MIB, allowed_memory, too_little_memory
from bot.settings import Settings
from core.commands import COMMAND_TASKS, COMMANDS
from core.errors import CoreError
from core.models.metadata import read_metadata
from core.models.resolver import resolve_model
from core.models.snapshot import TEXT_FILES, WEIGHT_FILES, on_disk
from core.results import ModelInfo

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
    """Whether the models that are set fit into the memory that there is for them, and into what they may take."""
    if sentence := too_little_memory(settings.runner):
        return "too little for any model", sentence, CONFIGURATION
    loaded, most = _loaded(settings), settings.models_mib
    for (command, model), size in loaded.items():
        if size and size // MIB > most:  # as `core.models.hub` refuses it
            found = f"{model.name} needs about {size // MIB:,} MiB, and MODELS_MIB leaves {most:,}"
            return found, "raise MODELS_MIB, or choose a smaller model", NO_MODEL if command else OK
    free = min(_free_memory(), allowed_memory())
    needed = _needed(loaded, most)
    found = f"the models need about {needed / GIB:.1f} GiB"
    if free < needed:
        fix = "close other programs, raise this one's limit, or set MODELS=bundled"
        return f"{free / GIB:.1f} GiB free, {found}", fix, OK
    if (together := math.ceil(sum(filter(None, loaded.values())) / MIB)) > most:
        found = f"the models need about {together:,} MiB together, and MODELS_MIB leaves {most:,}: they take turns"
        return found, "raise MODELS_MIB, or choose smaller models, so that none waits while another is loaded anew", OK
    if free == math.inf:
        return f"{found}; what is free is not known on this system", "", OK
    return f"{free / GIB:.1f} GiB free, {found}", "", OK


def warn_of_memory(settings: Settings) -> None:
    """Say before models are loaded, one after the other, if they may not all fit."""
    found, fix, _ = memory(settings)
    if fix:
        logger.warning("Memory may not do, %s: %s.", found, fix)


def _needed(loaded: Mapping[tuple[str, ModelInfo], int | None], most: int) -> int:
    """About how many bytes the bot, its libraries and all models take when everything is loaded; `most` are MiB."""
    sizes = loaded.values()
    absent = HUB_MEMORY if None in sizes else 0
    return LEAST_MEMORY + min(max(sum(filter(None, sizes)), absent), most * MIB)


def _loaded(settings: Settings) -> dict[tuple[str, ModelInfo], int | None]:
    """About how many bytes each model takes for each command; without one, those that are loaded when they are chosen.

    ``None`` is for what is not on the disk yet. Where one is not to be had, which is told elsewhere, nothing is known.
    """
    core = settings.core()
    try:
        defaults = [(name, resolve_model(getattr(core, f"{name}_model"))) for name in COMMANDS if COMMAND_TASKS[name]]
        allowed = [("", resolve_model(name)) for name in core.allowed_models]
    except CoreError:
        return {}
    chosen = {model for _, model in defaults}
    sizes = dict[tuple[str, ModelInfo], int | None]()
    for command, model in (*defaults, *(one for one in allowed if one[1] not in chosen)):
        folder = on_disk(model, TEXT_FILES + WEIGHT_FILES)
        known = read_metadata(folder) if folder else None
        shared = command == "unmask" and known and known.kind == "decoder"  # it fills gaps as it writes
        sizes["write" if shared else command, model] = known.memory() if known else None
    return sizes


def _free_memory() -> float:
    """Bytes that programs can still get; Linux only."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return math.inf
