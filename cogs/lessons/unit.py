"""The stops of /learn, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cogs.lessons.stop import Stop
from cogs.lessons.stops.attending import HEADS, SELF
from cogs.lessons.stops.directions import CAUSAL, CROSS
from cogs.lessons.stops.inside import POSITIONS, TRANSFORMER_BLOCK
from cogs.lessons.stops.looking_back import BOTTLENECK
from cogs.lessons.stops.numbers import QUERY_KEY_VALUE, SCALING
from cogs.lessons.stops.reading import GAP, PIECES, POSITIVE

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
