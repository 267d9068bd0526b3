"""What holds the house together: who may load what, and that importing does nothing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.__main__ import MISSING
from bot.exit_codes import CONFIGURATION

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "cogs", "core")
HEAVY = ("core.tasks", "core.serving.runners.device", "core.attention", "core.positions")
"""What is made of torch."""

CROWDED = 16
"""Modules in one folder, at most: whoever looks for one reads all their names."""


def modules(room: str) -> list[str]:
    paths = (ROOT / room).rglob("*.py")
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths}
    return sorted(names)


LIGHT = [name for room in ROOMS for name in modules(room) if not name.startswith(HEAVY)]


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert not [folder for folder in folders if len(list(folder.glob("*.py"))) > CROWDED]


def run(code: str) -> list[str]:
    """The words that a program in a process of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def loaded_with(names: list[str]) -> set[str]:
    """The top-level modules that are loaded once these are imported."""
    program = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint(*sys.modules)"
    return {name.partition(".")[0] for name in run(program)}


def test_core_loads_neither_discord_nor_torch() -> None:
    assert not loaded_with([name for name in LIGHT if name.startswith("core")]) & {"discord", "torch", "transformers"}


def test_core_needs_nothing_that_only_the_bot_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {Requirement(line).name for line in project["optional-dependencies"]["bot"]}
    modules = {"discord.py": "discord", "prometheus-client": "prometheus_client", "python-dotenv": "dotenv"}
    missing = [modules.get(name, name) for name in sorted(brought)]
    assert "discord" in missing and "aiohttp" in missing
    names = [name for name in LIGHT if name.startswith("core")]
    run(
        f"import importlib, sys\nfor name in {missing}: sys.modules[name] = None\n"
        f"for name in {names}: importlib.import_module(name)"
    )


def test_a_bot_without_its_libraries_says_what_to_install() -> None:
    code = "import sys; sys.modules['discord'] = None; from bot.__main__ import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "play"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == CONFIGURATION
    assert done.stderr == MISSING.format(name="discord") + "\n"


def test_devices_start_before_anything_large_is_loaded() -> None:
    """They take longest, and on another core than the bot itself."""
    loaded = {*run("import sys, bot.command_line; print(*sys.modules)")}
    assert {"core.serving.devices", "core.serving.runners.process"} <= loaded
    assert not loaded & {"discord", "aiohttp", "cogs", "numpy", "PIL", "huggingface_hub", "core.render", "core.facade"}


def test_the_process_of_the_bot_loads_no_torch() -> None:
    loaded = loaded_with(LIGHT)
    assert {"discord", *ROOMS} <= loaded
    assert not loaded & {"torch", "transformers", "matplotlib", "scipy"}


@pytest.mark.parametrize(("room", "strangers"), [("core", {"discord", "bot", "cogs"}), ("cogs", {"bot", "torch"})])
def test_arrows_run_one_way(room: str, strangers: set[str]) -> None:
    """Also for imports inside functions."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & strangers, path


WATCH = """
import importlib, sys
for name in {names}: importlib.import_module(name)  # with all libraries; what those do is theirs
for name in [name for name in sys.modules if name.split(".")[0] in {rooms}]: del sys.modules[name]
TOUCHES = ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename", "os.putenv",
           "os.fork", "os.system", "_thread.start_new_thread")

def watch(event, args):
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if (writes and "__pycache__" not in str(args[0])) or event in TOUCHES:
        print(event, args[0])

sys.addaudithook(watch)
for name in {names}: importlib.import_module(name)
"""


def test_importing_does_nothing() -> None:
    """No file is written, no thread, process or connection is started."""
    assert run(WATCH.format(names=LIGHT, rooms=ROOMS)) == []


def names_at_module_level(path: Path) -> Iterator[str]:
    """The names that a module assigns when it is imported."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in filter(None, targets):
            yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


@pytest.mark.parametrize("room", ROOMS)
def test_modules_hold_constants_types_and_loggers_only(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for name in names_at_module_level(path):
            assert re.fullmatch(r"_?[A-Z]\w*|log|logger|__all__|__version__", name), f"{path.relative_to(ROOT)}: {name}"
