"""Everything at once."""

import asyncio
import random
from typing import Any

import pytest

from core.errors import BadInput, Busy, CoreError, DeviceFailed, TimedOut
from core.serving.runners import RunnerDied, RunnerOutOfMemory
from tests.core.serving.executor.devices import Device, Way, running


@pytest.mark.parametrize("seed", range(5))
async def test_chaos_gives_everybody_exactly_one_verdict(way: Way, seed: int) -> None:
    """Three devices that fail in every way at random, and callers that leave, hurry or flood."""
    chance = random.Random(seed)

    def behave(payloads: list[Any]) -> list[Any]:
        match chance.randrange(12):
            case 0:
                raise RunnerOutOfMemory
            case 1:
                raise RunnerDied
            case 2:
                raise ValueError
            case 3:
                return [BadInput("Bad.") for _ in payloads]
            case _:
                return [2 * payload for payload in payloads]

    async def caller(number: int) -> Any:
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
        patience = chance.choice([None, None, 0.0, 0.002, 1.0])
        task = asyncio.create_task(
            executor.submit(
                chance.choice("ab"), number, size=chance.randint(1, 200), tenant=chance.randrange(9), timeout=patience
            )
        )
        if chance.random() < 0.1:
            await asyncio.sleep(0)
            task.cancel()
        return await task

    async with running(way, Device(behave), Device(behave), Device(behave), budget=256, capacity=4000) as executor:
        results = await asyncio.gather(*map(caller, range(800)), return_exceptions=True)
        assert executor.snapshot().tokens == 0
    for number, result in enumerate(results):
        assert result == 2 * number or isinstance(result, CoreError | asyncio.CancelledError), result
    if way.name == "thread":  # elsewhere fewer batches come to an end, and so to grief
        kinds = {int, BadInput, DeviceFailed, Busy, TimedOut, asyncio.CancelledError}
        assert {type(result) for result in results} >= kinds
