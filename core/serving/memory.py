"""How much memory a process holds, and that it holds no more than it needs."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path


def held(process: int | str = "self") -> int:
    """Bytes of memory that a process holds for itself; 0 where it is gone, or the system (all but Linux) does not tell.

    Pages of files that it has mapped, such as weights that were copied long ago, are not counted: the system takes them
    back where memory is short.
    """
    try:
        _, resident, shared, *_ = map(int, Path(f"/proc/{process}/statm").read_text().split())
    except (OSError, ValueError):
        return 0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Give what was freed back to the system, where the C library can be told to (glibc): it keeps hundreds of MiB."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
