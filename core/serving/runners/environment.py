"""Environment variables that a process has to be started with, because something reads them before any Python runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Mapping

LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Lets the GNU C library ask Linux for large memory pages: a model's weights lie in fewer of them, and the processor
looks up fewer addresses, for a short text in a tenth less time. Other systems and libraries pass it over. See
https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
"""


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Generator[None]:
    """Have some variables for the processes that are started meanwhile, but for those that somebody has set."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)  # another thread that starts a process may have been first
