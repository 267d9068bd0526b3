"""What the bot needs of the computer. Each look gives what was found, a fix or nothing, and perhaps an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TypeAlias

from huggingface_hub import HfApi, constants
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HTTPError, RepositoryNotFoundError
from packaging.requirements import Requirement
from PIL import features

from bot.exit_codes import CONFIGURATION, NO_DEVICE, NO_MODEL, OK
from bot.settings import Settings
from core.commands import COMMAND_TASKS, COMMANDS
from core.errors import CoreError, Misconfigured
from core.models.hub import REFUSED
from core.models.metadata import read_metadata
from core.models.registry import ModelRegistry
from core.models.resolver import resolve_model
from core.models.snapshot import TEXT_FILES, WEIGHT_FILES, cached, on_disk, without
from core.results import ModelInfo

Found: TypeAlias = tuple[str, str, int]

GIB = 1 << 30
NEEDED_DISK = 3 * GIB
"""For the models of the Hub: 1.2 GB of files, twice while one is being replaced."""

INSTALL = "pip install 'attention-bot[bot]'"
"""Brings what is missing or too old; of what is installed already, the project too, nothing else is touched."""

MOST_NAMED = 3
"""Files of a broken download that are named."""

PROBE = """
import json, sys, torch
for name in sys.argv[1].split(","):
    name = name.strip()
    name = ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
    (torch.ones(8, device=name) * 2).sum().item()
    print(json.dumps(torch.cuda.get_device_name(name) if name.startswith("cuda") else name))
"""


def versions(settings: Settings) -> Found:
    """Whether Python and every package are of a version that was tested."""
    here = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    try:
        wanted = [Requirement(line) for line in requires("attention-bot") or []]
    except PackageNotFoundError:
        return here, "install the project, so that its versions are known: pip install '.[bot]' in its folder", OK
    wrong: list[str] = []
    for one in wanted:
        if one.marker is None or one.marker.evaluate({"extra": "bot"}):
            try:
                installed = version(one.name)
            except PackageNotFoundError:
                installed = "none"
            if installed == "none" or not one.specifier.contains(installed, prereleases=True):
                wrong.append(f"{one.name} {installed}")
    fix = f"{INSTALL}, for these do not fit: {', '.join(wrong)}" if wrong else ""
    return here, fix, OK


def fonts(settings: Settings) -> Found:
    """Whether pictures can show every script: Pillow's wheels join letters with the FriBiDi of the system."""
    if features.check("raqm"):
        return "every script", "", OK
    return (
        "letters are not joined, as Arabic and Hindi need it",
        "install FriBiDi: apt install libfribidi0, or brew install fribidi",
        OK,
    )


def models(settings: Settings) -> Found:
    """Whether the models are on the disk already."""
    try:
        unfit = _unfit(ModelRegistry(settings.core()))
        absent = _absent(settings)
    except Misconfigured as error:
        return "two have one name", str(error), CONFIGURATION
    except CoreError as error:
        return "one cannot be used", str(error), NO_MODEL
    if unfit:
        return "one does not fit its command", unfit, NO_MODEL
    if not absent:
        return _tokenizers(settings)
    broken = {model.name: files for model, files in absent.items() if files}
    found = f"{len(absent)} are not on the disk"
    if broken:
        found += "; not whole: " + ", ".join(f"{name} (lacks {', '.join(files)})" for name, files in broken.items())
    if constants.HF_HUB_OFFLINE:
        return found, "unset HF_HUB_OFFLINE for the next start, which fetches what is missing", NO_MODEL
    return f"{found}: the next start fetches what is missing", "", OK


async def hub(settings: Settings) -> Found:
    """Whether the Hub gives this bot the models that are not on the disk yet."""
    with contextlib.suppress(CoreError):  # what cannot be used at all was told before
        for model in _absent(settings):
            try:
                await asyncio.to_thread(HfApi(token=settings.hub_token or None).auth_check, model.name)
            except GatedRepoError:
                fix = f"accept the terms of {model.name} on its page of the Hub, and set HF_TOKEN"
                return f"{model.name} asks for its terms to be accepted", fix, NO_MODEL
            except RepositoryNotFoundError:
                fix = f"check the name {model.name}; if it is private, set HF_TOKEN to a token that may read it"
                return f"{model.name} is not shown to this bot", fix, NO_MODEL
            except HfHubHTTPError as error:
                refused = error.response.status_code in REFUSED
                found = "the Hub refuses HF_TOKEN" if refused else "the Hub does not answer as it should"
                return found, "set another HF_TOKEN" if refused else "try again later", NO_MODEL if refused else OK
            except (OSError, HTTPError):
                return "the Hub does not answer", "the first start needs it: check the network, or HF_ENDPOINT", OK
    return "nothing that is needed is closed to this bot", "", OK


