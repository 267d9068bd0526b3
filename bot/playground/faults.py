"""Ways in which Discord fails, on purpose, so that tests can see what the bot makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.playground.gateway import Gateway
from bot.playground.payloads import Reply

CLOUDFLARE_PROXY = {"Via": "1.1 local"}  # without it discord.py takes a 429 for a ban and gives up at once


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that happens to the next requests of one kind; this one is none.

    Attributes:
        request: Part of "METHOD /route" of the requests it happens to, such as ``/callback`` or ``PATCH``.
        times: How often it still happens.
        handled: Whether the request is carried out all the same, so that only its answer is lost or late.
        headers: HTTP headers of the answer.
    """

    request: str = ""
    times: int = 1
    handled: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def answer(self, handle: Callable[[], Reply]) -> Reply:
        """Carry out the request with `handle`, or do not, and answer it."""
        return handle()


@dataclass(slots=True, kw_only=True)
class Failure(Fault):
    """Answers with `reply`."""

    reply: Reply

    async def answer(self, handle: Callable[[], Reply]) -> Reply:
        """Answer as planned."""
        if self.handled:
            handle()
        return self.reply


class HungUp(Exception):
    """The connection is cut without an answer."""


@dataclass(slots=True, kw_only=True)
class HangUp(Fault):
    """Cuts the connection."""

    async def answer(self, handle: Callable[[], Reply]) -> Reply:
        """Hang up.

        Raises:
            HungUp: Always.
        """
        if self.handled:
            handle()
        raise HungUp


@dataclass(slots=True, kw_only=True)
class Hold(Fault):
    """Waits for `release` before the request is carried out, or when `handled` before it is answered."""

    release: asyncio.Event

    async def answer(self, handle: Callable[[], Reply]) -> Reply:
        """Answer truly, but late."""
        reply = handle() if self.handled else None
        await self.release.wait()
        return reply or handle()


class Faults:
    """Plans faults of the REST API and causes faults of the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._planned: list[Fault] = []

    # REST

    def fail(self, request: str = "", *, status: int = 500, times: int = 1, handled: bool = False) -> None:
        """Answer the next matching requests with an error; `handled` ones are carried out nevertheless."""
        reply = status, {"message": f"{status}: Internal Server Error", "code": 0}
        self._planned.append(Failure(request=request, times=times, handled=handled, reply=reply))

    def rate_limit(
        self,
        request: str = "",
        *,
        retry_after: float = 0.01,
        via: bool = True,
        everywhere: bool = False,
        times: int = 1,
    ) -> None:
        """Answer the next matching requests with 429; without `via` it looks like a ban by Cloudflare."""
        reply = 429, {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
        headers = CLOUDFLARE_PROXY if via else {}
        self._planned.append(Failure(request=request, times=times, headers=headers, reply=reply))

    def hang_up(self, request: str = "", *, times: int = 1, handled: bool = False) -> None:
        """Cut the connections of the next matching requests; `handled` ones are carried out nevertheless."""
        self._planned.append(HangUp(request=request, times=times, handled=handled))

    def hold(self, request: str = "", *, handled: bool = False) -> asyncio.Event:
        """Let the next matching request, or when `handled` its answer, wait until the returned event is set."""
        release = asyncio.Event()
        self._planned.append(Hold(request=request, handled=handled, release=release))
        return release

    def take(self, method: str, route: str) -> Fault:
        """What happens to this request."""
        for fault in self._planned:
            if fault.request in f"{method} {route}":
                fault.times -= 1
                if not fault.times:
                    self._planned.remove(fault)
                return fault
        return Fault()

    # The gateway

    def drop(self, code: int | None = None) -> None:
        """Close the bot's sockets with a code, or cut them without one."""
        for session in self._gateway.sessions.values():
            if session.connection and code is None:
                session.connection.abort()
            elif session.connection and code is not None:
                session.connection.close(code)

    def reconnect(self) -> None:
        """Ask the bot to connect anew, as Discord does before it restarts a server."""
        self._gateway.ask_to_reconnect()

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell the bot that its sessions are invalid."""
        self._gateway.invalidate(resumable=resumable)

    def repeat(self, event: str = "INTERACTION_CREATE") -> None:
        """Send the newest event of this name again, as can happen around a resume."""
        for session in self._gateway.sessions.values():
            session.repeat(event)

    @contextmanager
    def withheld(self, *, reverse: bool = False) -> Generator[None, None, None]:
        """Keep back what the gateway says during the block; then send it all, in `reverse` order if asked."""
        sessions = list(self._gateway.sessions.values())
        for session in sessions:
            session.withhold()
        try:
            yield
        finally:
            for session in sessions:
                session.release(reverse=reverse)
