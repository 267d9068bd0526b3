"""Discord's gateway: the WebSocket on which a bot hears what happens.

Source: https://discord.com/developers/docs/events/gateway.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.playground import payloads
from bot.playground.connection import Connection, connect
from bot.playground.exchange import Exchange
from bot.playground.payloads import TOKEN, Json
from bot.playground.session import GUILDS, Session
from bot.playground.world import World

HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACKNOWLEDGED = 1, 2, 6, 7, 9, 10, 11
# In milliseconds; Discord names about 41,000, and clients do as they are told. discord.py notes in a thread that it has
# sent a heartbeat. On loopback the acknowledgement may come before that note, and is then measured from the heartbeat
# before; discord.py takes more than 10 seconds for a line that cannot keep up.
HEARTBEAT_INTERVAL = 5_000
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content: off for this application
RESUMES_WITHIN = 10.0  # seconds; discord.py that is shut down leaves in the same way as one whose line was cut
# What a bot without the message content intent hears of other people's messages in servers.
WITHOUT_CONTENT: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
GOODBYE = (1000, 1001)  # a bot that closes with these does not come back to its session
GOING_AWAY, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 1001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, SESSION_TIMED_OUT, DISALLOWED_INTENTS = 4005, 4009, 4014


class Gateway:
    """Every connection and session of the bot.

    Attributes:
        url: Where the bot connects to.
        sessions: One for each shard, by id.
    """

    def __init__(self, world: World, url: str) -> None:
        self.sessions: dict[str, Session] = {}
        self._world = world
        self.url = url
        self._connections: set[Connection] = set()
        world.listen(self._on_message)

    @property
    def online(self) -> bool:
        """Whether a bot listens."""
        return any(session.connection for session in self.sessions.values())

    @property
    def reachable(self) -> bool:
        """Whether a bot listens, or only just lost its line and may resume."""
        since = self._world.clock.now() - RESUMES_WITHIN
        return any(session.connection or session.lost > since for session in self.sessions.values())

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Speak with one bot until it goes."""
        async with connect(request, request.query.get("compress")) as connection:
            self._connections.add(connection)
            try:
                connection.send(_payload(HELLO, {"heartbeat_interval": HEARTBEAT_INTERVAL}))
                async for frame in connection.frames():
                    self._hear(connection, frame)
            finally:
                self._connections.discard(connection)
                self._leave(connection)
        return connection.socket

    def close(self) -> None:
        """Send every bot away."""
        for connection in self._connections:
            connection.close(GOING_AWAY)

    def announce(self, exchange: Exchange, payload: Json) -> None:
        """Tell the bot of an interaction."""
        for session in self.sessions.values():
            if session.serves(exchange.place):
                session.dispatch("INTERACTION_CREATE", payload)

    def ask_to_reconnect(self) -> None:
        """Ask the bot to come back on a new connection and resume."""
        for connection in self._connections:
            connection.send(_payload(RECONNECT, None))

    def invalidate(self, *, resumable: bool) -> None:
        """Tell the bot that its sessions are not valid; unless `resumable` they are forgotten."""
        if not resumable:
            self.sessions.clear()
        for connection in self._connections:
            connection.send(_payload(INVALID_SESSION, resumable))

    def _on_message(self, event: str, message: Json) -> None:
        if not event.startswith("MESSAGE_"):
            return
        place = self._world.place_of(message["channel_id"])
        assert place is not None  # messages stand in channels of the world
        guild = {"guild_id": place.guild["id"]} if place.guild else {}
        told = message
        if event == "MESSAGE_DELETE":
            told = {key: message[key] for key in ("id", "channel_id")}
        elif place.guild and message["author"]["id"] != self._world.bot["id"]:
            told = message | WITHOUT_CONTENT
        for session in self.sessions.values():
            if session.serves(place) and session.hears(message, place):
                session.dispatch(event, told | guild)

    def _hear(self, connection: Connection, frame: str) -> None:
        try:
            payload = json.loads(frame)
            self._obey(connection, payload["op"], payload.get("d"))
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            connection.close(DECODE_ERROR)

    def _obey(self, connection: Connection, op: int, data: Any) -> None:
        known = any(session.connection is connection for session in self.sessions.values())
        if op == HEARTBEAT:
            connection.send(_payload(ACKNOWLEDGED, None))
        elif op in (IDENTIFY, RESUME) and known:
            connection.close(ALREADY_AUTHENTICATED)
        elif op in (IDENTIFY, RESUME) and not TOKEN.fullmatch(data["token"]):
            connection.close(AUTHENTICATION_FAILED)
        elif op == IDENTIFY:
            self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)
        elif not known:
            connection.close(NOT_AUTHENTICATED)
        # Presence updates and the like need no answer.

    def _identify(self, connection: Connection, data: Json) -> None:
        if data["intents"] & PRIVILEGED:
            return connection.close(DISALLOWED_INTENTS)
        number, count = data.get("shard") or (0, 1)
        for other in [other for other in self.sessions.values() if other.shard == (number, count)]:
            del self.sessions[other.id]
            if other.connection:
                other.connection.close(SESSION_TIMED_OUT)
        session = Session((number, count), data["intents"], connection)
        self.sessions[session.id] = session
        self._welcome(session)
        return self._world.emit("BOT", {"online": True})

    def _welcome(self, session: Session) -> None:
        world, guild = self._world, self._world.guild
        here = session.serves(world.server)
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": world.bot,
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.url,
                "shard": list(session.shard),
                "guilds": [{"id": guild["id"], "unavailable": True}] if here else [],
                "application": {key: world.application[key] for key in ("id", "flags", "flags_new")},
                "private_channels": [],
                "relationships": [],
                "presences": [],
                "user_settings": {},
            },
        )
        if here and session.intents & GUILDS:
            members = [payloads.member(world.bot)]  # the others only with the members intent
            count = 1 + len(world.users)
            session.dispatch("GUILD_CREATE", payloads.guild_create(guild, [world.server.channel], members, count))

    def _resume(self, connection: Connection, data: Json) -> None:
        session = self.sessions.get(data["session_id"])
        if session is None or not session.resume(connection, data["seq"] or 0):
            self.sessions.pop(data["session_id"], None)
            return connection.send(_payload(INVALID_SESSION, False))
        return self._world.emit("BOT", {"online": True})

    def _leave(self, connection: Connection) -> None:
        for session in list(self.sessions.values()):
            if session.connection is connection:
                session.connection, session.lost = None, self._world.clock.now()
                if connection.goodbye in GOODBYE:
                    del self.sessions[session.id]
        self._world.emit("BOT", {"online": self.online})


def _payload(op: int, data: Any) -> Json:
    return {"op": op, "s": None, "t": None, "d": data}
