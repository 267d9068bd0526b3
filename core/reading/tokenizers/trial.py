"""A folder's tokenizer, read for the first time by a process of its own: what it does there, it does to nobody else.

Files may have the Rust library take minutes or all memory there is, or end its process. Some of that can be seen in
them (`core.reading.tokenizers.bounds`), the rest only by trying. Run as
``python -m core.reading.tokenizers.trial FOLDER``, by `try_out`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from multiprocessing.spawn import get_executable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from core.models.config_file import most_bytes, no_tokenizer
from core.reading.tokenizers.bounds import check_bounds, check_options

try:
    import resource
except ImportError:  # Windows, which has no such limits
    resource = None

logger = logging.getLogger(__name__)

SECONDS = 10.0
"""That it may take: a vocabulary of 250,000 entries takes one, on a small computer some."""

MIB = 1 << 20

MEMORY = 1024 * MIB
"""Bytes of address space that it may take, where the system limits that (Linux): that vocabulary takes half of it."""

KINDS = (".json", ".txt", ".model", ".jinja")
"""Files that a tokenizer is read from."""

ALONE = {"TOKENIZERS_PARALLELISM": "false", "OPENBLAS_NUM_THREADS": "1"}
"""Threads would take address space, more on larger computers."""

PROBES = (
    "The cat sat on the mat.",
    " before and  between and after ",
    "ÉCOLE naïve İstanbul Straße e\u0301",
    "日本語のテキスト 한국어",
    "great🎉 👩‍👩‍👧 ☃ ½ ﬁ №",
    "don't\nstop\tnow\r\n1,234.5 x²",
    "[MASK] <mask> <s></s> [SEP] <|endoftext|> [INST]",
    "नमस्ते مرحبا\u200b\u00a0שלום",
)
"""Texts on which tokenizers differ, if they do: case, accents, spaces, scripts, emoji, special tokens."""


async def try_out(model: str, folder: Path) -> None:
    """Have a process read the tokenizer in a folder, and `PROBES` with it. It ends with whoever waits for this.

    Raises:
        ModelUnavailable: That did harm there, such as taking too long, and the log says what.
    """
    environment = {**os.environ, **ALONE, "PYTHONPATH": os.pathsep.join(sys.path)}  # as multiprocessing does
    trial = await asyncio.create_subprocess_exec(
        *(get_executable(), "-P", "-m", __name__, str(folder)),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await trial.communicate()
        harm = said.decode("ascii") or f"its process ended with exit code {trial.returncode}"
    except TimeoutError:
        harm = f"it took longer than {SECONDS:.0f} s"
    finally:
        if trial.returncode is None:
            trial.kill()
            await trial.wait()
    if trial.returncode:
        logger.error("The tokenizer in %s is not used: %s", folder, harm)
        raise no_tokenizer(model)


def read_by_transformers(folder: Path) -> Any:
    """The tokenizer that transformers makes of a folder.

    Raises:
        Exception: It makes none; or, from the Rust library, a panic.
    """
    from transformers import AutoTokenizer, BertTokenizer

    auto: Any = BertTokenizer if _is_bare(folder) else AutoTokenizer
    return auto.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)


def _is_bare(folder: Path) -> bool:
    """Whether there is only a ``vocab.txt``, which is BERT's: no other file says so, and `AutoTokenizer` gives up."""
    names = {path.name for path in folder.iterdir()}
    return "vocab.txt" in names and not names & {"tokenizer.json", "config.json"}


def main() -> int:
    """Be the process: whatever it ends with but 0 is harm, and what it prints says which."""
    _limit()
    try:
        _try(Path(sys.argv[1]))
    except BaseException as error:
        print(ascii(f"{type(error).__name__}: {error}"[:200]), end="")
        return 1
    return 0


def _limit() -> None:
    """Take no more memory than `MEMORY`, no more time if who started this is gone, and leave no picture of a crash."""
    if resource is None:
        return
    for kind, most in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", int(SECONDS)), ("RLIMIT_CORE", 0)):
        limit = getattr(resource, kind)
        with contextlib.suppress(OSError, ValueError):  # there is a lower one, or the system (macOS) has none
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def _try(folder: Path) -> None:
    for path in (path for path in folder.glob("*") if path.suffix in KINDS and path.exists()):
        if not path.is_file():
            raise ValueError(f"its {path.name} is no file")
        if path.stat().st_size > (most := most_bytes(path.name)):
            raise ValueError(f"its {path.name} is larger than {most // MIB} MiB")
    check_options(folder)
    try:
        read = _read(folder)
    except MemoryError:
        raise
    except Exception:  # it did no harm, and whoever reads it next says what is wrong with it
        return
    check_bounds(read)
    for text in PROBES:
        read.encode(text)
        read.encode(text, text)


def _read(folder: Path) -> Tokenizer:
    """A tokenizer as the Rust library reads it alone, which takes a moment; else transformers, which takes a second."""
    with contextlib.suppress(Exception):
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    sys.modules["torch"] = None  # pyright: ignore[reportArgumentType] - it does without; loading it takes longest
    return read_by_transformers(folder).backend_tokenizer


if __name__ == "__main__":
    sys.exit(main())
