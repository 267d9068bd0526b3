"""How much memory this process may take, found out before what takes it is imported: only the standard library is here.

A library that gets none mostly ends the process in its own words, or in none.
"""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path

try:
    import resource
except ImportError:  # Windows, which has no such limits
    resource = None

MIB = 1 << 20

LEAST_MEMORY = 900 * MIB
"""Bytes that the bot and its device's process take with the bundled models, libraries included."""

ADDRESS_SPACE = {"": 150 * MIB, "process": 1300 * MIB, "thread": 1800 * MIB}
"""Bytes of addresses that one process takes: to start; with a device in another process; with torch in the same."""

FOR_EACH_CORE = 48 * MIB
"""Bytes of addresses beside those: numpy reserves a stack and a buffer for each (OpenBLAS), or ends the process."""

TOO_LITTLE_MEMORY = (
    "This program may take {have} MiB of memory, and even the bundled models need about {needed}: raise the limit of "
    "its container or service."
)
TOO_LITTLE_SPACE = (
    "A process may have {have} MiB of addresses here, and this needs about {needed}: raise the limit, as with "
    "ulimit -v unlimited, or with LimitAS=infinity in its systemd unit."
)


def container_memory(groups: Path = Path("/sys/fs/cgroup"), mine: Path = Path("/proc/self/cgroup")) -> float:
    """Bytes that the control group of this process and those above it may take, of either version of these."""
    limits = [math.inf]
    with contextlib.suppress(OSError, ValueError):  # no control groups
        for line in mine.read_text(encoding="utf-8").splitlines():
            _, kinds, path = line.split(":", 2)
            if kinds in ("", "memory"):
                folder = groups / kinds / path.lstrip("/")
                limits += [_limit(one, kinds) for one in (folder, *folder.parents) if one.is_relative_to(groups)]
    return min(limits)


def _limit(group: Path, kind: str) -> float:
    try:
        limit = int((group / ("memory.limit_in_bytes" if kind else "memory.max")).read_text(encoding="ascii"))
    except (OSError, ValueError):  # not here: a container sees its own group at the top. Or none ("max")
        return math.inf
    return limit if limit < 1 << 60 else math.inf  # as version 1 says that there is none


def address_space() -> float:
    """Bytes of addresses that a process may have, which are more than it uses."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0] if resource else -1
    return math.inf if limit < 0 else limit


def allowed_memory() -> float:
    """Bytes of memory that this process may take, whatever limits it."""
    return min(container_memory(), address_space())


def too_little_memory(runner: str = "") -> str:
    """What to tell a host whose limits leave too little for a start, or to run models as set; else nothing."""
    needed = ADDRESS_SPACE.get(runner, ADDRESS_SPACE[""]) + FOR_EACH_CORE * (os.cpu_count() or 1)
    for have, least, sentence in (
        (address_space(), needed, TOO_LITTLE_SPACE),
        (container_memory(), LEAST_MEMORY if runner else 0, TOO_LITTLE_MEMORY),
    ):
        if have < least:
            return sentence.format(have=int(have) // MIB, needed=least // MIB)
    return ""
