"""A start with less than the bot needs is refused in one sentence, and what this process may decide itself it does."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from bot.limits import LEAST_MEMORY, MIB, WANTED_FILES, allowed_memory

ROOT = Path(__file__).parents[2]


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
    code = "import bot.limits; bot.limits.check_limits(); print(int(bot.limits.open_files()[0]))"
    script = f'ulimit -Sn 64 && exec "$0" -c "{code}"'
    ended = subprocess.run(
        ["/bin/bash", "-c", script, sys.executable], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) > 64
    assert int(ended.stdout) <= WANTED_FILES


def test_too_little_memory_is_one_sentence() -> None:
    ended = under("ulimit -v 600000", "ask", "/info")
    assert ended.returncode == 78
    assert ended.stderr.startswith("This program may take 585 MiB of memory, and even the bundled models need about 9")
    assert ended.stderr.count("\n") == 1


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{512 * MIB}\n")
    assert allowed_memory(limit) == 512 * MIB < LEAST_MEMORY
    limit.write_text("max\n")
    assert allowed_memory(limit) == allowed_memory(tmp_path / "absent") == math.inf
