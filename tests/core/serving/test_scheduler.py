"""The scheduling policy: how fair it is, who shares a batch, and who gives way."""

import math
from collections import Counter
from collections.abc import Hashable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.serving.cost import Cost
from core.serving.scheduler import HEAD_START, LOOKAHEAD, Scheduler
from core.serving.tenants import Member, Request

CAPACITY = 2048
COST = Cost(overhead=1e-4, per_token=1e-6)  # an overhead of 100 tokens, among sizes to 512: sharing often does not pay
SIZES = st.integers(1, 512)


def serve(scheduler: Scheduler[Request], budget: int) -> list[Request]:
    batch, _ = scheduler.pop(budget, now=0.0)
    return batch


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(SIZES, min_size=20, max_size=80),
    budget=st.integers(512, 4096),
    weights=st.tuples(*[st.sampled_from([1, 2, 4])] * 4),
)
def test_busy_tenants_never_drift_apart_by_more_than_the_lookahead_and_a_request(
    sizes: list[int], budget: int, weights: tuple[int, ...]
) -> None:
    scheduler = Scheduler[Request](10**9, Cost(1.5e-3, 0.67e-6))
    served: dict[Hashable, float] = dict.fromkeys(range(4), 0.0)
    for tenant, weight in enumerate(weights):
        for size in sizes:
            scheduler.push(Request(key="k", size=size, tenant=tenant, weight=weight))
    while True:
        for request in serve(scheduler, budget):
            served[request.tenant] += request.size / request.weight
        if len(scheduler.tenants) < 4:
            return
        assert max(served.values()) - min(served.values()) <= LOOKAHEAD * budget + 512


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.integers(1, 12), min_size=2, max_size=6), budget=st.sampled_from([10, 30, 70]))
def test_people_of_one_tenant_take_turns(counts: list[int], budget: int) -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for person, count in enumerate(counts):
        for _ in range(count):
            scheduler.push(Request(key="k", size=10, tenant="server", person=person, padded=False))
    left = Counter(dict(enumerate(counts)))
    served = Counter[Hashable]()
    while +left:
        batch = serve(scheduler, budget)
        served.update(request.person for request in batch)
        left.subtract(request.person for request in batch)
        waiting = [served[person] for person in +left]
        assert not waiting or max(served.values()) - min(waiting) <= 1, "nobody is two ahead of one who waits"


def test_one_person_with_many_requests_gives_way_before_the_neighbours() -> None:
    scheduler = Scheduler[Request](100, COST)
    eager = [Request(key="k", size=10, tenant="server", person="eager") for _ in range(9)]
    modest = [Request(key="k", size=10, tenant="server", person=name) for name in ("a", "b")]
    assert [scheduler.push(request) for request in (*eager, *modest)] == [[]] * 10 + [[eager[-1]]]


def test_whom_a_request_is_for() -> None:
    assert Member.of("server") == ("server", None)
    assert Member.of(Member("server", "person")) == ("server", "person")


@pytest.mark.parametrize("padded", [True, False])
def test_only_requests_of_equal_keys_share_a_batch(padded: bool) -> None:
    scheduler = Scheduler[Request](CAPACITY, COST)
    for key in "abab":
        scheduler.push(Request(key=key, size=10, padded=padded))
    assert [[request.key for request in serve(scheduler, budget=100)] for _ in range(2)] == [["a", "a"], ["b", "b"]]


def test_a_newcomer_is_next_however_long_the_queue() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for _ in range(500):
        scheduler.push(Request(key="k", size=100, tenant="flood"))
    for _ in range(50):
        serve(scheduler, budget=100)
    newcomer = Request(key="k", size=500, tenant="quiet")
    scheduler.push(newcomer)
    assert serve(scheduler, budget=100) == [newcomer]


