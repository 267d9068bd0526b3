"""What people write is in no panic of a library, as far as a host's log goes, and everything else is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.monitoring.native import SAID, SILENCE, passed_on
from tests.bot.process import ROOT, ended, started
from tests.stress.hostile_folders import CHANGES

SECRET = "the user's text"
BOUNDARY = f"byte index 3 is not a char boundary; it is inside 'é' (bytes 2..4) of `{SECRET}\nand {SECRET}`"
PANICS = (
    f"\nthread '<unnamed>' (77) panicked at src/normalizer.rs:12:34:\n{BOUNDARY}\nnote: run with `RUST_BACKTRACE=1`\n",
    f"thread 'main' panicked at /registry/index-1.2/src/normalizer.rs:12:34:\n{BOUNDARY}\n",
    f"thread '<unnamed>' panicked at '{BOUNDARY}', src/normalizer.rs:12:34\n",  # before Rust 1.73
    f"\nthread '<unnamed>' (77) panicked at src/normalizer.rs:12:34:\n{BOUNDARY}",  # whose end did not come
)


def written(*pieces: tuple[float, bytes]) -> str:
    return b"".join(passed_on(iter(pieces))).decode()


@given(st.sampled_from(PANICS), st.lists(st.integers(0, 400)), st.floats(0, SILENCE * 0.9))
def test_what_a_panic_says_is_left_out_however_it_comes(panic: str, cuts: list[int], pause: float) -> None:
    before = "libgomp: Thread creation failed\n"
    whole = (before + panic).encode()
    ends = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    said = written(*((n * pause, whole[a:b]) for n, (a, b) in enumerate(pairwise(ends))))
    assert said.startswith(before) and said.count("A library in Rust panicked") == 1
    assert SECRET not in said and "char boundary" not in said


@pytest.mark.parametrize("panic", PANICS)
def test_what_comes_later_is_said(panic: str) -> None:
    said = written((0.0, panic.encode()), (SILENCE * 2, b"corrupted size vs. prev_size\n"), (SILENCE * 3, b"and so on"))
    assert said.endswith("left out.\ncorrupted size vs. prev_size\nand so on")


NATIVE = """
import os, subprocess, sys
from bot.monitoring.native import without_panics
with without_panics():
    print("by Python", file=sys.stderr)
    os.write(2, b"by a library\\n")
    subprocess.run([sys.executable, "-c", "import sys; print('by a child', file=sys.stderr)"], check=True)
    os.write(2, sys.argv[1].encode() * 500)  # more than a pipe holds
    if sys.argv[2]:
        os.abort()
print("afterwards", file=sys.stderr)
os.write(2, b"by a library, afterwards\\n")
"""


def test_all_else_of_a_program_is_said() -> None:
    done = subprocess.run([sys.executable, "-c", NATIVE, PANICS[0], ""], cwd=ROOT, capture_output=True, check=True)
    lines = done.stderr.decode().splitlines()
    assert {*lines} == {
        "by Python",
        "by a library",
        "by a child",
        (SAID % b"src/normalizer.rs:12:34").decode().strip(),
        "",
        "afterwards",
        "by a library, afterwards",
    }
    assert lines[-2:] == ["afterwards", "by a library, afterwards"]


def test_what_is_said_last_is_said_though_the_program_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NATIVE, "malloc(): corrupted top size\n", "end"], cwd=ROOT, capture_output=True
    )
    assert done.returncode < 0
    assert done.stderr.decode().count("malloc(): corrupted top size\n") == 500


async def test_a_tokenizer_that_panics_leaves_no_word_in_the_log_of_the_bot(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "bert-classifier", tmp_path / "hostile")
    CHANGES["tokenizer-regex-without-end"](folder)
    command = f"/tokens text:{'x' * 60} model:hostile"
    environment = {"MODELS": "bundled", "ALLOWED_MODELS": str(folder), "RUST_BACKTRACE": "1"}
    async with started(tmp_path, "ask", command, **environment) as process:
        end = await ended(process)
    assert "The tokenizer of hostile fails on that text" in end.said and end.code == 1
    assert "The tokenizer of hostile panicked in encode." in end.said
    assert "A library in Rust panicked at /" in end.said
    assert "retry-limit" not in end.said and "backtrace" not in end.said, end.said
