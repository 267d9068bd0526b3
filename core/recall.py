"""Recent results, kept so that the controls of an answer can draw it again without asking the device."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TypeAlias

from core.errors import Expired
from core.results import AttentionMap, Layered, Sentiment, Tokenization, Unmasked, Worked

Result: TypeAlias = Sentiment | Unmasked | Layered | Tokenization | AttentionMap | Worked

OVERHEAD = 4096
"""Bytes that a result without an array is taken to need."""


class Recall:
    """Keeps results up to a number of bytes; those not looked at for longest go first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Result] = OrderedDict()
        self._bytes = 0

    def keep(self, result: Result) -> str:
        """Keep a result and return the key that recalls it: 10 letters and digits."""
        key = secrets.token_hex(5)
        self._kept[key] = result
        self._bytes += _size(result)
        while self._bytes > self._capacity and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return key

    def get(self, key: str) -> Result:
        """The result kept under a key.

        Raises:
            Expired: It is no longer kept.
        """
        if key not in self._kept:
            raise Expired
        self._kept.move_to_end(key)
        return self._kept[key]


def _size(result: Result) -> int:
    return OVERHEAD + (result.weights.nbytes if isinstance(result, AttentionMap) else 0)
