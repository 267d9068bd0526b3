"""A few hostile texts; `make fuzz` runs a hundred thousand."""

from __future__ import annotations

from tests.stress.fuzz import Fuzz


async def test_hostile_texts_raise_nothing_ping_nobody_and_fit() -> None:
    async with Fuzz.open(seed=6) as fuzz:
        assert not [(number, problem) for number in range(150) for problem in await fuzz.run(number)]
    assert min(fuzz.answers.values()) > 20 and len(fuzz.answers) == 3
