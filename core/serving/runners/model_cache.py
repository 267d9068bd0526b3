"""Models of one device: loaded at their first use, kept within a budget of bytes."""

from __future__ import annotations

import gc
import logging
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class ModelCache(Generic[K, T]):
    """Keeps what was loaded; what was not used for longest makes room for more, but never what is in use.

    It belongs to the thread that owns the device, and so loads one thing at a time.

    Args:
        capacity: Bytes for all together. What is in use may exceed them; what comes next then makes room.
        load: Loads a thing.
        size: About how many bytes that will take.

    Attributes:
        loaded: What is loaded, and how many bytes each takes. It is replaced, never changed: other threads may look.
    """

    def __init__(self, capacity: int, load: Callable[[K], T], size: Callable[[K], int]) -> None:
        self._capacity, self._load, self._size = capacity, load, size
        self._things: OrderedDict[K, tuple[T, int]] = OrderedDict()
        self._leased: list[K] = []
        self.loaded: Mapping[K, int] = {}

    @contextmanager
    def lease(self, key: K) -> Generator[T]:
        """A thing, loaded if it was not, that stays until the block ends. Whatever loading raises is passed on."""
        if key not in self._things:
            size = self._size(key)
            self._make_room(size)
            self._things[key] = self._load(key), size
            self._note()
        self._things.move_to_end(key)
        self._leased.append(key)
        try:
            yield self._things[key][0]
        finally:
            self._leased.remove(key)

    def drop(self, *kept: K) -> int:
        """Forget everything but `kept` and what is in use; returns how many there were."""
        dropped = [key for key in self._things if key not in kept and key not in self._leased]
        if dropped:
            self._forget(*dropped)
        return len(dropped)

    def _make_room(self, size: int) -> None:
        spare = [key for key in self._things if key not in self._leased]
        while spare and sum(self.loaded.values()) + size > self._capacity:
            logger.info("A model gives way to another that needs %d MiB.", size >> 20)
            self._forget(spare.pop(0))

    def _forget(self, *keys: K) -> None:
        for key in keys:
            del self._things[key]
        self._note()
        gc.collect()  # models refer to themselves, so that nothing else frees them at once

    def _note(self) -> None:
        self.loaded = {key: size for key, (_, size) in self._things.items()}
