"""Whom requests are for: tenants, and the people of each, with what they wait for."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Generic, NamedTuple, Self, TypeVar


class Member(NamedTuple):
    """Somebody of a tenant, such as a person in a server. Anything else that is a tenant has no members."""

    tenant: Hashable
    person: Hashable

    @classmethod
    def of(cls, whom: Hashable) -> Self:
        """A member as it is; anything else as a tenant."""
        return whom if isinstance(whom, cls) else cls(whom, None)


@dataclass(slots=True, eq=False, kw_only=True)
class Request:
    """A piece of work that waits for a device.

    Attributes:
        key: Only requests with equal keys may share a batch.
        size: Its length in tokens, at least 1.
        tenant: Whom it is for. Tenants share the device fairly.
        person: Who of the tenant asks. Its people take turns.
        deadline: When its answer stops being of use, in the seconds that `Scheduler.pop` is told.
        weight: Its tenant is charged ``size / weight`` tokens for it.
        padded: Whether a batch is padded to its longest request; the same for all requests of a key.
    """

    key: Hashable
    size: int
    tenant: Hashable = None
    person: Hashable = None
    deadline: float = math.inf
    weight: float = 1.0
    padded: bool = True

    def __post_init__(self) -> None:
        if self.size < 1 or self.weight <= 0:
            raise ValueError("A request needs a size of at least 1 and a weight above 0.")


R = TypeVar("R", bound=Request)


@dataclass(slots=True, eq=False)
class PersonQueue(Generic[R]):
    """What one person waits for.

    Attributes:
        requests: The oldest first (an ordered set).
        tokens: The sum of their sizes.
    """

    requests: OrderedDict[R, None] = field(default_factory=OrderedDict[R, None])
    tokens: int = 0


@dataclass(slots=True, eq=False)
class Tenant(Generic[R]):
    """Somebody with waiting requests, whose people take turns.

    Attributes:
        served: Virtual time: the weighted tokens served so far.
        queues: What each person waits for; first is whose turn is next.
        tokens: The sum of all sizes.
    """

    served: float
    queues: OrderedDict[Hashable, PersonQueue[R]] = field(default_factory=OrderedDict[Hashable, PersonQueue[R]])
    tokens: int = 0

    def __len__(self) -> int:
        """Count the requests."""
        return sum(len(line.requests) for line in self.queues.values())

    def __iter__(self) -> Iterator[R]:
        """Go through the requests, one of each person, then the next of each."""
        rounds = zip_longest(*(line.requests for line in self.queues.values()))
        return (request for request in chain.from_iterable(rounds) if request is not None)

    def __contains__(self, request: R) -> bool:
        """Tell whether a request waits here."""
        return request.person in self.queues and request in self.queues[request.person].requests

    @property
    def first(self) -> R:
        """The request whose turn it is."""
        return next(iter(next(iter(self.queues.values())).requests))

    @property
    def last(self) -> R:
        """The newest request of whoever waits for most."""
        heaviest = max(reversed(self.queues.values()), key=lambda line: line.tokens)
        return next(reversed(heaviest.requests))

    def schedule(self) -> Iterator[tuple[float, R]]:
        """Give its requests, each with the virtual time at which it should start."""
        start = self.served
        for request in self:
            yield start, request
            start += request.size / request.weight

    def before(self, request: R) -> int:
        """How many tokens come before a request that does not wait yet, while people take turns."""
        line = self.queues.get(request.person)
        own = line.tokens if line else 0
        others = (other.tokens for other in self.queues.values() if other is not line)
        return own + sum(min(tokens, own + request.size) for tokens in others)

    def insert(self, request: R) -> None:
        """Let a request wait."""
        line = self.queues.setdefault(request.person, PersonQueue[R]())
        line.requests[request] = None
        line.tokens += request.size
        self.tokens += request.size

    def remove(self, request: R) -> None:
        """Forget a request."""
        line = self.queues[request.person]
        del line.requests[request]
        line.tokens -= request.size
        self.tokens -= request.size
        if not line.requests:
            del self.queues[request.person]

    def serve(self, request: R) -> None:
        """Charge a request that is about to run; its person's next turn comes after those of all others."""
        self.served += request.size / request.weight
        self.queues.move_to_end(request.person)
