"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.scale import table
from bot import exit_codes
from bot.reference import reference
from bot.settings import example

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PROMISES = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (DOCS / "security.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "test"), PROMISES)
def test_each_promise_has_its_test(file: str, test: str) -> None:
    written = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {test or 'test_'}", written, re.MULTILINE)


def test_no_promise_stands_alone() -> None:
    lines = (DOCS / "security.md").read_text(encoding="utf-8").splitlines()
    promises = [line for line in lines if line.startswith("| ") and not line.startswith("| promise")]
    assert promises and all("`tests/" in line for line in promises)


async def test_the_page_of_commands_is_current() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == await reference()


async def test_every_row_of_a_table_of_commands_has_three_cells() -> None:
    rows = [line for line in (await reference()).splitlines() if line.startswith("| ")]
    assert rows and all(len(re.split(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert any(r"\\{ is only a brace" in row for row in rows)  # shown as it is typed


def test_every_exit_code_is_explained() -> None:
    page = (DOCS / "hosting.md").read_text(encoding="utf-8")
    codes = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert codes == {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}


def test_the_guide_names_settings_that_exist() -> None:
    page = (DOCS / "hosting.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^(\w+)=", example(), re.MULTILINE))
    forms = {f"{name}_FILE" for name in known}
    others = {"HF_HOME", "PIP_EXTRA_INDEX_URL", "GOMP_SPINCOUNT"}
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)\b", page))
    assert named <= known | forms | others


def test_the_container_ends_when_told_and_runs_as_nobody_special() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines[-1].startswith('CMD ["python"')  # exec form: the shell would keep the signal to itself
    assert "USER bot" in lines


def test_the_table_of_what_many_servers_need_is_current() -> None:
    assert table() in (DOCS / "scaling.md").read_text(encoding="utf-8")
