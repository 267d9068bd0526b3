"""The scheduling policy: what must hold after any history."""

import math
from collections.abc import Hashable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.serving.cost import Cost
from core.serving.scheduler import Scheduler
from core.serving.tenants import Request

CAPACITY = 2048
COST = Cost(overhead=1e-4, per_token=1e-6)  # an overhead of 100 tokens, among sizes to 512: sharing often does not pay
SIZES = st.integers(1, 512)


def tokens(batch: list[Request]) -> int:
    sizes = [request.size for request in batch]
    return len(sizes) * max(sizes) if batch[0].padded else sum(sizes)


def runnable(request: Request, now: float) -> bool:
    return request.deadline > now + COST.seconds(request.size)


class SchedulerMachine(RuleBasedStateMachine):
    """Any mix of arrivals, cancellations, passing time and free devices."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler[Request](CAPACITY, COST)
        self.now = 0.0
        self.waiting: list[Request] = []  # what should be in the queue, oldest first

    def backlog(self, tenant: Hashable, *person: Hashable) -> int:
        people = [request for request in self.waiting if request.tenant == tenant]
        return sum(request.size for request in people if not person or request.person == person[0])

    @rule(
        tenant=st.integers(0, 5),
        person=st.integers(0, 2),
        size=SIZES,
        key=st.sampled_from("ab"),
        patience=st.sampled_from([0.0, 3e-4, 1e-2, math.inf]),
        weight=st.sampled_from([0.5, 1.0, 4.0]),
    )
    def push(self, tenant: int, person: int, size: int, key: str, patience: float, weight: float) -> None:
        deadline = self.now + patience
        who = {"tenant": tenant, "person": person}
        request = Request(key=key, size=size, deadline=deadline, weight=weight, padded=key == "a", **who)
        full = sum(r.size for r in self.waiting) + size > CAPACITY
        victims = self.scheduler.push(request)
        self.waiting.append(request)
        assert bool(victims) == full, "somebody gives way exactly when there is no room"
        if request in victims:
            tenants = {r.tenant for r in self.waiting}
            assert victims == [request], "nobody gives way to a request that is refused"
            assert self.backlog(tenant) > CAPACITY / len(tenants), "only who asks for more than a fair share is refused"
            self.waiting.remove(request)
            return
        for victim in victims:
            assert self.backlog(victim.tenant) == max(self.backlog(r.tenant) for r in self.waiting), "the heaviest"
            line = [r for r in self.waiting if (r.tenant, r.person) == (victim.tenant, victim.person)]
            people = {r.person for r in self.waiting if r.tenant == victim.tenant}
            heaviest = max(self.backlog(victim.tenant, person) for person in people)
            assert self.backlog(victim.tenant, victim.person) == heaviest, "of its people the one with most"
            assert victim is line[-1], "whose newest"
            self.waiting.remove(victim)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(request)
        for _ in range(2):  # the second time is no news
            self.scheduler.cancel(request)

    @rule(seconds=st.floats(0, 1e-2))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(budget=st.integers(1, 2048))
    def pop(self, budget: int) -> None:
        virtual_times = {name: tenant.served for name, tenant in self.scheduler.tenants.items()}
        batch, late = self.scheduler.pop(budget, self.now)

        for request in late:
            assert not runnable(request, self.now)
            self.waiting.remove(request)
        ready = [request for request in self.waiting if runnable(request, self.now)]
        assert bool(batch) == bool(ready), "a free device never idles while there is work"
        if not batch:
            return
        assert all(request in ready for request in batch)
        assert len(set(map(id, batch))) == len(batch)
        assert len({request.key for request in batch}) == 1
        assert len(batch) == 1 or tokens(batch) <= budget
        alone = sum(COST.seconds(request.size) for request in batch)
        assert COST.seconds(tokens(batch)) <= alone * (1 + 1e-9), "sharing never takes longer than running alone"
        least = min(virtual_times[request.tenant] for request in ready)
        firsts = {(request.tenant, request.person): request for request in reversed(ready)}
        anchors = [request for (tenant, _), request in firsts.items() if virtual_times[tenant] == least]
        assert any(anchor in batch for anchor in anchors), "somebody's oldest, of the least served tenant, is in it"
        for request in batch:
            self.waiting.remove(request)

    @rule()
    def clear(self) -> None:
        assert set(self.scheduler.clear()) == set(self.waiting)
        self.waiting.clear()

    @invariant()
    def the_queue_holds_exactly_what_waits(self) -> None:
        tenants = self.scheduler.tenants
        assert [r for r in self.waiting if r in tenants[r.tenant]] == self.waiting
        assert {request for tenant in tenants.values() for request in tenant} == set(self.waiting)
        assert len(self.scheduler) == len(self.waiting)
        assert self.scheduler.tokens == sum(r.size for r in self.waiting) <= CAPACITY
        assert {name: tenant.tokens for name, tenant in tenants.items()} == {
            r.tenant: self.backlog(r.tenant) for r in self.waiting
        }


SchedulerMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestScheduler = SchedulerMachine.TestCase
