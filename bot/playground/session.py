"""A bot's session at the gateway, which outlives its connections: what was sent is kept for a RESUME."""

from __future__ import annotations

import secrets
from collections import deque

from bot.playground.connection import Connection
from bot.playground.payloads import Json
from bot.playground.world import EPHEMERAL, Place

DISPATCH = 0
EVENTS_KEPT = 500
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12  # intents


class Session:
    """What one shard of the bot has been told.

    Attributes:
        id: What a RESUME names.
        shard: The shard's number, and how many there are.
        intents: What the bot asked to hear, as Discord's bit field.
        connection: Where it listens now, or ``None`` while the line is down.
        lost: When the line went down.
        sent: The newest events it was told.
    """

    def __init__(self, shard: tuple[int, int], intents: int, connection: Connection) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.connection: Connection | None = connection
        self.lost = 0.0
        self._sequence = 0
        self.sent: deque[Json] = deque(maxlen=EVENTS_KEPT)
        self._withheld: list[Json] | None = None

    def dispatch(self, event: str, data: Json) -> None:
        """Tell the bot of an event, now or when it resumes."""
        self._sequence += 1
        payload = {"op": DISPATCH, "s": self._sequence, "t": event, "d": data}
        self.sent.append(payload)
        if self._withheld is not None:
            self._withheld.append(payload)
        elif self.connection:
            self.connection.send(payload)

    def resume(self, connection: Connection, seen: int) -> bool:
        """Repeat what came after `seen` on a new connection. False if that is not known any more."""
        oldest = self.sent[0]["s"] if self.sent else 1
        if not oldest - 1 <= seen <= self._sequence:
            return False
        self.connection = connection
        for payload in self.sent:
            if payload["s"] > seen:
                connection.send(payload)
        self.dispatch("RESUMED", {})
        return True

    def repeat(self, event: str) -> None:
        """Send the newest event of this name again."""
        payload = next((payload for payload in reversed(self.sent) if payload["t"] == event), None)
        if payload and self.connection:
            self.connection.send(payload)

    def withhold(self) -> None:
        """Keep events back until `release`."""
        self._withheld = []

    def release(self, *, reverse: bool = False) -> None:
        """Send what was kept back."""
        withheld, self._withheld = self._withheld or [], None
        for payload in reversed(withheld) if reverse else withheld:
            if self.connection:
                self.connection.send(payload)

    def serves(self, place: Place) -> bool:
        """Whether what happens in a place goes to this shard."""
        number, count = self.shard
        return number == ((int(place.guild["id"]) >> 22) % count if place.guild else 0)

    def hears(self, message: Json, place: Place) -> bool:
        """Whether the bot asked to hear of messages there; private answers are never told."""
        intent = GUILD_MESSAGES if place.guild else DIRECT_MESSAGES
        return place.installed and bool(self.intents & intent) and not message["flags"] & EPHEMERAL
