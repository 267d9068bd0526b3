"""Several texts in one: lines of an option, for Discord's desktop client has no key for a line break there; a pair."""

from __future__ import annotations

import re

SEPARATOR = re.compile(r"(?<![\\(;；])[;；]{2}(?![);；])")
"""``;;``, also as Japanese keyboards type it. ``for (;;)`` is none, nor is ``\\;;``."""


VERSUS = "[VS]"
"""What stands between the two texts of a minimal pair."""


def split_versions(text: str) -> tuple[str, ...]:
    """The two texts of a minimal pair, or the only text."""
    first, _, second = text.partition(VERSUS)
    both = first.strip(), second.strip()
    return both if all(both) else (text,)


def split_texts(text: str) -> tuple[str, ...]:
    """The texts that stand in one option, with ``;;`` or a line break between them; ``\\;;`` is only that."""
    parts = (part.strip() for line in text.splitlines() for part in SEPARATOR.split(line))
    return tuple(keep_separators(part) for part in parts if part)


def keep_separators(text: str) -> str:
    """A text without the backslashes that keep ``;;`` from being a separator."""
    return re.sub(r"\\([;；]{2})", r"\1", text)
