"""discord.py's heartbeats, in the order of things that makes it mistake a healthy line for a slow one."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Any

import pytest
from discord import gateway

from bot.playground import LocalDiscord
from tests.wire.conftest import logged_in
from tests.wire.protocol.sample_bot import SampleBot

BEATS = 4


class Clock:
    """What discord.py takes for the module `time`."""

    time = staticmethod(time.time)

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Hurry(threading.Event):
    """A wait that takes no time on the wall, but all of it on the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now += timeout or 0
        return super().wait(0.001)


async def test_an_acknowledgement_before_the_heartbeat_is_noted_raises_no_alarm(
    local_discord: LocalDiscord, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """discord.py notes in a thread that it has sent a heartbeat: here always after the answer was read."""
    clock = Clock()
    measured: list[float] = []
    enough, answered = asyncio.Event(), asyncio.Event()
    send, begin, acknowledge = (
        gateway.DiscordWebSocket.send_heartbeat,
        gateway.KeepAliveHandler.__init__,
        gateway.KeepAliveHandler.ack,
    )

    async def send_and_note_late(socket: gateway.DiscordWebSocket, data: Any) -> None:
        answered.clear()
        await send(socket, data)
        await answered.wait()

    def begin_in_a_hurry(handler: gateway.KeepAliveHandler, **options: Any) -> None:
        begin(handler, **options)
        handler._stop_ev = Hurry(clock)

    def note(handler: gateway.KeepAliveHandler) -> None:
        acknowledge(handler)
        measured.append(handler.latency)
        answered.set()
        if len(measured) > BEATS:
            enough.set()

    monkeypatch.setattr(gateway, "time", clock)
    monkeypatch.setattr(gateway.DiscordWebSocket, "send_heartbeat", send_and_note_late)
    monkeypatch.setattr(gateway.KeepAliveHandler, "__init__", begin_in_a_hurry)
    monkeypatch.setattr(gateway.KeepAliveHandler, "ack", note)
    with caplog.at_level(logging.WARNING, "discord.gateway"):
        async with logged_in(SampleBot(), local_discord):
            await asyncio.wait_for(enough.wait(), 30)
    assert max(measured) > 1, "the acknowledgements were measured from the heartbeat before"
    assert [record.getMessage() for record in caplog.records if record.name == "discord.gateway"] == []