def _tokenizers(settings: Settings) -> Found:
    """Whether the small files of models that are on the disk can be used, and are all that a tokenizer needs."""
    for model in chosen_models(settings):
        known = (folder := on_disk(model)) and read_metadata(folder)
        if known and known.unusable:
            return "one has a file that cannot be used", f"mend {known.unusable} of {model.name}", NO_MODEL
        if known and known.missing:
            return "one has no tokenizer that can be read", f"add {known.missing} for {model.name}", NO_MODEL
    return "all are on the disk", "", OK


def disk(settings: Settings) -> Found:
    """Whether there is room for the models."""
    free = shutil.disk_usage(_existing(Path(constants.HF_HUB_CACHE))).free
    with contextlib.suppress(CoreError):  # what cannot be used at all is told elsewhere
        if free < NEEDED_DISK and _absent(settings):
            return f"{free / GIB:.1f} GiB free", "make room, or set HF_HOME to a folder on another disk", OK
    return f"{free / GIB:.1f} GiB free", "", OK


def writable(settings: Settings) -> Found:
    """Whether models can be kept and temporary files made."""
    for folder, fix in (
        (_existing(Path(constants.HF_HUB_CACHE)), "set HF_HOME to a folder that this user can write to"),
        (Path(tempfile.gettempdir()), "set TMPDIR to a folder that this user can write to"),
    ):
        if not os.access(folder, os.W_OK):
            return "one folder is not", fix, OK
    return "cache and temporary files", "", OK


async def device(settings: Settings) -> Found:
    """Whether the device can compute; tried in a process of its own, for torch is not loaded in this one."""
    if settings.runner == "ray":
        if importlib.util.find_spec("ray") is None:
            return "Ray is not installed", "pip install 'attention-bot[ray]', or set RUNNER=process", CONFIGURATION
        return f"whatever Ray {version('ray')} gives each replica", "", OK
    if importlib.util.find_spec("torch") is None:
        return "torch is not installed", INSTALL, NO_DEVICE
    trial = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-c",
        PROBE,
        settings.device,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await trial.communicate()
    if trial.returncode:
        return (
            f"{settings.device} cannot be used",
            "set DEVICE=cpu, or mend the driver until nvidia-smi works",
            NO_DEVICE,
        )
    names = [json.loads(line) for line in said.splitlines()]
    idle = names == ["cpu"] and settings.device == "auto" and shutil.which("nvidia-smi")
    fix = "there is a GPU that torch cannot use: install a CUDA build of torch 2.11 to 2.15" if idle else ""
    return ", ".join(names), fix, OK


def chosen_models(settings: Settings) -> set[ModelInfo]:
    """All models that the settings name.

    Raises:
        CoreError: One of them is not to be had.
    """
    core = settings.core()
    names = (getattr(core, f"{command}_model") for command in COMMANDS)
    return {resolve_model(name) for name in (*names, *core.allowed_models)}


def _unfit(models: ModelRegistry) -> str:
    """How to mend a command whose model cannot answer it; nothing while no such model is on the disk."""
    for entry in models.entries(()):
        for command in entry.defaults:
            if command not in entry.commands and not (entry.missing or entry.unusable):  # which `_tokenizers` tells
                return f"set {command.upper()}_MODEL to a model for /{command}: {entry.model.name} is none"
    return ""


def _absent(settings: Settings) -> dict[ModelInfo, list[str]]:
    """The models that are not whole on the disk, each with what it lacks of a download that was broken off."""
    core = settings.core()
    run = {resolve_model(getattr(core, f"{command}_model")) for command in COMMANDS if COMMAND_TASKS[command]}
    run |= {resolve_model(name) for name in core.allowed_models}
    found: dict[ModelInfo, list[str]] = {}
    for model in sorted(chosen_models(settings), key=lambda model: model.name):
        wanted = TEXT_FILES + WEIGHT_FILES if model in run else TEXT_FILES
        if not on_disk(model, wanted):
            begun = any(cached(model, file) for file in TEXT_FILES)
            found[model] = without(model, wanted)[:MOST_NAMED] if begun else []
    return found


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())
