"""The stops of /learn, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cogs.lessons.attending import HEADS, SELF
from cogs.lessons.directions import CAUSAL, CROSS
from cogs.lessons.inside import POSITIONS, TRANSFORMER_BLOCK
from cogs.lessons.looking_back import BOTTLENECK
from cogs.lessons.numbers import QUERY_KEY_VALUE, SCALING
from cogs.lessons.reading import GAP, PIECES, POSITIVE
from cogs.lessons.stop import Stop

_IN_ORDER = (
    BOTTLENECK,
    QUERY_KEY_VALUE,
    SCALING,
    SELF,
    CAUSAL,
    CROSS,
    HEADS,
    POSITIONS,
    TRANSFORMER_BLOCK,
    PIECES,
    GAP,
    POSITIVE,
)

STOPS: Mapping[str, Stop] = MappingProxyType({stop.key: stop for stop in _IN_ORDER})
"""By their keys."""
