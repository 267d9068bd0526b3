"""The wheel, built and tried as a host would: in an environment of its own, in a folder with modules of the same names.

Nothing is fetched: the libraries are those of the environment that runs the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from bot.exit_codes import CONFIGURATION, UNREACHABLE
from core import __version__

pytestmark = pytest.mark.scale

ROOT = Path(__file__).parents[2]
SOURCES = ("bot", "cogs", "core", "tests", "training", "pyproject.toml", "README.md", "LICENSE")
USER = """
from core import Core, CoreSettings, __version__
from core.render import HeadView

async def links(text: str) -> list[str]:
    async with Core.open(CoreSettings.bundled()) as core:
        result = await core.attention(text)
        drawing = await core.draw(HeadView(result, layer=4, head=2))
        reveal_type(drawing.alt)
        reveal_type(result.weights)
        return [__version__, *(token.lower() for token in drawing.alt.split())]
"""


def run(*command: str | Path, folder: Path, codes: tuple[int, ...] = (0,), **environment: str) -> str:
    """What a program says on stdout."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pip", reason="This environment has no pip.")
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tree / name)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    run(*pip, "--wheel-dir", out, tree, folder=tree)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment in which the wheel is installed."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home)
    run(sys.executable, "-m", "pip", "--python", home, "install", "--no-deps", "--no-index", wheel, folder=home)
    libraries = next(home.glob("lib/python*/site-packages"))
    (libraries / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    return home / "bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a host keeps a bot of their own."""
    (tmp_path / "cogs").mkdir()
    for name in ("bot.py", "core.py", "cogs/__init__.py", "cogs/attention.py"):
        (tmp_path / name).write_text(f"raise SystemExit('this is the host\\'s own {name}')")
    return tmp_path


def test_the_wheel_has_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        *("bot", "cogs", "core"),
        f"attention_bot-{__version__}.dist-info",
    }
    assert {"bot/py.typed", "cogs/py.typed", "core/py.typed", "cogs/languages/de.toml"} <= set(names)
    assert "core/bundled/minilm/model.safetensors" in names and "bot/playground/static/index.html" in names
    assert not [name for name in names if "test" in name or "training" in name or name.endswith("fonts/prepare.py")]


def test_the_command_is_found_beside_modules_of_the_same_names(programs: Path, folder: Path) -> None:
    bot = programs / "attention-bot"
    assert run(bot, "--version", folder=folder) == f"attention-bot {__version__}\n"
    asked = "/attention text:The cat slept because it was tired"
    said = run(bot, "ask", asked, "--out", "pictures", folder=folder)  # the model runs in a child process
    assert "`it` looks most at `cat`" in said
    assert (folder / "pictures" / "attention.png").read_bytes().startswith(b"\x89PNG")
    lacking = (UNREACHABLE, CONFIGURATION)  # a network, or the token
    found = json.loads(run(bot, "doctor", "--json", folder=folder, codes=lacking, MODELS="bundled"))
    marks = {row["name"]: row["mark"] for row in found["rows"]}
    assert (marks["versions"], marks["models"], marks["device"]) == ("ok", "ok", "ok")


def test_replicas_on_ray_are_found_beside_modules_of_the_same_names(programs: Path, folder: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'attention-bot[ray]'")
    said = run(programs / "attention-bot", "ask", "/sentiment text:good", folder=folder, RUNNER="ray", CPU_THREADS="1")
    assert "POSITIVE" in said


def test_settings_are_written_once(programs: Path, folder: Path) -> None:
    run(programs / "attention-bot", "init", folder=folder)
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    run(programs / "attention-bot", "init", folder=folder, codes=(CONFIGURATION,))


def test_a_user_s_type_checker_sees_types(programs: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed.")
    (tmp_path / "script.py").write_text(USER)
    said = run(programs / "python", "-m", "mypy", "--strict", "script.py", folder=tmp_path)
    assert 'Revealed type is "str"' in said.replace("builtins.", "") and "ndarray" in said
    assert "Any" not in said.partition("ndarray")[0]
