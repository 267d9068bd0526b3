"""What the operating system lets this process use, and what the bot needs of that."""

from __future__ import annotations

import contextlib
import math

from bot.host.memory_limits import too_little_memory
from core.errors import Misconfigured

try:
    import resource
except ImportError:  # Windows, which has no such limits
    resource = None

NEEDED_FILES, WANTED_FILES = 256, 4096
"""Files and connections that may be open at once: a hundred to Discord, the shards', the devices', and what is read."""

TOO_FEW_FILES = (
    "This program may have {have} files open at once and needs {needed}: raise the limit, as with ulimit -n 1024, or "
    "with LimitNOFILE=1024 in its systemd unit."
)


def open_files() -> tuple[float, float]:
    """How many files may be open at once: now, and at most if this process asks for more."""
    if resource is None:
        return math.inf, math.inf
    soft, hard = (
        math.inf if limit == resource.RLIM_INFINITY else limit for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    return soft, hard


def ask_for_files() -> None:
    """Let this process have as many files open as it wants, as far as it may decide that itself."""
    soft, hard = open_files()
    if resource is not None and soft < WANTED_FILES:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with contextlib.suppress(OSError, ValueError):  # not allowed after all, as on some systems
            resource.setrlimit(resource.RLIMIT_NOFILE, (int(min(WANTED_FILES, hard)), most))


def check_limits(runner: str) -> None:
    """Ask for what is needed, and refuse to start where that is not to be had.

    Raises:
        Misconfigured: Too few files may be open, or there is too little memory to run any model in that way.
    """
    ask_for_files()
    if (files := open_files()[0]) < NEEDED_FILES:
        raise Misconfigured(TOO_FEW_FILES, have=files, needed=NEEDED_FILES)
    if sentence := too_little_memory(runner):
        raise Misconfigured(sentence)
