"""Models of a device within a budget of memory: the least recently used gives way, what is in use never does."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.serving.runners.model_cache import ModelCache

SIZES = {"a": 3, "b": 4, "c": 5, "d": 11}


def cache_of(capacity: int, loaded: list[str]) -> ModelCache[str, str]:
    def load(key: str) -> str:
        loaded.append(key)
        if key == "broken":
            raise ValueError
        return key.upper()

    return ModelCache(capacity, load, lambda key: SIZES.get(key, 1))


@example(keys=["a", "b", "c"], capacity=10)  # the oldest is enough
@given(keys=st.lists(st.sampled_from(sorted(SIZES))), capacity=st.integers(1, 20))
def test_like_a_plain_list_of_what_was_used(keys: list[str], capacity: int) -> None:
    loaded: list[str] = []
    one = cache_of(capacity, loaded)
    model: OrderedDict[str, int] = OrderedDict()
    for key in keys:
        before = len(loaded)
        with one.lease(key) as thing:
            assert thing == key.upper()
        known = key in model
        while not known and model and sum(model.values()) + SIZES[key] > capacity:
            model.popitem(last=False)
        model[key] = SIZES[key]
        model.move_to_end(key)
        assert one.loaded == model
        assert len(loaded) - before == (not known)
        assert sum(one.loaded.values()) <= max(capacity, SIZES[key])


def test_what_is_in_use_stays() -> None:
    one = cache_of(7, [])
    with one.lease("a"), one.lease("b"):
        assert set(one.loaded) == {"a", "b"}
        with one.lease("c"):
            assert set(one.loaded) == {"a", "b", "c"}
            assert one.drop() == 0
    with one.lease("d"):
        assert set(one.loaded) == {"d"}


def test_what_cannot_be_loaded_leaves_no_trace() -> None:
    loaded: list[str] = []
    one = cache_of(100, loaded)
    for _ in range(2):
        with pytest.raises(ValueError), one.lease("broken"):  # noqa: PT011
            pass
    assert loaded == ["broken", "broken"] and not one.loaded
    with pytest.raises(KeyError), one.lease("a"):
        raise KeyError
    assert one.drop() == 1 and not one.loaded


class Selfish:
    """As models are: something in it stands for one of its methods."""

    def __init__(self) -> None:
        self.forward = self.__init__


def test_what_is_dropped_is_freed_at_once() -> None:
    made: list[weakref.ref[Selfish]] = []

    def load(_: str) -> Selfish:
        made.append(weakref.ref(one := Selfish()))
        return one

    cache = ModelCache[str, Selfish](100, load, lambda _: 60)
    gc.disable()
    try:
        for key in "abc":
            with cache.lease(key):
                pass
        assert [one() is None for one in made] == [True, True, False]
        cache.drop()
        assert made[-1]() is None
    finally:
        gc.enable()


def test_others_can_be_dropped() -> None:
    one = cache_of(100, [])
    for key in "abc":
        with one.lease(key):
            pass
    snapshot = one.loaded
    assert one.drop("b") == 2
    assert set(one.loaded) == {"b"} and set(snapshot) == set("abc")
