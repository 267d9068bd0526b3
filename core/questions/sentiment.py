"""What a text is like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowedText:
    """How does a classifier read a text that it has to read in windows? For the task "sentiment".

    Attributes:
        rows: The token ids of each window.
        weights: What each counts for.
    """

    rows: tuple[tuple[int, ...], ...]
    weights: tuple[int, ...]