@given(large=st.integers(1, 100_000), small=st.integers(1, 100), pops=st.integers(0, 30))
def test_a_newcomer_hardly_waits_for_what_a_flood_is_behind_a_large_request(large: int, small: int, pops: int) -> None:
    scheduler = Scheduler[Request](10**9, COST)
    for _ in range(1000):
        scheduler.push(Request(key="k", size=small, tenant="flood"))
    for _ in range(pops):
        serve(scheduler, budget=100)
    other, newcomer = (Request(key="k", size=size, tenant=size) for size in (large + 100, small))
    for request in (other, newcomer):
        scheduler.push(request)
        before = 0
        while request not in (batch := serve(scheduler, budget=100)):
            before += sum(one.size for one in batch)
        assert before <= HEAD_START + 100


def test_being_idle_earns_no_credit() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for _ in range(100):
        scheduler.push(Request(key="k", size=100, tenant="steady"))
    for _ in range(50):
        serve(scheduler, budget=100)
    for _ in range(100):
        scheduler.push(Request(key="k", size=100, tenant="returning"))
    tenants = [request.tenant for _ in range(20) for request in serve(scheduler, budget=100)]
    assert 9 <= tenants.count("steady") <= 11


def test_leaving_and_coming_back_does_not_wipe_out_what_was_served() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    scheduler.push(Request(key="k", size=10, tenant="modest"))
    greedy = [Request(key="k", size=10, tenant="greedy") for _ in range(5)]
    for request in greedy:
        scheduler.push(request)
    assert len(serve(scheduler, budget=60)) == 6  # the greedy tenant has nothing waiting now, but had five times more
    for tenant in ("greedy", "modest"):
        scheduler.push(Request(key="k", size=10, tenant=tenant))
    assert serve(scheduler, budget=10)[0].tenant == "modest"


def test_an_old_tenant_is_not_starved_by_ever_new_ones() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for _ in range(100):
        scheduler.push(Request(key="k", size=10, tenant="old"))
    served = 0
    for stranger in range(400):  # one arrives whenever one is served, so the number of tenants grows
        scheduler.push(Request(key="k", size=10, tenant=stranger))
        served += serve(scheduler, budget=10)[0].tenant == "old"
    assert served >= 20


def test_a_long_request_is_not_starved_by_short_ones_that_fit_together_better() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    long = Request(key="k", size=512, tenant="long")
    scheduler.push(long)
    for pops in range(20):
        for _ in range(30):
            scheduler.push(Request(key="k", size=8, tenant=f"short {pops}"))
        if long in serve(scheduler, budget=256):
            return
    pytest.fail("the long request was never served")


def test_idle_tenants_are_forgotten() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for visitor in range(2000):
        for _ in range(3):
            scheduler.push(Request(key="k", size=10, tenant=visitor))
        while scheduler.tenants:
            serve(scheduler, budget=1000)
    assert len(scheduler._ahead) < 10  # pyright: ignore[reportPrivateUsage]


def test_weight_is_a_share() -> None:
    scheduler = Scheduler[Request](10**6, Cost(1.5e-3, 0.67e-6))
    for weight in (1, 4):
        for _ in range(500):
            scheduler.push(Request(key="k", size=10, tenant=f"weight {weight}", weight=weight))
    served = [request.tenant for _ in range(10) for request in serve(scheduler, budget=400)]
    assert served.count("weight 4") == pytest.approx(4 * served.count("weight 1"), rel=0.2)


def test_a_flood_does_not_crowd_others_out_of_the_batches() -> None:
    """Also with many more neighbours of just the right length to choose from, it gets about its half."""
    scheduler = Scheduler[Request](10**6, Cost(1.5e-3, 0.67e-6))
    for _ in range(5000):
        scheduler.push(Request(key="k", size=10, tenant="flood"))
    for size in range(10, 110):
        scheduler.push(Request(key="k", size=size, tenant="quiet"))
    tokens = {"flood": 0, "quiet": 0}
    while "quiet" in scheduler.tenants:
        for request in serve(scheduler, budget=1000):
            tokens[str(request.tenant)] += request.size
    assert tokens["flood"] <= tokens["quiet"] + LOOKAHEAD * 1000 + 110


