"""Rounds without Discord: guesses counted, edits bounded, ends. The clock goes only when a test says so."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.rounds.rounds import MOST_GUESSES, MOST_OF_ONE, MOST_ROUNDS, Round, Rounds, RoundsFull
from tests.clock import StoppedClock

KEY = "0123456789"
STEPS = st.lists(
    st.one_of(st.tuples(st.integers(0, 9), st.integers(0, 3)), st.sampled_from([0.0, 0.25, 0.75, 1.0, 5.0])),
    max_size=60,
)


class Table:
    """One round under way, and how often its count was shown and it ended."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.rounds = Rounds(self.clock)
        self.shown: list[tuple[float, int]] = []
        self.ended = 0
        self.free = asyncio.Event()
        self.free.set()
        self.round = self.rounds.begin(KEY, 7, 60, "alice", self.show, self.end)

    async def show(self) -> None:
        self.shown.append((self.clock.time(), len(self.round.guesses)))
        await self.free.wait()

    async def end(self) -> None:
        self.ended += 1

    async def pass_by(self, seconds: float = 0.0) -> None:
        self.clock.advance(seconds)
        for _ in range(5):
            await asyncio.sleep(0)


@given(steps=STEPS)
async def test_no_guess_is_lost_and_the_count_is_shown_at_most_once_a_second(
    steps: list[tuple[int, int] | float],
) -> None:
    table, guesses = Table(), dict[int, int]()
    for step in steps:
        if isinstance(step, tuple):
            table.round.guess(*step)
            guesses[step[0]] = step[1]
        elif table.clock.time() + step < 60:
            await table.pass_by(step)
    await table.pass_by(1)
    assert table.round.guesses == guesses
    assert table.round.tally(4) == [[*guesses.values()].count(option) for option in range(4)]
    moments = [moment for moment, _ in table.shown]
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
    assert (table.shown[-1][1] if table.shown else 0) == len(guesses)


async def test_an_edit_that_takes_long_is_not_overtaken() -> None:
    table = Table()
    table.free.clear()
    table.round.guess(1, 0)
    await table.pass_by()
    table.round.guess(2, 0)
    await table.pass_by(30)
    assert table.shown == [(0, 1)]
    table.free.set()
    await table.pass_by()
    await table.pass_by()
    assert table.shown == [(0, 1), (30, 2)]


async def test_a_changed_guess_is_one_and_shown_no_further_time() -> None:
    table = Table()
    table.round.guess(1, 0)
    await table.pass_by(5)
    table.round.guess(1, 3)
    await table.pass_by(5)
    assert table.round.tally(4) == [0, 0, 0, 1] and len(table.shown) == 1


async def test_a_round_that_is_forgotten_ends_by_itself_once() -> None:
    table = Table()
    await table.pass_by(59.9)
    assert not table.ended
    await table.pass_by(0.1)
    assert table.ended == 1
    await table.pass_by(1000)
    assert table.ended == 1


async def test_what_has_ended_is_over_and_does_nothing_more() -> None:
    table = Table()
    table.round.guess(1, 2)
    with table.rounds.ending(KEY) as ended:
        assert ended is table.round and table.rounds.is_over(KEY) and table.rounds.get(KEY) is None
    await table.pass_by(100)
    assert not table.shown and not table.ended and not table.clock.waiting


async def test_a_round_whose_end_fails_goes_on_as_it_was() -> None:
    table = Table()
    table.round.guess(1, 2)
    with pytest.raises(OSError, match="no network"), table.rounds.ending(KEY):
        raise OSError("no network")
    assert table.rounds.get(KEY) is table.round and not table.rounds.is_over(KEY)
    await table.pass_by()
    assert table.shown == [(0, 1)]  # what was to be shown is not forgotten either
    table.round.guess(2, 2)
    await table.pass_by(60)
    assert table.round.tally(3) == [0, 0, 2] and table.shown[-1][1] == 2 and table.ended == 1


@pytest.mark.parametrize("passed", [0, 5])
async def test_a_round_whose_end_fails_late_ends_by_itself_all_the_same(passed: float) -> None:
    async def fail() -> None:
        with table.rounds.ending(KEY):
            await table.pass_by(passed)
            assert not table.ended  # one end at a time
            raise OSError("no network")

    table = Table()
    await table.pass_by(58)
    with pytest.raises(OSError, match="no network"):
        await fail()
    await table.pass_by(0 if passed else 1.9)
    assert table.ended == bool(passed)
    await table.pass_by(1)
    assert table.ended == 1 and not table.clock.waiting


async def test_a_guess_while_the_answer_is_on_its_way_is_kept_if_that_fails() -> None:
    async def fail() -> None:
        with table.rounds.ending(KEY):
            assert table.rounds.taking_guesses(KEY) is table.round
            table.round.guess(1, 2)
            await table.pass_by()
            assert not table.shown
            raise OSError("no network")

    table = Table()
    with pytest.raises(OSError, match="no network"):
        await fail()
    await table.pass_by()
    assert table.round.tally(3) == [0, 0, 1] and table.shown == [(0, 1)]
    with table.rounds.ending(KEY):
        assert table.rounds.taking_guesses(KEY) is table.round
    assert table.rounds.taking_guesses(KEY) is None


async def test_rounds_and_guesses_are_bounded() -> None:
    table = Table()
    for number in range(MOST_ROUNDS - 1):
        table.rounds.begin(f"{number}", 100 + number, 60, "", table.show, table.end)
    with pytest.raises(RoundsFull, match="Too many rounds"):
        table.rounds.begin("more", 8, 60, "", table.show, table.end)
    for person in range(MOST_GUESSES):
        table.round.guess(person, 0)
    with pytest.raises(RoundsFull, match="5,000 people"):
        table.round.guess(-1, 0)
    table.round.guess(7, 1)
    assert table.round.tally(2) == [MOST_GUESSES - 1, 1]
    table.rounds.close()
    assert not table.clock.waiting
    table.rounds.check(7)


async def test_nobody_fills_all_the_rounds_alone() -> None:
    table = Table()
    for number in range(MOST_OF_ONE - 1):
        table.rounds.begin(f"{number}", 7, 60, "", table.show, table.end)
    with pytest.raises(RoundsFull, match="You have 10 rounds"):
        table.rounds.begin("more", 7, 60, "", table.show, table.end)
    table.rounds.check(8)
    with table.rounds.ending(KEY):
        table.rounds.check(7)


async def test_by_default_the_time_is_that_of_the_event_loop() -> None:
    ended = asyncio.Event()

    async def show() -> None:
        """Nothing."""

    async def end() -> None:
        ended.set()

    assert isinstance(Rounds().begin(KEY, 7, 0.0, "", show, end), Round)
    await ended.wait()
