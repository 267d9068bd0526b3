"""What hosts, forges and package indexes read agrees with the rest."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from bot.settings import example
from core import __version__

ROOT = Path(__file__).parents[1]
ADDRESS = "https://forge.example/somebody/attention-bot"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FILES = [
    *(ROOT / ".github").rglob("*.yml"),
    *ROOT.glob("compose*.yaml"),
    ROOT / ".pre-commit-config.yaml",
    *(ROOT / "deploy").rglob("*.yml"),
]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def commands(workflow: str) -> list[str]:
    jobs = read(f".github/workflows/{workflow}.yml")["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


@pytest.fixture
def address() -> Any:
    spec = importlib.util.spec_from_file_location("address", ROOT / ".github" / "address.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_published_leads_back(address: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("README.md", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    address.main(ADDRESS, "v1")
    targets = re.findall(r"\]\(([^)]*)\)", (tmp_path / "README.md").read_text(encoding="utf-8"))
    assert all(target.startswith("https://") for target in targets)
    assert f"{ADDRESS}/raw/v1/docs/pictures/head.png" in targets and f"{ADDRESS}/blob/v1/docs/hosting.md" in targets
    for target in (target for target in targets if target.startswith(ADDRESS)):
        assert (ROOT / target.removeprefix(ADDRESS).split("/", 3)[3]).exists(), target
    published = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert published.pop("urls").keys() == {"Repository", "Documentation", "Changelog", "Issues"}
    assert published == PROJECT


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("[a](docs/a.md#b)", f"[a]({ADDRESS}/blob/v1/docs/a.md#b)"),
        ("![a](a.png)", f"![a]({ADDRESS}/raw/v1/a.png)"),
        ("[a](https://b.example) [c](#d)", "[a](https://b.example) [c](#d)"),
        ("a[0](b) `x[1]`", f"a[0]({ADDRESS}/blob/v1/b) `x[1]`"),
    ],
)
def test_links(address: Any, written: str, published: str) -> None:
    assert address.absolute(written, ADDRESS, "v1") == published


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_for_programs_can_be_read(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))


def test_every_version_of_python_that_is_promised_is_tested() -> None:
    named = re.findall(r":: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
    assert read(".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{minor}" for minor in range(9, 30) if f"3.{minor}" in allowed] == named
    for page in ("README.md", "CONTRIBUTING.md", "docs/hosting.md", "Makefile"):
        assert f"Python {named[0]} to {named[-1]}" in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_workflows_do_what_there_is_to_do() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    made = [word for command in commands("ci") for word in re.findall(r"^make ([\w-]+)", command, re.MULTILINE)]
    assert {"test", "check"} <= set(made) <= set(targets)
    assert f'__version__ = "{__version__}"' in (ROOT / "core" / "__init__.py").read_text(encoding="utf-8").splitlines()
    assert any("core/__init__.py" in command for command in commands("release"))


def test_containers_have_what_they_need() -> None:
    bot = read("compose.yaml")["services"]["bot"]
    assert bot["volumes"] == ["models:/models", "state:/state"] and "ENV" in (ROOT / "Dockerfile").read_text(
        encoding="utf-8"
    )
    assert bot["mem_limit"] and bot["healthcheck"]["test"] and bot["env_file"] == ".env"
    assert bot["environment"]["METRICS_PORT"] in bot["healthcheck"]["test"]
    ray = read("compose.ray.yaml")
    settings = {*re.findall(r"^(\w+)=", example(), re.MULTILINE)}
    for service in (bot, ray["services"]["bot"]):
        assert {key for key in service["environment"] if not key.startswith("RAY_")} <= settings
    assert ray["services"]["head"]["volumes"][0] == "models:/models"
    assert ray["networks"]["ray"] == {"internal": True} and ray["services"]["head"]["networks"] == ["ray"]
    assert not any("ports" in service for service in (bot, *ray["services"].values()))
