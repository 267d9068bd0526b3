"""Which name somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LEAST = 3
"""Characters that say something by being part of a name."""


def nearest(typed: str, names: Iterable[str]) -> str:
    """The name spelt most like what was typed, or holding it; empty if none is. What stands before a ``/`` may lack."""
    wanted = typed.strip().casefold()
    spelt = {part.casefold(): name for name in names for part in (name.rpartition("/")[2], name)}
    holding = [part for part in spelt if wanted in part] if len(wanted) >= LEAST else []
    found = get_close_matches(wanted, spelt, 1) or holding
    return spelt[found[0]] if found else ""
