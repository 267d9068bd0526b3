"""What a process holds, and the caches that would let it grow."""

from __future__ import annotations

import os

import pytest

from core.serving.devices import limit_primitives
from core.serving.memory import held

CACHES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")


def test_what_this_process_holds_grows_with_what_it_keeps() -> None:
    before = held()
    kept = b"x" * (400 << 20)  # so much that what other threads let go of meanwhile is little
    assert 300 << 20 < held() - before < 500 << 20 and kept
    assert held(0) == held("nobody") == 0


def test_compiled_operations_are_bounded_unless_the_host_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CACHES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    limit_primitives()
    assert [os.environ[name] for name in CACHES] == ["128", "128"]
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "7")
    limit_primitives()
    assert os.environ["LRU_CACHE_CAPACITY"] == "7"
