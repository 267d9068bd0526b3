"""One interaction as the person who started it sees it: what they did, and what the bot answered."""

from __future__ import annotations

import asyncio
import secrets
from typing import Self

from bot.playground.payloads import USE_EXTERNAL_APPS, Json
from bot.playground.world import EPHEMERAL, LOADING, Place, World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5  # kinds of interaction
NO_RESPONSE = "The application did not respond"  # what Discord's client says


class Exchange:
    """An interaction and its answers.

    Attributes:
        id: The interaction's id.
        token: What the bot shows in order to answer.
        user: Who acted, and `place`: where.
        command: The name of the command that was run, or ``None``.
        source: The message whose control was used, or ``None``.
        opener: The exchange that opened the form which was sent, or ``None``.
        original: The id of the message that the bot calls ``@original``, or ``None``.
        touched: The ids of the messages that the bot created or changed, in order.
        steps: What the bot did, in order: replied, deferred, updated, suggested, asked, edited, followed up, deleted.
        modal: The form that the bot opened, or ``None``.
        choices: The suggestions that the bot gave for an option, or ``None``.
        failed: What Discord's client says when the bot stayed silent, or ``None``.
    """

    def __init__(
        self,
        world: World,
        kind: int,
        user: Json,
        place: Place,
        *,
        command: str | None = None,
        source: Json | None = None,
        opener: Exchange | None = None,
    ) -> None:
        self.id = world.clock.snowflake()
        self.token = secrets.token_urlsafe(32)
        self.world, self.kind, self.user, self.place = world, kind, user, place
        self.command, self.source, self.opener = command, source, opener
        self.original: str | None = None
        self.touched: list[str] = []
        self.steps: list[str] = []
        self.modal: Json | None = None
        self.choices: list[Json] | None = None
        self.failed: str | None = None
        born = world.clock.now()
        self.deadline, self.expires = born + world.limits.acknowledge, born + world.limits.token
        self._acknowledged, self._finished = asyncio.Event(), asyncio.Event()

    @property
    def message(self) -> Json | None:
        """The answer as it is now: the original response, or the newest other message where there is none."""
        shown = {message["id"]: message for message in self.messages}
        return shown.get(self.original or "") or (self.messages[-1] if shown else None)

    @property
    def messages(self) -> list[Json]:
        """Every message that the bot created or changed here, as they are now."""
        return [self.world.messages[id] for id in self.touched if id in self.world.messages]

    @property
    def private(self) -> bool:
        """Whether only the person who acted sees the answer."""
        return bool(self.message and self.message["flags"] & EPHEMERAL)

    @property
    def muted(self) -> int:
        """`EPHEMERAL` where every answer is private: of an app that may not speak aloud where it is not installed."""
        aloud = self.place.installed or self.world.permissions(self.user) & USE_EXTERNAL_APPS
        return 0 if aloud else EPHEMERAL

    @property
    def answers(self) -> int:
        """How many times the bot answered: callbacks, edits, follow-ups and deletions."""
        return len(self.steps)

    @property
    def acknowledged(self) -> bool:
        """Whether the bot answered at all."""
        return self._acknowledged.is_set()

    def record(self, step: str) -> None:
        """Note what the bot did, and let whoever waits for it go on."""
        self.steps.append(step)
        self.world.changed()
        self._acknowledged.set()
        answered = self.message and not self.message["flags"] & LOADING
        if answered or self.modal is not None or self.choices is not None:
            self._finished.set()
        elif step == "deleted":  # something else may still come, or nothing
            asyncio.get_running_loop().call_later(self.world.limits.silence, self._finished.set)

    async def first(self) -> Self:
        """Wait until the bot acknowledged, or the time for it is over (then `failed` says so)."""
        return await self._reached(self._acknowledged, self.deadline)

    async def final(self) -> Self:
        """Wait for an answer that is more than "thinking…", or for the end of the time for it."""
        await self.first()
        return self if self.failed else await self._reached(self._finished, self.expires)

    async def further(self) -> Self:
        """Wait for one more answer after a `final` one that only told what the person waits for."""
        self._finished.clear()
        return await self._reached(self._finished, self.expires)

    async def _reached(self, event: asyncio.Event, moment: float) -> Self:
        try:
            async with self.world.clock.until(moment):
                await event.wait()
        except TimeoutError:
            self.failed = NO_RESPONSE
        return self

    @property
    def metadata(self) -> Json:
        """What a message says about the interaction it answers."""
        about: Json = {"id": self.id, "type": self.kind, "user": self.user}
        about["authorizing_integration_owners"] = self.owners
        if self.command:
            about["name"] = self.command
        if self.kind == COMPONENT and self.source:
            about["interacted_message_id"] = self.source["id"]
        if self.kind == MODAL_SUBMIT and self.opener:
            about["triggering_interaction_metadata"] = self.opener.metadata
        return about

    @property
    def owners(self) -> dict[str, str]:
        """Who installed the app: the server (0; in a conversation with the bot its id is "0"), or the user (1)."""
        if not self.place.installed:
            return {"1": self.user["id"]}
        return {"0": self.place.guild["id"] if self.place.guild else "0"}
