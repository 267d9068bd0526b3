"""How much memory a process holds."""

from __future__ import annotations

import os
from pathlib import Path


def resident(process: int | str = "self") -> int:
    """Bytes of memory that a process holds now; 0 where the system does not tell (only Linux does) or it is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
