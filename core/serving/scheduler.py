"""Who runs next, and together with whom: a pure policy, without threads, clocks or devices.

Four rules decide everything:

1. **Fairness.** Every tenant has a virtual time: the tokens it was served, divided by their weight. The oldest request
   of the tenant with the least virtual time anchors the next batch, and of equals that of whoever waits for least, so a
   flood delays only its own sender; the people of one tenant take turns. This is self-clocked fair queueing (Golestani,
   INFOCOM 1994), as used for language models by the virtual token counter (Sheng et al., OSDI 2024).
2. **Economy.** A batch may have to be padded to its longest request. Then a neighbour joins only where the padding it
   causes costs no more than the overhead of a run of its own, so a batch never takes longer than its requests one after
   the other. Without padding, whoever is next joins.
3. **Room.** The queue is bounded in tokens. When it is full, the newest request of the heaviest person of the heaviest
   tenant gives way (longest-queue drop).
4. **Deadlines.** A request that could not finish in time is dropped instead of run.
"""

from __future__ import annotations

from collections.abc import Hashable
from heapq import merge
from operator import attrgetter, itemgetter
from typing import Generic

from core.serving.cost import CPU, Cost
from core.serving.tenants import R, Tenant

LOOKAHEAD = 2
"""A batch forms among the requests that are next in fair order, up to so many times its budget in tokens.

More lets it find neighbours of more equal length; less keeps those who are ahead from filling the batches.
"""

HEAD_START = 512
"""Tokens that others who wait may be behind somebody who becomes active, at most.

They are behind by whatever was last served, lest ever new tenants starve them; but that may have been very large.
"""


