"""All rounds that are under way, within bounds. They are in memory only, and gone with the process."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

from cogs.rounds.clock import Clock, Handle
from cogs.rounds.pace import Pace
from core.errors import CoreError

MOST_ROUNDS, MOST_GUESSES = 300, 5000
"""Under way at once, and in each of them."""

REMEMBERED = 1000
"""Rounds that are known to be over, so that what comes too late for them is not taken for more."""


class RoundsFull(CoreError):
    """There are too many rounds, or too many guesses in one."""


class Round:
    """One round: a guess of each person, which may be changed, until it ends.

    Attributes:
        guesses: The option that each person guessed, from 0, by their id.
        pace: Shows how many guesses there are.
        newest: Who acted last, as something by which the card can be edited: that lasts for a quarter of an hour.
    """

    def __init__(self, pace: Pace, newest: Any) -> None:
        self.guesses: dict[int, int] = {}
        self.pace, self.newest = pace, newest
        self.end: Handle | None = None

    def guess(self, person: int, option: int) -> None:
        """Note a guess, in the place of that person's former one.

        Raises:
            RoundsFull: More people cannot take part.
        """
        if person not in self.guesses and len(self.guesses) >= MOST_GUESSES:
            raise RoundsFull("More than {most:,} people cannot guess in one round: join the next.", most=MOST_GUESSES)
        fresh = person not in self.guesses
        self.guesses[person] = option
        if fresh:
            self.pace.want()

    def tally(self, options: int) -> list[int]:
        """How many people guessed each option."""
        counted = Counter(self.guesses.values())
        return [counted[option] for option in range(options)]

    def stop(self) -> None:
        """Let nothing more happen by itself."""
        self.pace.stop()
        if self.end:
            self.end.cancel()


class Rounds:
    """The rounds under way, by the keys of their controls.

    Args:
        clock: The time; that of the running event loop if none is given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._under_way: dict[str, Round] = {}
        self._over: deque[str] = deque(maxlen=REMEMBERED)
        self._ending = set[asyncio.Task[Any]]()

    def check(self) -> None:
        """Refuse one more round where there are too many.

        Raises:
            RoundsFull: There are.
        """
        if len(self._under_way) >= MOST_ROUNDS:
            raise RoundsFull("Too many rounds are under way here: try again in a minute.")

    def begin(
        self,
        key: str,
        seconds: float,
        newest: Any,
        show: Callable[[], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
    ) -> Round:
        """Begin a round.

        Args:
            key: What its controls call it.
            seconds: After which it ends by itself.
            newest: Who begins it, see `Round`.
            show: Shows how many guesses there are.
            end: Ends it; it handles whatever goes wrong.

        Raises:
            RoundsFull: There are too many.
        """
        self.check()
        clock = self._clock or asyncio.get_running_loop()
        begun = self._under_way[key] = Round(Pace(clock, show), newest)
        begun.end = clock.call_later(seconds, lambda: self._begin_to_end(end))
        return begun

    def get(self, key: str) -> Round | None:
        """A round under way; none if it is over, or was begun by a process before this one."""
        return self._under_way.get(key)

    def is_over(self, key: str) -> bool:
        """Whether a round has ended here, or is about to."""
        return key in self._over

    @contextmanager
    def ending(self, key: str) -> Generator[Round | None]:
        """End a round while the block shows its answer; if that fails, it goes on as it was, until it is ended again.

        Whatever comes for it meanwhile is too late. What is given is the round, or nothing of one that was begun by a
        process before this one.
        """
        ended = self._under_way.pop(key, None)
        self._over.append(key)
        if ended:
            ended.pace.stop()
        try:
            yield ended
        except BaseException:
            self._over.remove(key)
            if ended:
                self._under_way[key] = ended
                ended.pace.go_on()
            raise
        if ended:
            ended.stop()

    def forget(self, key: str) -> None:
        """Keep nothing of a round."""
        if ended := self._under_way.pop(key, None):
            ended.stop()

    def close(self) -> None:
        """Forget all of them: nothing happens by itself any more."""
        for key in [*self._under_way]:
            self.forget(key)
        for task in self._ending:
            task.cancel()

    def _begin_to_end(self, end: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
