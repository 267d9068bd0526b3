"""What Discord answers to each request of a bot that answers interactions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from bot.playground.api import answering, command_rules, messages
from bot.playground.api.rest import Call, Handler
from bot.playground.api.rules import Refusal, refuse
from bot.playground.exchange import Exchange
from bot.playground.payloads import LOCALE, Json, Reply
from bot.playground.world import EPHEMERAL, LOADING, World

COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


class Routes:
    """The handlers. Each reads or changes the world at once."""

    def __init__(self, world: World, exchanges: Mapping[str, Exchange], gateway_url: str) -> None:
        self._world = world
        self._exchanges = exchanges  # by token
        self._gateway_url = gateway_url

    def table(self) -> list[tuple[str, str, Handler]]:
        """Method, template and handler of each route."""
        message_routes = (f"{WEBHOOK}/messages/@original", f"{WEBHOOK}/messages/{{message_id}}")
        methods = {"GET": self.get_message, "PATCH": self.edit_message, "DELETE": self.delete_message}
        return [
            ("GET", "/users/@me", self.me),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            *(("GET", route, self.list_commands) for route in (COMMANDS, GUILD_COMMANDS)),
            *(("PUT", route, self.put_commands) for route in (COMMANDS, GUILD_COMMANDS)),
            ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", self.callback),
            ("POST", WEBHOOK, self.follow_up),
            *((method, route, handler) for route in message_routes for method, handler in methods.items()),
            ("POST", "/channels/{channel_id}/messages", self.create_message),
        ]

    def me(self, call: Call) -> Reply:
        """The bot's own user."""
        return 200, {**self._world.bot, "mfa_enabled": False, "locale": LOCALE, "verified": True, "email": None}

    def application(self, call: Call) -> Reply:
        """The bot's application."""
        return 200, self._world.application

    def gateway(self, call: Call) -> Reply:
        """Where the gateway is."""
        return 200, {"url": self._gateway_url}

    def gateway_bot(self, call: Call) -> Reply:
        """Where the gateway is, and how often a bot may start."""
        at_once = self._world.limits.starts
        starts = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": at_once}
        return 200, {"url": self._gateway_url, "shards": 1, "session_start_limit": starts}

    def list_commands(self, call: Call) -> Reply:
        """The registered commands; translations only where asked for."""
        commands = self._world.commands.get(self._scope(call), [])
        return 200, commands if call.wants("with_localizations") else _without_translations(commands)

    def put_commands(self, call: Call) -> Reply:
        """Replace all commands; one that keeps its type and name keeps its id."""
        scope = self._scope(call)
        refuse(command_rules.list_problems(call.body))
        old = {(command["type"], command["name"]): command for command in self._world.commands.get(scope, [])}
        registered: list[Json] = []
        for command in call.body:
            stored = command_rules.stored(command, scope) | {"application_id": self._world.bot["id"]}
            before = old.get((stored["type"], stored["name"]))
            identity = {key: before[key] for key in ("id", "version")} if before else {"id": self._mint()}
            if before != stored | identity:
                identity["version"] = self._mint()
            registered.append(stored | identity)
        self._world.register(scope, registered)
        return 200, registered

    def callback(self, call: Call) -> Reply:
        """The first answer to an interaction."""
        exchange = self._exchanges.get(call.path["interaction_token"])
        if exchange is None or exchange.id != call.path["interaction_id"]:
            raise Refusal(404, 10062, "Unknown interaction")
        kind: int = call.body["type"]
        message = answering.respond(exchange, kind, call.body.get("data"), call.files)
        if not call.wants("with_response"):
            return 204, None
        about: Json = {"id": exchange.id, "type": exchange.kind, "channel_id": exchange.place.channel["id"]}
        if exchange.place.guild:
            about["guild_id"] = exchange.place.guild["id"]
        if exchange.original:
            flags = self._world.messages[exchange.original]["flags"]
            about["response_message_id"] = exchange.original
            about["response_message_loading"] = bool(flags & LOADING)
            about["response_message_ephemeral"] = bool(flags & EPHEMERAL)
        if kind in (answering.REPLY, answering.UPDATE):
            return 200, {"interaction": about, "resource": {"type": kind, "message": message}}
        return 200, {"interaction": about}

    def follow_up(self, call: Call) -> Reply:
        """A further message of an interaction."""
        message = answering.follow_up(self._exchange(call), call.body, call.files)
        return (200, message) if call.wants("wait") else (204, None)

    def get_message(self, call: Call) -> Reply:
        """A message of an interaction."""
        return 200, answering.find(self._exchange(call), _message_id(call))

    def edit_message(self, call: Call) -> Reply:
        """Change a message of an interaction."""
        return 200, answering.edit(self._exchange(call), _message_id(call), call.body, call.files)

    def delete_message(self, call: Call) -> Reply:
        """Delete a message of an interaction."""
        answering.delete(self._exchange(call), _message_id(call))
        return 204, None

    def create_message(self, call: Call) -> Reply:
        """A message that answers nothing; possible only where the bot itself is."""
        place = self._world.place_of(call.path["channel_id"])
        if place is None:
            raise Refusal(404, 10003, "Unknown Channel")
        if not place.installed:
            raise Refusal(403, 50001, "Missing Access")
        message = messages.blank(self._world, place, self._world.bot)
        message = messages.revise(self._world, message, call.body, call.files)
        self._world.put(message)
        return 200, message

    def _exchange(self, call: Call) -> Exchange:
        exchange = self._exchanges.get(call.path["webhook_token"])
        if exchange is None or call.path["webhook_id"] != self._world.bot["id"]:
            raise Refusal(404, 10015, "Unknown Webhook")
        return exchange

    def _scope(self, call: Call) -> str | None:
        guild_id = call.path.get("guild_id")
        if call.path["application_id"] != self._world.bot["id"]:
            raise Refusal(403, 20012, "You are not authorized to perform this action on this application")
        if guild_id not in (None, self._world.guild["id"]):
            raise Refusal(403, 50001, "Missing Access")
        return guild_id

    def _mint(self) -> str:
        return self._world.clock.snowflake()


def _message_id(call: Call) -> str:
    return call.path.get("message_id", "@original")


def _without_translations(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_translations(inner) for inner in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    items = cast(Json, value).items()
    return {key: _without_translations(inner) for key, inner in items if not key.endswith("_localizations")}
