"""A start with less than the bot needs is refused in one sentence, and what this process may decide itself it does."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from bot.host import memory_limits
from bot.host.limits import WANTED_FILES
from bot.host.memory_limits import MIB, container_memory, too_little_memory

ROOT = Path(__file__).parents[3]


def under(limits: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m bot`` in a shell that has set limits for it."""
    script = f'{limits} && exec "$0" -m bot "$@"'
    return subprocess.run(
        ["/bin/bash", "-c", script, sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("files", [32, 64, 255])
def test_too_few_files_are_one_sentence(files: int) -> None:
    ended = under(f"ulimit -n {files}", "ask", "/info")
    assert ended.returncode == 78
    assert ended.stderr == (
        f"This program may have {files} files open at once and needs 256: raise the limit, as with ulimit -n 1024, or "
        "with LimitNOFILE=1024 in its systemd unit.\n"
    )


def test_more_files_are_asked_for_where_that_is_allowed() -> None:
    code = "import bot.host.limits as limits; limits.check_limits(''); print(int(limits.open_files()[0]))"
    script = f'ulimit -Sn 64 && exec "$0" -c "{code}"'
    ended = subprocess.run(
        ["/bin/bash", "-c", script, sys.executable], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) > 64
    assert int(ended.stdout) <= WANTED_FILES


@pytest.mark.parametrize("command", [("ask", "/info"), ("play",), ("run",), ("doctor",), ("commands",)])
@pytest.mark.parametrize("kilobytes", [40_000, 100_000, 190_000])
def test_addresses_that_not_even_the_libraries_have_room_for_are_one_sentence(
    kilobytes: int, command: tuple[str, ...]
) -> None:
    ended = under(f"ulimit -v {kilobytes}", *command)
    assert ended.returncode == 78
    assert ended.stderr.startswith(f"A process may have {kilobytes // 1024} MiB of addresses here, and this needs")
    assert ended.stderr.count("\n") == 1 and not ended.stdout


@pytest.mark.parametrize(("runner", "kilobytes"), [("process", 600_000), ("process", 1_200_000), ("thread", 1_700_000)])
def test_addresses_that_no_model_has_room_for_are_one_sentence(runner: str, kilobytes: int) -> None:
    ended = under(f"export RUNNER={runner}; ulimit -v {kilobytes}", "ask", "/info")
    assert ended.returncode == 78
    assert ended.stderr.startswith(f"A process may have {kilobytes // 1024} MiB of addresses here, and this needs")
    assert ended.stderr.count("\n") == 1 and not ended.stdout


def test_the_doctor_says_so_too() -> None:
    ended = under("ulimit -v 1000000", "doctor")
    assert "FAIL  memory        too little for any model\n" in ended.stdout
    assert "→ A process may have 976 MiB of addresses here" in ended.stdout


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/", {"memory.max": "536870912"}, 512),  # as a container sees its own
        ("0::/", {"memory.max": "max"}, math.inf),
        ("0::/system.slice/bot.service", {"system.slice/bot.service/memory.max": "536870912"}, 512),
        ("0::/a/b", {"a/memory.max": "536870912", "a/b/memory.max": "max", "memory.max": "1073741824"}, 512),
        ("3:cpu:/\n4:memory:/docker/7", {"memory/memory.limit_in_bytes": "536870912"}, 512),
        ("4:memory:/a\n0::/", {"memory/a/memory.limit_in_bytes": "536870912"}, 512),
        ("4:memory:/", {"memory/memory.limit_in_bytes": "9223372036854771712"}, math.inf),
        ("4:memory:/a", {}, math.inf),
        ("", {}, math.inf),
        ("nonsense", {"memory.max": "12"}, math.inf),
    ],
)
def test_a_container_s_or_service_s_limit_counts(
    groups: str, limits: dict[str, str], expected: float, tmp_path: Path
) -> None:
    for name, limit in limits.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{limit}\n")
    (tmp_path / "mine").write_text(f"{groups}\n")
    assert container_memory(tmp_path, tmp_path / "mine") == expected * MIB
    assert container_memory(tmp_path, tmp_path / "absent") == math.inf


def test_a_container_that_is_too_small_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_limits, "container_memory", lambda: 512.0 * MIB)
    assert too_little_memory("process").startswith("This program may take 512 MiB of memory, and even the bundled")
    assert too_little_memory() == ""  # the doctor, for one, has room
