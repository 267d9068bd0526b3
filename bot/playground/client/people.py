"""What people do: run a command, press a button, fill in a form. Each becomes an interaction that the bot hears of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.playground.api import messages, rules
from bot.playground.api.command_rules import MESSAGE_MENU, USER_MENU, kind_of
from bot.playground.client import forms
from bot.playground.exchange import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Exchange
from bot.playground.gateway import Gateway
from bot.playground.payloads import ATTACHMENT_SIZE_LIMIT, LOCALE, PERMISSIONS, Json, member
from bot.playground.world import Place, Refused, Where, World

EXCHANGES_KEPT = 5000
Options = Mapping[str, Any]


class People:
    """Acts for the people of the world. Every method raises `Refused` for what Discord's client would not send.

    Attributes:
        exchanges: The newest exchanges by their token.
    """

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.exchanges: dict[str, Exchange] = {}
        self._world = world
        self._gateway = gateway

    def say(self, text: str, user: str | None = None, where: Where = "server") -> Json:
        """Write an ordinary message, so that there is something to use a message menu on."""
        if not 1 <= len(text) <= 2000:
            raise Refused("A message has between 1 and 2,000 characters.")
        author = self._world.person(user)
        message = messages.blank(self._world, self._world.place(where, author), author)
        message = messages.revise(self._world, message, {"content": text}, {})
        self._world.put(message)
        return message

    def command(self, name: str, options: Options, user: str | None = None, where: Where = "server") -> Exchange:
        """Run a slash command; a subcommand is named ``group sub``."""
        person, place, slash = self._slash(name, user, where)
        data = forms.Filling(self._world, place, slash).data(options)
        return self._act(COMMAND, person, place, data, command=name)

    def autocomplete(
        self, name: str, options: Options, focused: str, user: str | None = None, where: Where = "server"
    ) -> Exchange:
        """Ask for suggestions for the option `focused`, whose text so far is in `options`."""
        person, place, slash = self._slash(name, user, where)
        data = forms.Filling(self._world, place, slash).data(options, focused)
        if not any(option.get("autocomplete") for option in slash.options if option["name"] == focused):
            raise Refused("{option}: there are no suggestions for this option.", option=focused)
        return self._act(AUTOCOMPLETE, person, place, data)

    def menu(self, name: str, target_id: str, user: str | None = None, where: Where = "server") -> Exchange:
        """Use a context menu command on a message or on a person."""
        person = self._world.person(user)
        place = self._world.place(where, person)
        commands = [c for c in self._world.available(place, person) if c["name"] == name and kind_of(c) != forms.SLASH]
        if not commands:
            raise Refused("There is no menu command “{name}”.", name=name)
        command = commands[0]
        chosen = {key: command[key] for key in ("id", "name", "type", "guild_id") if key in command}
        resolved = {USER_MENU: self._one_user, MESSAGE_MENU: self._one_message}[kind_of(command)](target_id, person)
        data = {**chosen, "target_id": target_id, "resolved": resolved}
        return self._act(COMMAND, person, place, data, command=name)

    def press(
        self, message_id: str, custom_id: str, values: Sequence[str] | None = None, user: str | None = None
    ) -> Exchange:
        """Press a button, or choose `values` in a select."""
        person = self._world.person(user)
        message = self._visible(message_id, person)
        parts = (part for _, part in rules.walk(message["components"]))
        control = next((part for part in parts if part.get("custom_id") == custom_id), None)
        if control is None or control.get("disabled"):
            raise Refused("There is no control {control} to use on that message.", control=custom_id)
        data = {"component_type": control["type"], "custom_id": custom_id, "id": control["id"]}
        if control["type"] == rules.SELECT:
            data["values"] = forms.chosen(control, list(values or ()), control.get("placeholder", "This list"))
        elif control["type"] != rules.BUTTON or values:
            raise Refused("Values can only be chosen in a list of text options.")
        place = self._world.place_of(message["channel_id"])
        assert place is not None  # the message is visible somewhere
        return self._act(COMPONENT, person, place, data, source=message)

    def submit(self, interaction_id: str, fields: Options) -> Exchange:
        """Fill in and send the form that the bot opened in answer to an interaction."""
        opener = next((exchange for exchange in self.exchanges.values() if exchange.id == interaction_id), None)
        if opener is None or opener.modal is None:
            raise Refused("That form is not open any more.")
        data = forms.submission(opener.modal, fields)
        return self._act(MODAL_SUBMIT, opener.user, opener.place, data, source=opener.source, opener=opener)

    def _slash(self, name: str, user: str | None, where: Where) -> tuple[Json, Place, forms.Slash]:
        person = self._world.person(user)
        place = self._world.place(where, person)
        for slash in forms.slash_commands(self._world.available(place, person)):
            if slash.name == name:
                return person, place, slash
        raise Refused("There is no command /{name} here.", name=name)

    def _one_message(self, message_id: str, person: Json) -> Json:
        return {"messages": {message_id: self._visible(message_id, person)}}

    def _one_user(self, user_id: str, person: Json) -> Json:
        user = self._world.person(user_id)
        about = {key: value for key, value in member(user).items() if key not in ("user", "deaf", "mute")}
        return {"users": {user_id: user}, "members": {user_id: {**about, "permissions": PERMISSIONS}}}

    def _visible(self, message_id: str, person: Json) -> Json:
        message = self._world.messages.get(message_id)
        places = [self._world.place(where, person).channel["id"] for where in ("server", "dm", "elsewhere")]
        if message is None or message["channel_id"] not in places or not self._world.visible(message, person):
            raise Refused("That message is not there any more.")
        return message

    def _act(
        self,
        kind: int,
        person: Json,
        place: Place,
        data: Json,
        *,
        command: str | None = None,
        source: Json | None = None,
        opener: Exchange | None = None,
    ) -> Exchange:
        if not self._gateway.reachable:
            raise Refused("The bot is not online: start it, or look at what it says.")
        exchange = Exchange(self._world, kind, person, place, command=command, source=source, opener=opener)
        self.exchanges[exchange.token] = exchange
        if len(self.exchanges) > EXCHANGES_KEPT:
            del self.exchanges[next(iter(self.exchanges))]
        self._gateway.announce(exchange, self._payload(exchange, data))
        return exchange

    def _payload(self, exchange: Exchange, data: Json) -> Json:
        place = exchange.place
        where: Json = {"user": exchange.user}
        if place.guild:
            where = {
                "guild_id": place.guild["id"],
                "guild": {"id": place.guild["id"], "features": [], "locale": LOCALE},
                "guild_locale": LOCALE,
                "member": {**member(exchange.user), "permissions": str(self._world.permissions(exchange.user))},
            }
        return {
            **where,
            "id": exchange.id,
            "application_id": self._world.bot["id"],
            "type": exchange.kind,
            "token": exchange.token,
            "version": 1,
            "data": data,
            "channel_id": place.channel["id"],
            "channel": {**place.channel, "permissions": PERMISSIONS},
            "app_permissions": PERMISSIONS,
            "locale": self._world.speaks.get(exchange.user["id"], LOCALE),
            "entitlements": [],
            "authorizing_integration_owners": exchange.owners,
            "context": place.context,
            "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
            **({"message": exchange.source} if exchange.source else {}),
        }
