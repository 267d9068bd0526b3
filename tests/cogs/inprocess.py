"""discord.py without a network: the real bot gets payloads as the gateway would bring them, and its requests are noted.

The seams are discord.py's own: what its gateway client calls for each event, `HTTPClient.request` for what the bot asks
on its own account, and `AsyncWebhookAdapter.request` for what it asks with the token of an interaction.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import discord
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.client.bot import Bot
from bot.playground.api import rules
from bot.playground.payloads import PERMISSIONS
from bot.settings import Settings
from cogs.requests.server_settings import ServerStore
from core import Core

Json = dict[str, Any]

APPLICATION, GUILD, CHANNEL = "1000000000000000001", "1000000000000000002", "1000000000000000003"
ALICE, BOB = "4", "7"
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of the bot: how it would go to Discord, and the files with it."""

    method: str
    path: str
    body: Json
    files: tuple[tuple[str, bytes], ...] = ()


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True)
class Exchange:
    """One interaction: what the bot sent for it, and the message that a person sees at the end.

    Attributes:
        sent: Every request, in order.
        message: The answer, or the card that was pressed as it is now.
        extra: Further messages.
        form: The form that the bot opened.
        user: Who acted.
        begun: Set once the bot has sent something.
        heard: While it is cleared, an acknowledgement is not answered.
    """

    sent: list[Sent] = field(default_factory=list)
    message: Json = field(default_factory=dict)
    extra: list[Json] = field(default_factory=list)
    form: Json = field(default_factory=dict)
    user: Json = field(default_factory=dict)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=_set)

    @property
    def steps(self) -> list[str]:
        """What the bot did: ``callback 5`` defers, ``PATCH`` edits, ``DELETE`` takes it back, ``POST`` says more."""
        return [f"callback {one.body['type']}" if "callback" in one.path else one.method for one in self.sent]

    @property
    def private(self) -> bool:
        """Whether only the person who acted sees the answer."""
        return bool(self.message.get("flags", 0) & EPHEMERAL)

    @property
    def text(self) -> str:
        """Everything that the answer says, without its pictures."""
        parts = [part["content"] for part in self.parts if part["type"] == rules.TEXT]
        return "\n".join([self.message.get("content", ""), *parts]).strip()

    @property
    def parts(self) -> list[Json]:
        """Every component of the answer."""
        return [part for _, part in rules.walk(self.message.get("components", []))]

    @property
    def controls(self) -> dict[str, Json]:
        """The buttons and selects by their custom_id."""
        return {part["custom_id"]: part for part in self.parts if "custom_id" in part}

    @property
    def files(self) -> tuple[tuple[str, bytes], ...]:
        """The files of the last request."""
        return self.sent[-1].files

    def control(self, action: str, detail: str = "") -> str:
        """The custom_id of the first control of an action, whose detail ends as given."""
        return next(id for id in self.controls if id.startswith(f"{action}:") and id.endswith(detail))


