"""What exists in the local Discord: people, places, messages, files, commands. Whoever listens hears every change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.playground import payloads
from bot.playground.clock import Clock, Limits
from bot.playground.payloads import Json
from core.errors import CoreError
from core.render.kit.drawing.palette import Theme

Where = Literal["server", "dm", "elsewhere"]
Listener = Callable[[str, Json], None]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
MESSAGES_KEPT = 1000  # older ones are forgotten, with their files, so that a long run stays small


class Refused(CoreError):
    """Something Discord's own client would not send; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a person can use the bot.

    Attributes:
        channel: The channel they are in.
        guild: The server it belongs to, or ``None`` for a direct conversation with the bot.
        installed: Whether the bot is there itself. Where it is not, people use it as an app of their own.
    """

    channel: Json
    guild: Json | None
    installed: bool = True

    @property
    def context(self) -> int:
        """Discord's interaction context: 0 in a server, 1 in a conversation with the bot."""
        return 1 if self.guild is None else 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content_type: str
    data: bytes


def _wanted(command: Json) -> int:
    """The permissions without which Discord shows nobody a command."""
    return int(command.get("default_member_permissions") or 0)


class World:
    """The state of the local Discord; every change is immediate.

    Attributes:
        clock: The time here.
        limits: How long Discord waits for the bot.
        url: Where files are served.
        users: The people who can act.
        speaks: The language of each one's client, by their id; `payloads.LOCALE` for those who chose none.
        denied: The permissions that somebody does not have in servers, by their id; nobody lacks any at first.
        themes: The theme of each one's page, by their id, once they have acted on one.
        bot: The bot's user, and `application` what it belongs to.
        guild: The server the bot is in, and `server` the channel there.
        messages: Every message by id, oldest first.
        files: What was attached to them, by the id of the attachment.
        commands: What the bot registered for a server by its id, and with ``None`` for everywhere.
        listeners: Who is told of changes.
    """

    def __init__(self, clock: Clock, limits: Limits, url: str) -> None:
        self.clock = clock
        self.limits = limits
        self.url = url
        mint = clock.snowflake
        self.users: list[Json] = []
        self.speaks: dict[str, str] = {}
        self.denied: dict[str, int] = {}
        self.themes: dict[str, Theme] = {}
        self._direct: dict[str, Place] = {}
        for name in ("Alice", "Bob"):
            self.welcome(name)
        self.bot: Json = {**payloads.user(mint(), "attention", None), "bot": True}
        self.application = payloads.application(self.bot, self.users[0])
        self.guild = payloads.guild(mint(), "Local Discord", self.users[0]["id"])
        self.server = Place(payloads.text_channel(mint(), self.guild["id"], "playground"), self.guild)
        other = payloads.guild(mint(), "Somewhere else", self.users[1]["id"])
        self._elsewhere = Place(payloads.text_channel(mint(), other["id"], "general"), other, installed=False)
        self.messages: dict[str, Json] = {}
        self.files: dict[str, Upload] = {}
        self.commands: dict[str | None, list[Json]] = {}
        self.listeners: list[Listener] = []
        self._waiting: list[asyncio.Future[None]] = []

    def welcome(self, name: str) -> Json:
        """Let one more person in."""
        person = payloads.user(self.clock.snowflake(), name.lower(), name)
        self.users.append(person)
        self._direct[person["id"]] = Place(payloads.dm_channel(self.clock.snowflake(), person), None)
        return person

    def person(self, name: str | None) -> Json:
        """Someone who can act, by user name or id; the first of them by default."""
        if name is None:
            return self.users[0]
        for person in self.users:
            if name in (person["id"], person["username"]):
                return person
        people = ", ".join(person["username"] for person in self.users)
        raise Refused("Nobody here is called {name}: choose one of {people}.", name=name, people=people)

    def permissions(self, user: Json) -> int:
        """What a user may do in servers, as permission bits."""
        return int(payloads.PERMISSIONS) & ~self.denied.get(user["id"], 0)

    def place(self, where: Where, user: Json) -> Place:
        """Where `user` is when they are in the server, in a DM with the bot, or in a server the bot is not in."""
        return {"server": self.server, "dm": self._direct[user["id"]], "elsewhere": self._elsewhere}[where]

    def place_of(self, channel_id: str) -> Place | None:
        """The place whose channel this is."""
        places = (self.server, self._elsewhere, *self._direct.values())
        return next((place for place in places if place.channel["id"] == channel_id), None)

    def available(self, place: Place, user: Json) -> list[Json]:
        """The commands that somebody sees in a place: those of the server itself, then those registered everywhere.

        In a server, those that want permissions are for people who have them.
        """
        of_server = self.commands.get(self.guild["id"], []) if place is self.server else []
        install = 0 if place.installed else 1
        everywhere = [
            command
            for command in self.commands.get(None, [])
            if place.context in command["contexts"] and (place.guild is None or install in command["integration_types"])
        ]
        permissions = self.permissions(user) if place.guild else ~0
        return [one for one in of_server + everywhere if not _wanted(one) & ~permissions]

    def register(self, guild_id: str | None, commands: list[Json]) -> None:
        """Replace the commands of one server, or with ``None`` those registered everywhere."""
        self.commands[guild_id] = commands
        self.emit("COMMANDS", {})

    def put(self, message: Json) -> None:
        """Create a message, or replace the one with the same id."""
        before = self.messages.get(message["id"])
        self.messages[message["id"]] = message
        kept = {attachment["id"] for attachment in message["attachments"]}
        attachments: list[Json] = before["attachments"] if before else []
        for attachment in attachments:
            if attachment["id"] not in kept:
                self.files.pop(attachment["id"], None)
        if len(self.messages) > MESSAGES_KEPT:
            oldest = (id for id, old in self.messages.items() if not old["flags"] & LOADING and old is not message)
            if id := next(oldest, None):
                self._forget(id)
        self.emit("MESSAGE_UPDATE" if before else "MESSAGE_CREATE", message)

    def remove(self, message_id: str) -> None:
        """Delete a message for everyone."""
        self.emit("MESSAGE_DELETE", self._forget(message_id))

    def _forget(self, message_id: str) -> Json:
        message = self.messages.pop(message_id)
        for attachment in message["attachments"]:
            self.files.pop(attachment["id"], None)
        return message

    def visible(self, message: Json, user: Json) -> bool:
        """Whether a user sees a message: private answers are only for whoever asked."""
        return not message["flags"] & EPHEMERAL or message["interaction_metadata"]["user"]["id"] == user["id"]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(event, data)` on every change from now on, until the returned function is called."""
        self.listeners.append(listener)

        def stop() -> None:
            self.listeners.remove(listener)
            self.changed()

        return stop

    def emit(self, event: str, data: Json) -> None:
        """Tell every listener."""
        for listener in tuple(self.listeners):
            listener(event, data)
        self.changed()

    def changed(self) -> None:
        """Let whoever waits look again."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; it is looked at after every change."""
        while not condition():
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future
