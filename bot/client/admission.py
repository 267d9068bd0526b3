"""Who may use the bot, and where: the host's lists of servers and people."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings
from core.errors import CoreError

NOT_HERE = "This bot is not for use here: ask the person who hosts it to allow this server."
NOT_YOU = "You cannot use this bot: ask the person who hosts it."


class Unwelcome(CoreError):
    """The host's lists keep this person, or this server, out."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The host's lists, of ids. Where nobody is allowed by name, everybody is who is not denied."""

    servers: frozenset[int]
    people: frozenset[int]
    denied_servers: frozenset[int]
    denied_people: frozenset[int]

    @classmethod
    def of(cls, settings: Settings) -> Admission:
        """The lists in the settings."""
        return cls(settings.allowed_servers, settings.allowed_users, settings.denied_servers, settings.denied_users)

    def check(self, person: int, server: int | None) -> None:
        """Refuse a person in a server, or with ``None`` in a direct message.

        Raises:
            Unwelcome: They are kept out.
        """
        if person in self.denied_people:
            raise Unwelcome(NOT_YOU)
        if server in self.denied_servers:
            raise Unwelcome(NOT_HERE)
        if (self.servers or self.people) and person not in self.people and server not in self.servers:
            raise Unwelcome(NOT_HERE if self.servers else NOT_YOU)