class Discord(AsyncWebhookAdapter):
    """What stands in for Discord.

    Attributes:
        bot: The real bot.
        requests: What the bot asked on its own account.
        refusals: By a step, as in `Exchange.steps`: how the next such request fails, or with which status and code.
        edits: The exchanges whose message was edited, in order.
        outages: The same, of every such request.
        locale: Discord's code of the language of whoever acts, and `person` their id.
        server: The id of the server in which they act, and `permissions` what they may do there.

    Args:
        core: What answers.
        servers: Makes what keeps what servers choose; nothing does if it gives nothing.
        settings: What the host chose.
    """

    def __init__(self, core: Core, servers: Callable[[], ServerStore | None] = ServerStore, **settings: Any) -> None:
        super().__init__()
        self.bot = Bot(core, Settings(**{"at_once": 100, **settings}), servers())
        self.bot.http.request = self._request  # type: ignore[method-assign]
        self.requests: list[Sent] = []
        self.refusals: dict[str, tuple[int, int] | Exception] = {}
        self.edits: list[Exchange] = []
        self.outages: dict[str, tuple[int, int] | Exception] = {}
        self.locale, self.person = "en-GB", ALICE
        self.server, self.permissions = GUILD, int(PERMISSIONS)
        self._commands: list[Json] = []
        self._exchanges: dict[str, Exchange] = {}
        self._others: set[asyncio.Task[Any]] = set()
        self._ids = itertools.count(int(discord.utils.time_snowflake(discord.utils.utcnow())))

    @asynccontextmanager
    async def logged_in(self) -> AsyncGenerator[Discord, None]:
        """Log the bot in, as far as one can without a gateway."""
        token = async_context.set(self)
        self._others = asyncio.all_tasks()  # the test, and what its core always does
        try:
            async with self.bot:
                await self.bot.login("an.imagined.token")
                yield self
                await self.settle()
        finally:
            async_context.reset(token)

    # What people do

    async def command(self, name: str, *, dm: bool = False, **options: Any) -> Exchange:
        """Run a slash command and wait until the bot has done all that it does."""
        exchange = self.start(name, dm=dm, **options)
        await self.settle()
        return exchange

    def start(self, name: str, *, dm: bool = False, **options: Any) -> Exchange:
        """Run a slash command."""
        kinds = {str: 3, int: 4, bool: 5, float: 10}
        given = [{"name": key, "type": kinds[type(value)], "value": value} for key, value in options.items()]
        return self._interact(COMMAND, {"id": "5", "name": name, "type": 1, "options": given}, Exchange(), dm)

    async def menu(self, name: str, message: Json) -> Exchange:
        """Use a menu command on a message."""
        data: Json = {"id": "5", "name": name, "type": 3, "target_id": message["id"]}
        data["resolved"] = {"messages": {message["id"]: copy.deepcopy(message)}}
        exchange = self._interact(COMMAND, data, Exchange(), dm=False)
        await self.settle()
        return exchange

    async def complete(self, name: str, option: str, typed: str, **given: str) -> list[str]:
        """What is offered while somebody types an option of a slash command, of which others may be given already."""
        return list(await self.labels(name, option, typed, **given))

    async def labels(self, name: str, option: str, typed: str, **given: str) -> dict[str, str]:
        """The same, with what is shown of each."""
        exchange = self.start_completing(name, option, typed, **given)
        await self.settle()
        (answer,) = exchange.sent
        assert answer.body["type"] == 8
        return {choice["value"]: choice["name"] for choice in answer.body["data"]["choices"]}

    def start_completing(self, name: str, option: str, typed: str, **given: str) -> Exchange:
        """Type an option of a slash command, of which others may be given already."""
        focused = {"name": option, "type": 3, "value": typed, "focused": True}
        others = [{"name": key, "type": 3, "value": value} for key, value in given.items()]
        data = {"id": "5", "name": name, "type": 1, "options": [*others, focused]}
        return self._interact(AUTOCOMPLETE, data, Exchange(), dm=False)

    async def press(self, card: Exchange, custom_id: str, *values: str) -> Exchange:
        """Use a control of an answer; the new exchange holds the card as it is afterwards."""
        pressed = self.start_press(card, custom_id, *values)
        await self.settle()
        return pressed

    def start_press(self, card: Exchange, custom_id: str, *values: str) -> Exchange:
        """Use a control, and do not wait for what comes of it."""
        control = card.controls[custom_id]
        data = {"component_type": control["type"], "custom_id": custom_id, "id": control["id"]}
        if control["type"] == rules.SELECT:
            data["values"] = list(values)
        return self._interact(COMPONENT, data, Exchange(message=copy.deepcopy(card.message)), dm=False)

    def forge(self, kind: int, data: Json, card: Exchange, *rows: Json) -> Exchange:
        """Send an interaction that Discord's own clients would never send, about a card with more rows of controls."""
        message = copy.deepcopy(card.message)
        message["components"] = [*message["components"], *rows]
        return self._interact(kind, data, Exchange(message=message), dm=False)

    async def submit(self, card: Exchange, form: Json, *texts: str) -> Exchange:
        """Send a form that a card opened, with texts in its fields."""
        fields = [
            {"type": 4, "id": 2, "custom_id": label["component"]["custom_id"], "value": text}
            for label, text in zip(form["components"], texts, strict=True)
        ]
        labels = [{"type": 18, "id": 1, "component": field} for field in fields]
        data = {"custom_id": form["custom_id"], "components": labels}
        sent = self._interact(MODAL_SUBMIT, data, Exchange(message=copy.deepcopy(card.message)), dm=False)
        await self.settle()
        return sent

    async def settle(self) -> None:
        """Wait until the bot has nothing left to do."""
        while waiting := asyncio.all_tasks() - self._others - {asyncio.current_task()}:
            await asyncio.wait(waiting)

    def _interact(self, kind: int, data: Json, exchange: Exchange, dm: bool) -> Exchange:
        number = str(next(self._ids))
        self._exchanges[number] = exchange
        user = {"id": self.person, "username": "alice", "discriminator": "0", "avatar": None, "global_name": "Alice"}
        exchange.user = user
        where: Json = {"user": user, "channel": {"id": CHANNEL, "type": 1, "recipients": [user]}, "context": 1}
        if not dm:
            member = {"user": user, "roles": [], "flags": 0, "joined_at": "2020-01-01T00:00:00+00:00"}
            member |= {"permissions": str(self.permissions), "deaf": False, "mute": False}
            where = {"member": member, "guild_id": self.server}
            where |= {"channel": {"id": CHANNEL, "type": 0, "name": "general", "position": 0}, "context": 0}
        payload = {
            **where,
            "id": number,
            "application_id": APPLICATION,
            "type": kind,
            "token": f"token-{number}",
            "version": 1,
            "attachment_size_limit": 10 << 20,
            "data": data,
            "locale": self.locale,
        }
        if kind in (COMPONENT, MODAL_SUBMIT):
            payload["message"] = copy.deepcopy(exchange.message)
        self.bot._connection.parsers["INTERACTION_CREATE"](payload)
        return exchange

    # What Discord does

    async def request(self, route: Route, session: Any, **options: Any) -> Any:
        """Note what the bot asks with the token of an interaction, and answer it."""
        sent = _sent(route, options)
        number = route.url.partition("token-")[2].partition("/")[0]
        exchange = self._exchanges[number]
        exchange.sent.append(sent)
        exchange.begun.set()
        if refusal := self.refusals.pop(exchange.steps[-1], None) or self.outages.get(exchange.steps[-1]):
            raise refusal if isinstance(refusal, Exception) else _refusal(*refusal)
        if route.url.endswith("/callback"):
            await exchange.heard.wait()
            return self._call_back(number, exchange, sent)
        if route.method in ("PATCH", "DELETE") and not exchange.message:
            raise _refusal(404, 10008)
        if route.method == "PATCH":
            self.edits.append(exchange)
            flags = exchange.message["flags"] & ~LOADING | sent.body.get("flags", 0)
            changed = {**exchange.message, **sent.body, "flags": flags}
            exchange.message = self._message(exchange.message["id"], changed, exchange.user)
            return exchange.message
        if route.method == "DELETE":
            exchange.message = {}
            return None
        message = self._message(str(next(self._ids)), sent.body, exchange.user)
        if exchange.message and not exchange.message["flags"] & LOADING:
            exchange.extra.append(message)
        else:  # a promised message is seen by whom it was promised to
            promised = exchange.message.get("flags", message["flags"]) & EPHEMERAL
            exchange.message = {**message, "flags": message["flags"] & ~EPHEMERAL | promised}
        return message

    def _call_back(self, number: str, exchange: Exchange, sent: Sent) -> Json:
        kind, data = sent.body["type"], sent.body.get("data") or {}
        answer = {"interaction": {"id": number, "type": kind}}
        if kind == 9:
            exchange.form = data
        if kind in (4, 5):
            flags = data.get("flags", 0) | (LOADING if kind == 5 else 0)
            message = self._message(str(next(self._ids)), {**data, "flags": flags}, exchange.user)
            exchange.message = message
            answer["interaction"] |= {"response_message_id": message["id"]}
        return answer

    def _message(self, id: str, body: Json, user: Json) -> Json:
        components = copy.deepcopy(body.get("components", []))
        numbers = itertools.count(1)
        for _, part in rules.walk(components):
            part.setdefault("id", next(numbers))
        author = {"id": APPLICATION, "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
        attachments = [{"size": 1, "url": "u", "proxy_url": "u", **file} for file in body.get("attachments", [])]
        embeds = [{"type": "rich", **embed} for embed in body.get("embeds") or ()]
        constant = {"embeds": embeds, "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False}
        times = {"tts": False, "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None}
        sent = {"components": components, "attachments": attachments, "flags": body.get("flags", 0)}
        about = {"id": id, "channel_id": CHANNEL, "type": 20, "author": author, "content": body.get("content") or ""}
        cause = body.get("interaction_metadata") or {"id": "6", "type": COMMAND, "user": user}
        return {**constant, **times, **sent, **about, "interaction_metadata": cause}

    async def _request(self, route: Route, **options: Any) -> Any:
        sent = _sent(route, {"payload": options.get("json"), **options})
        self.requests.append(sent)
        me = {"id": APPLICATION, "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
        match route.method, route.url.removeprefix(Route.BASE):
            case "GET", "/users/@me":
                return me
            case "GET", "/oauth2/applications/@me":
                about = {"icon": None, "description": "", "bot_public": True, "bot_require_code_grant": False}
                return {"id": APPLICATION, "name": "bot", "verify_key": "", "owner": me, **about}
            case "GET", _:
                return copy.deepcopy(self._commands)
            case "PUT", _:
                common = {"application_id": APPLICATION, "version": "1", "default_permission": True, "description": ""}
                self._commands = [{**common, "id": str(next(self._ids)), **one} for one in options["json"]]
                return copy.deepcopy(self._commands)
            case other:
                raise AssertionError(f"nobody expects {other}")


def _refusal(status: int, code: int) -> discord.HTTPException:
    return discord.HTTPException(_Response(status), {"code": code, "message": "refused"})  # type: ignore[arg-type]


@dataclass
class _Response:
    status: int
    reason: str = ""


def _sent(route: Route, options: Json) -> Sent:
    body = options.get("payload") or {}
    files: list[tuple[str, bytes]] = []
    parts: Sequence[Json] = options.get("multipart") or ()
    for part in parts:
        if part["name"] == "payload_json":
            body = json.loads(part["value"])
        else:
            files.append((part["filename"], part["value"].read()))
    return Sent(route.method, route.url.removeprefix(Route.BASE), copy.deepcopy(body), tuple(files))
