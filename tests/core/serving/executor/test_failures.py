"""What everybody in a batch is told when it fails or does not fit: only the guilty fail."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput, CoreError, DeviceFailed, ModelUnavailable, OutOfMemory
from core.serving.runners import RunnerDied, RunnerOutOfMemory
from tests.core.serving.executor.devices import Device, Way, batch_of, occupied, outcomes, running, submit_all


@pytest.mark.parametrize("bad", [{3}, {0, 7}, set(range(16))], ids=len)
@pytest.mark.parametrize(("error", "verdict"), [(ValueError("who knows"), DeviceFailed), (BadInput("No."), BadInput)])
async def test_a_bad_input_fails_alone(way: Way, bad: set[int], error: Exception, verdict: type[CoreError]) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if bad.intersection(payloads):
            raise error
        return payloads

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(16))
    assert all(type(result) is verdict if i in bad else result == i for i, result in enumerate(results))
    assert len(device.batches[0]) == 16


async def test_an_exception_among_the_results_fails_just_its_request(way: Way) -> None:
    refusal = BadInput("This one is not to my liking.")
    device = Device(lambda payloads: [{1: refusal, 2: KeyError("secret")}.get(x, x) for x in payloads])
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(4))
        assert results[0] == 0
        assert (type(results[1]), str(results[1])) == (BadInput, str(refusal))
        assert type(results[2]) is DeviceFailed
        assert "secret" not in str(results[2])
        assert results[3] == 3
        assert len(device.batches) == 1


async def test_what_fails_for_every_payload_is_not_split_and_tried_again(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        raise ModelUnavailable("The model is on holiday.")

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, range(8))
    assert all(type(result) is ModelUnavailable for result in results)
    assert len(device.batches) == 1


async def test_a_runner_that_miscounts_is_not_trusted_with_the_batch(way: Way) -> None:
    device = Device(lambda payloads: payloads[:1])
    async with running(way, device) as executor:
        assert await batch_of(executor, device, range(8)) == list(range(8))


async def test_a_batch_that_does_not_fit_is_split_and_the_next_ones_are_smaller_for_a_while(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if len(payloads) > 4:
            raise RunnerOutOfMemory
        return payloads

    device = Device(behave)
    async with running(way, device, budget=1024) as executor:
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        assert len(device.batches) == 15  # 1 of 32, 2 of 16, 4 of 8, 8 of 4
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        learnt = len(device.batches[0])
        assert 2 <= learnt <= 16
        device.behave = list
        for i in range(64):  # every batch that fits gives some room back
            await executor.submit("k", i, size=16)
        assert await batch_of(executor, device, range(32), size=16) == list(range(32))
        assert [len(batch) for batch in device.batches] == [32]


@pytest.mark.parametrize(("padded", "left"), [(True, 5 * 4 // 2), (False, (5 + 1 + 1 + 1) // 2)])
async def test_half_of_the_tokens_of_what_did_not_fit_may_come_next(way: Way, padded: bool, left: int) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if len(payloads) > 2:
            raise RunnerOutOfMemory
        raise BadInput("No.")  # what fails gives no room back

    device = Device(behave)
    async with running(way, device, budget=64) as executor:
        async with occupied(executor, device):
            tasks = [task for size in (5, 1, 1, 1) for task in submit_all(executor, [0], size=size, padded=padded)]
        await outcomes(tasks)
        assert executor.snapshot().budget == left
        assert len(device.batches[0]) == 4


async def test_a_request_that_does_not_fit_even_alone_is_told_so(way: Way) -> None:
    def behave(payloads: list[Any]) -> list[Any]:
        if "huge" in payloads:
            raise RunnerOutOfMemory
        return payloads

    device = Device(behave)
    async with running(way, device) as executor:
        results = await batch_of(executor, device, [1, "huge", 3])
    assert [results[0], type(results[1]), results[2]] == [1, OutOfMemory, 3]


def test_whatever_is_wrong_with_a_batch_exactly_the_guilty_fail(way: Way) -> None:
    @settings(max_examples=4 if way.name == "process" else 40, deadline=None)
    @given(
        count=st.integers(1, 40),
        bad=st.sets(st.integers(0, 39), max_size=4),
        deadly=st.sets(st.integers(0, 12).map(lambda i: 3 * i), max_size=4),
        room=st.integers(1, 40),
    )
    def exactly_the_guilty_fail(count: int, bad: set[int], deadly: set[int], room: int) -> None:
        def behave(payloads: list[Any]) -> list[Any]:
            if len(payloads) > room:
                raise RunnerOutOfMemory
            if deadly.intersection(payloads):
                raise RunnerDied
            if bad.intersection(payloads):
                raise BadInput("Bad.")
            return payloads

        async def main() -> list[Any]:
            device = Device(behave)
            async with running(way, device) as executor:
                return await batch_of(executor, device, range(count))

        for i, result in enumerate(asyncio.run(main())):
            expected = DeviceFailed if i in deadly else BadInput if i in bad else int
            assert type(result) is expected, (i, result)

    exactly_the_guilty_fail()