class Scheduler(Generic[R]):
    """A bounded queue of requests that hands them out in batches.

    Attributes:
        capacity: The most tokens that may wait.
        cost: The device's speed.
        tenants: Everybody with a waiting request.
        tokens: How many tokens are waiting.
        clock: The virtual time at which somebody who becomes active starts.
    """

    def __init__(self, capacity: int, cost: Cost = CPU) -> None:
        self.capacity = capacity
        self.cost = cost
        self.tenants: dict[Hashable, Tenant[R]] = {}
        self.tokens = 0
        self.clock = 0.0
        self._ahead: dict[Hashable, float] = {}  # the virtual times of idle tenants that are ahead of the clock

    def __len__(self) -> int:
        """Count the waiting requests."""
        return sum(map(len, self.tenants.values()))

    @property
    def largest_backlog(self) -> int:
        """The most tokens that a single tenant waits for."""
        return max((tenant.tokens for tenant in self.tenants.values()), default=0)

    def push(self, request: R) -> list[R]:
        """Queue a request and return those that give way to it: perhaps none, perhaps only itself."""
        self._insert(request)
        victims: list[R] = []
        while self.tokens > self.capacity:
            victims.append(self._heaviest(request.tenant).last)
            self._remove(victims[-1])
        if victims and victims[-1] is request:  # its own tenant is the heaviest after all: nobody else gives way
            for spared in reversed(victims[:-1]):
                self._insert(spared)
            return [request]
        return victims

    def cancel(self, request: R) -> None:
        """Forget a request, if it still waits."""
        tenant = self.tenants.get(request.tenant)
        if tenant and request in tenant:
            self._remove(request)

    def clear(self) -> list[R]:
        """Forget and return everything that waits."""
        waiting = [request for tenant in self.tenants.values() for request in tenant]
        for request in waiting:
            self._remove(request)
        return waiting

    def wait(self, request: R) -> float:
        """Predict how many seconds of work at least come before a request that does not wait yet.

        Under fair sharing nobody else is served more than its tenant until its turn comes.
        """
        mine = self.tenants.get(request.tenant)
        before = mine.before(request) if mine else 0
        others = (tenant.tokens for tenant in self.tenants.values() if tenant is not mine)
        return self.cost.per_token * (before + sum(min(tokens, before + request.size) for tokens in others))

    def pop(self, budget: int, now: float) -> tuple[list[R], list[R]]:
        """Take the next batch from the queue, and those whose deadline can no longer be met.

        Args:
            budget: The most tokens a batch may have, padding included; a single request may have more.
            now: The time, in the seconds of the deadlines.

        Returns:
            The batch, its requests equal in key and in order of size, empty only if nothing waits; and the late ones.
        """
        late = self._drop_late(now)
        if not self.tenants:
            return [], late
        upcoming = self._upcoming(LOOKAHEAD * budget)
        anchor = upcoming[0]
        candidates = [r for r in upcoming if r.key == anchor.key and not self._is_late(r, now)]
        batch = self._grow(anchor, candidates, budget) if anchor.padded else self._fill(anchor, candidates, budget)
        finish = self.tenants[anchor.tenant].served + anchor.size / anchor.weight
        for request in batch:
            self.tenants[request.tenant].serve(request)
            self._remove(request)
        behind = min((tenant.served for tenant in self.tenants.values()), default=finish)
        self.clock = max(self.clock, min(finish, behind + HEAD_START))
        self._ahead = {name: served for name, served in self._ahead.items() if served > self.clock}
        return batch, late

    def _upcoming(self, tokens: int) -> list[R]:
        """List what fair queueing would serve next if it served one by one, up to so many tokens."""
        upcoming: list[R] = []
        tenants = sorted(self.tenants.values(), key=attrgetter("tokens"))  # of equals a merge takes the first
        for _, request in merge(*(tenant.schedule() for tenant in tenants), key=itemgetter(0)):
            upcoming.append(request)
            tokens -= request.size
            if tokens <= 0:
                break
        return upcoming

    def _grow(self, anchor: R, candidates: list[R], budget: int) -> list[R]:
        """Widen a slice of the candidates, sorted by size, from the anchor outwards while sharing pays.

        The padding a neighbour causes is the growth of ``requests * longest`` beyond its own size.
        """
        candidates.sort(key=attrgetter("size"))
        first = last = candidates.index(anchor)
        while True:
            count, longest = last - first + 1, candidates[last].size
            choices: list[tuple[int, int]] = []
            for edge in (first - 1, last + 1):
                if 0 <= edge < len(candidates):
                    size = candidates[edge].size
                    grown = (count + 1) * max(longest, size)
                    padding = grown - count * longest - size
                    if grown <= budget and padding <= self.cost.overhead_tokens:
                        choices.append((padding, edge))
            if not choices:
                return candidates[first : last + 1]
            _, edge = min(choices)
            first, last = min(first, edge), max(last, edge)

    @staticmethod
    def _fill(anchor: R, candidates: list[R], budget: int) -> list[R]:
        """Take the anchor and, in fair order, whoever still fits."""
        batch, room = [anchor], budget - anchor.size
        for request in candidates:
            if request is not anchor and request.size <= room:
                batch.append(request)
                room -= request.size
        return sorted(batch, key=attrgetter("size"))

    def _is_late(self, request: R, now: float) -> bool:
        return request.deadline <= now + self.cost.seconds(request.size)

    def _drop_late(self, now: float) -> list[R]:
        """Remove late requests whose turn it would be, so that every tenant left has one to run.

        Others stay until their turn, but are never run.
        """
        late: list[R] = []
        for tenant in list(self.tenants.values()):
            while tenant.queues and self._is_late(tenant.first, now):
                late.append(tenant.first)
                self._remove(late[-1])
        return late

    def _heaviest(self, newcomer: Hashable) -> Tenant[R]:
        """Find the tenant with the most waiting tokens; the newcomer if it is one of several."""
        name = max(self.tenants, key=lambda name: (self.tenants[name].tokens, name == newcomer))
        return self.tenants[name]

    def _insert(self, request: R) -> None:
        tenant = self.tenants.get(request.tenant)
        if tenant is None:  # being idle earns no credit: it joins at the clock, or where it stood if that is ahead
            served = max(self._ahead.pop(request.tenant, 0.0), self.clock)
            tenant = self.tenants[request.tenant] = Tenant(served)
        tenant.insert(request)
        self.tokens += request.size

    def _remove(self, request: R) -> None:
        tenant = self.tenants[request.tenant]
        tenant.remove(request)
        self.tokens -= request.size
        if not tenant.queues:
            del self.tenants[request.tenant]
            if tenant.served > self.clock:
                self._ahead[request.tenant] = tenant.served
