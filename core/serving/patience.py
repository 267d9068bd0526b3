"""How long batches may take, while others wait for their end."""

from __future__ import annotations

from typing import NamedTuple

from core.serving.cost import Cost


class Patience(NamedTuple):
    """How long a batch of several requests may take: whoever comes next waits for its end.

    Attributes:
        seconds: So long, or
        enough: until its tokens take so many times its overhead; on a slow device it pays to share in any case.
    """

    seconds: float
    enough: float

    def tokens(self, cost: Cost) -> int:
        """The most tokens of such a batch."""
        return max(cost.tokens(self.seconds), int(self.enough * cost.overhead_tokens))


PATIENCE = Patience(0.15, 4.0)
CONTENDED = Patience(0.0, 1.5)
"""While a tenant alone has more waiting than a batch holds, and others ask, too: those wait for two batches.

Both together take five times the overhead, and a short text alone little more than once: the same ratio on any device.
"""

CONTENTION_WINDOW = 10.0
"""Seconds for which somebody else is believed to come again."""
