"""Recent results, kept so that the controls of an answer can draw it again without asking the device."""

from __future__ import annotations

import pickle
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

from core.errors import Expired
from core.results import Result

T = TypeVar("T")

OBJECT_OVERHEAD = 5
"""About so many times as much memory as pickled do Python's small objects take."""


class ResultCache:
    """Keeps results up to a number of bytes; those not looked at for longest go first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Result] = OrderedDict()
        self._bytes = 0

    def keep(self, result: Result, key: str = "") -> str:
        """Keep a result, under `key` if it had one before; returns the key that recalls it, 10 hexadecimal digits."""
        key = key or secrets.token_hex(5)
        if key in self._kept:
            self._bytes -= size_of(self._kept.pop(key))
        self._kept[key] = result
        self._bytes += size_of(result)
        while self._bytes > self._capacity and len(self._kept) > 1:
            self._bytes -= size_of(self._kept.popitem(last=False)[1])
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


def size_of(result: Any) -> int:
    """About how many bytes of memory a result takes."""
    buffers: list[pickle.PickleBuffer] = []  # arrays: counted without being copied
    rest = pickle.dumps(result, protocol=5, buffer_callback=buffers.append)
    return OBJECT_OVERHEAD * len(rest) + sum(buffer.raw().nbytes for buffer in buffers)


def freeze(answer: T) -> T:
    """The same answer, of whose arrays, however deep in it, none can be written to any more: it is several people's."""
    parts: Any = ()
    if isinstance(answer, np.ndarray):
        answer.flags.writeable = False
    elif is_dataclass(answer):
        parts = [getattr(answer, field.name) for field in fields(answer)]
    elif isinstance(answer, Mapping):
        parts = answer.values()
    elif isinstance(answer, tuple | list):
        parts = answer
    for part in parts:
        freeze(part)
    return answer
