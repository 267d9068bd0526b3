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

MOST_ROUNDS, MOST_OF_ONE, MOST_GUESSES = 300, 10, 5000
"""Under way at once, of them begun by one person, and guesses in each."""

REMEMBERED = 1000
"""Rounds that are known to be over, so that what comes too late for them is not taken for more."""


class RoundsFull(CoreError):
    """There are too many rounds, or too many guesses in one."""


class Round:
    """One round: a guess of each person, which may be changed, until it ends.

    Attributes:
        owner: Who began it.
        guesses: The option that each person guessed, from 0, by their id.
        pace: Shows how many guesses there are.
        newest: Who acted last, as something by which the card can be edited: that lasts for a quarter of an hour.
    """

    def __init__(self, owner: int, pace: Pace, newest: Any, plan: Callable[[], Handle]) -> None:
        self.owner = owner
        self.guesses: dict[int, int] = {}
        self.pace, self.newest = pace, newest
        self._plan, self._end = plan, plan()

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
        self._end.cancel()

    def go_on(self) -> None:
        """Let all of that happen again: the end at once, if its moment has passed."""
        self.pace.go_on()
        self._end = self._plan()


class Rounds:
    """The rounds under way, by the keys of their controls.

    Args:
        clock: The time; that of the running event loop if none is given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._under_way: dict[str, Round] = {}
        self._being_shown: dict[str, Round] = {}
        self._over: deque[str] = deque(maxlen=REMEMBERED)
        self._ending = set[asyncio.Task[Any]]()

    def check(self, owner: int) -> None:
        """Refuse a person one more round where there are too many.

        Raises:
            RoundsFull: There are.
        """
        if len(self._under_way) >= MOST_ROUNDS:
            raise RoundsFull("Too many rounds are under way here: try again in a minute.")
        if sum(one.owner == owner for one in self._under_way.values()) >= MOST_OF_ONE:
            raise RoundsFull(
                "You have {most} rounds under way already: reveal the answer of one of them first.", most=MOST_OF_ONE
            )

    def begin(
        self,
        key: str,
        owner: int,
        seconds: float,
        newest: Any,
        show: Callable[[], Awaitable[None]],
        end: Callable[[], Awaitable[None]],
    ) -> Round:
        """Begin a round.

        Args:
            key: What its controls call it.
            owner: Who begins it.
            seconds: After which it ends by itself.
            newest: By what its card can be edited at first, see `Round`.
            show: Shows how many guesses there are.
            end: Ends it; it handles whatever goes wrong.

        Raises:
            RoundsFull: There are too many.
        """
        self.check(owner)
        clock = self._clock or asyncio.get_running_loop()
        ends = clock.time() + seconds

        def plan() -> Handle:
            return clock.call_later(max(0.0, ends - clock.time()), lambda: self._begin_to_end(end))

        begun = self._under_way[key] = Round(owner, Pace(clock, show), newest, plan)
        return begun

    def get(self, key: str) -> Round | None:
        """A round under way; none if it is over, or was begun by a process before this one."""
        return self._under_way.get(key)

    def taking_guesses(self, key: str) -> Round | None:
        """The same, or one whose answer is on its way: nobody has seen that yet, and it may fail."""
        return self.get(key) or self._being_shown.get(key)

    def is_over(self, key: str) -> bool:
        """Whether a round has ended here, or is about to."""
        return key in self._over

    @contextmanager
    def ending(self, key: str) -> Generator[Round | None]:
        """End a round while the block shows its answer; if that fails, it goes on as it was, until it is ended again.

        Meanwhile nothing else ends it. What is given is the round, or nothing of one that was begun by a process before
        this one.
        """
        ended = self._under_way.pop(key, None)
        self._over.append(key)
        if ended:
            self._being_shown[key] = ended
            ended.stop()
        try:
            yield ended
        except BaseException:
            self._over.remove(key)
            if ended:
                self._under_way[key] = ended
                ended.go_on()
            raise
        finally:
            self._being_shown.pop(key, None)

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