def test_spare_room_in_a_batch_goes_round() -> None:
    scheduler = Scheduler[Request](10**6, COST)
    for tenant in range(4):
        for _ in range(10):
            scheduler.push(Request(key="k", size=10, tenant=tenant))
    batch = serve(scheduler, budget=80)
    assert Counter(request.tenant for request in batch) == {0: 2, 1: 2, 2: 2, 3: 2}


@pytest.mark.parametrize("sizes", [(128, 16), (16, 128)])
@pytest.mark.parametrize(
    ("overhead_tokens", "shared"),
    [(112, True), (111, False)],  # padding 16 tokens to 128 wastes 112
)
def test_a_neighbour_joins_exactly_when_its_padding_costs_no_more_than_a_run_of_its_own(
    overhead_tokens: int, shared: bool, sizes: tuple[int, int]
) -> None:
    scheduler = Scheduler[Request](10**6, Cost(overhead=overhead_tokens * 1.0, per_token=1.0))
    for size in sizes:
        scheduler.push(Request(key="k", size=size))
    assert len(serve(scheduler, budget=4096)) == (2 if shared else 1)


def test_without_padding_whoever_is_next_joins_while_there_is_room() -> None:
    scheduler = Scheduler[Request](10**6, Cost(overhead=0.0, per_token=1.0))
    sizes = {"a": [100, 5, 300], "b": [40, 300, 10]}
    for tenant, waiting in sizes.items():
        for size in waiting:
            scheduler.push(Request(key="k", size=size, tenant=tenant, padded=False))
    assert [request.size for request in serve(scheduler, budget=455)] == [5, 10, 40, 100, 300]
    assert [request.size for request in serve(scheduler, budget=10)] == [300]


def test_late_neighbours_do_not_join() -> None:
    scheduler = Scheduler[Request](10**6, Cost(1.5e-3, 0.67e-6))
    in_time, late = (Request(key="k", size=10, deadline=deadline) for deadline in (math.inf, 1.0))
    scheduler.push(in_time)
    scheduler.push(late)
    assert scheduler.pop(budget=100, now=2.0) == ([in_time], [])
    assert scheduler.pop(budget=100, now=2.0) == ([], [late])


@pytest.mark.parametrize(("deadline", "runs"), [(16.0, False), (16.1, True)])
def test_what_would_be_finished_too_late_is_not_begun(deadline: float, runs: bool) -> None:
    scheduler = Scheduler[Request](10**6, Cost(overhead=4.0, per_token=1.0))
    request = Request(key="k", size=10, deadline=deadline)
    scheduler.push(request)
    assert scheduler.pop(budget=100, now=2.0) == (([request], []) if runs else ([], [request]))


def test_nobody_gives_way_in_vain() -> None:
    scheduler = Scheduler[Request](100, COST)
    small = [Request(key="k", size=10, tenant="small ones") for _ in range(6)]
    for request in small:
        scheduler.push(request)
    big = Request(key="k", size=55, tenant="big one")  # one place more would not be enough, and then it is the heaviest
    assert scheduler.push(big) == [big]
    assert scheduler.clear() == small


def test_wait_counts_of_the_others_only_what_fair_sharing_lets_before() -> None:
    scheduler = Scheduler[Request](10**6, Cost(overhead=0.0, per_token=0.5))
    for _ in range(100):
        scheduler.push(Request(key="k", size=50, tenant="flood"))
    assert scheduler.wait(Request(key="k", size=10, tenant="quiet")) == 5
    assert scheduler.wait(Request(key="k", size=10, tenant="flood")) == 2500
    assert scheduler.wait(Request(key="k", size=10, tenant="flood", person="somebody else")) == 5


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": 1, "weight": 0}])
def test_a_request_that_would_be_served_for_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Request(key="k", **wrong)
