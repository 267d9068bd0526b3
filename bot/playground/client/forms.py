"""What Discord's client checks before it sends anything: options, selects, the fields of a form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.api import rules
from bot.playground.api.command_rules import GROUP, SLASH, SUBCOMMAND
from bot.playground.payloads import Json
from bot.playground.world import Place, Refused, World
from core.spelling import nearest

STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER = 3, 4, 5, 6, 7, 10
LONGEST_STRING = 6000
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23


@dataclass(frozen=True, slots=True)
class Slash:
    """A slash command, or one of its subcommands.

    Attributes:
        name: What people type after the slash, such as ``lab weights``.
        command: The registered command.
        inside: The groups and the subcommand on the way to it.
    """

    name: str
    command: Json
    inside: tuple[Json, ...] = ()

    @property
    def options(self) -> list[Json]:
        """What can be filled in."""
        return (self.inside[-1] if self.inside else self.command).get("options", [])

    @property
    def description(self) -> str:
        """What it does."""
        return (self.inside[-1] if self.inside else self.command)["description"]


def slash_commands(commands: list[Json]) -> Iterator[Slash]:
    """Everything that people can type after a slash."""
    for command in commands:
        if command["type"] == SLASH:
            yield from _leaves(Slash(command["name"], command))


def _leaves(slash: Slash) -> Iterator[Slash]:
    inner = [option for option in slash.options if option["type"] in (SUBCOMMAND, GROUP)]
    for option in inner:
        yield from _leaves(Slash(f"{slash.name} {option['name']}", slash.command, (*slash.inside, option)))
    if not inner:
        yield slash


class Filling:
    """Turns what a person filled in into the ``data`` of an interaction.

    Raises (from `data`):
        Refused: For what Discord's client would not send.
    """

    def __init__(self, world: World, place: Place, slash: Slash) -> None:
        self._world, self._place, self._slash = world, place, slash
        self._resolved: Json = {}

    def data(self, given: Mapping[str, Any], focused: str | None = None) -> Json:
        """The interaction's data; with `focused` it asks for suggestions and may be incomplete."""
        names = {option["name"] for option in self._slash.options}
        for name in (*given, *([focused] if focused else [])):
            if name not in names:
                raise Refused("/{command} has no option {name}.", command=self._slash.name, name=name)
        options: list[Json] = []
        for option in self._slash.options:
            filled = {"name": option["name"], "type": option["type"]}
            value = given.get(option["name"])
            if option["name"] == focused:
                options.append({**filled, "value": str(value or ""), "focused": True})
            elif value is None or value == "":
                if option.get("required") and focused is None:
                    raise Refused("{name}: this option is required.", name=option["name"])
            else:
                options.append({**filled, "value": self._value(option, value)})
        for outer in reversed(self._slash.inside):
            options = [{"name": outer["name"], "type": outer["type"], "options": options}]
        command = {
            key: self._slash.command[key] for key in ("id", "name", "type", "guild_id") if key in self._slash.command
        }
        return {**command, "options": options, **({"resolved": self._resolved} if self._resolved else {})}

    def _value(self, option: Json, value: Any) -> Any:
        name, kind = option["name"], option["type"]
        if choices := option.get("choices"):
            for choice in choices:
                if value in (choice["value"], choice["name"]) or str(value) == str(choice["value"]):
                    return choice["value"]
            near = nearest(str(value), (str(said) for choice in choices for said in (choice["name"], choice["value"])))
            known = ", ".join(choice["name"] for choice in choices)
            if near:
                raise Refused("{name}: choose one of {known}. Did you mean {near}?", name=name, known=known, near=near)
            raise Refused("{name}: choose one of {known}.", name=name, known=known)
        if kind == STRING:
            return _text(name, str(value), option.get("min_length", 0), option.get("max_length", LONGEST_STRING))
        if kind in (INTEGER, NUMBER):
            return _number(option, value)
        if kind == BOOLEAN:
            if str(value).lower() not in ("true", "false"):
                raise Refused("{name}: choose True or False.", name=name)
            return str(value).lower() == "true"
        if kind == USER:
            person = self._world.person(str(value).removeprefix("@"))
            self._resolved.setdefault("users", {})[person["id"]] = person
            return person["id"]
        if kind == CHANNEL and value in (self._place.channel["id"], self._place.channel.get("name")):
            channel = {key: self._place.channel[key] for key in ("id", "type", "name")} | {"permissions": "0"}
            self._resolved.setdefault("channels", {})[channel["id"]] = channel
            return channel["id"]
        raise Refused("{name}: an option of type {kind} cannot be filled in here.", name=name, kind=kind)


def _text(name: str, text: str, least: int, most: int) -> str:
    if not least <= len(text) <= most:
        told = {"name": name, "least": least, "most": most, "count": len(text)}
        raise Refused("{name}: write between {least:,} and {most:,} characters; these are {count:,}.", **told)
    return text


def _number(option: Json, value: Any) -> int | float:
    integer = option["type"] == INTEGER
    try:
        number = int(str(value)) if integer else float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        if integer:
            raise Refused("{name}: write a whole number.", name=option["name"])
        raise Refused("{name}: write a number.", name=option["name"])
    least, most = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
    if not least <= number <= most:
        raise Refused(
            "{name}: write a number between {least:,} and {most:,}.", name=option["name"], least=least, most=most
        )
    return number


def chosen(select: Json, values: list[str], name: str) -> list[str]:
    """The values of a select, checked against its options."""
    known = {option["value"] for option in select["options"]}
    if unknown := [value for value in values if value not in known]:
        raise Refused("{name}: there is no option {value}.", name=name, value=unknown[0])
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(set(values)) <= most or len(set(values)) < len(values):
        told = {"name": name, "least": least, "most": most}
        raise Refused("{name}: choose between {least} and {most} different options.", **told)
    return values


def submission(modal: Json, fields: Mapping[str, Any]) -> Json:
    """The data that sends a form; `fields` holds what was filled in, by custom_id."""
    components = [_submitted(component, fields) for component in modal["components"]]
    return {"custom_id": modal["custom_id"], "components": components}


def _submitted(component: Json, fields: Mapping[str, Any]) -> Json:
    sent: Json = {"type": component["type"], "id": component["id"]}
    if "components" in component:
        return sent | {"components": [_submitted(inner, fields) for inner in component["components"]]}
    if "component" in component:
        return sent | {"component": _submitted(component["component"] | {"label": component["label"]}, fields)}
    if component["type"] == rules.TEXT:
        return sent
    return sent | {"custom_id": component["custom_id"]} | _field(component, fields.get(component["custom_id"]))


def _field(component: Json, value: Any) -> Json:
    kind, name = component["type"], component.get("label") or component["custom_id"]
    required = component.get("required", True)
    if kind == rules.TEXT_INPUT:
        text = str(component.get("value", "") if value is None else value)
        least, most = component.get("min_length"), component.get("max_length")
        if required and not text:
            raise Refused("{name}: this field is required.", name=name)
        return {"value": _text(name, text, (least or 0) if text else 0, most or 4000)}
    if kind == CHECKBOX:
        return {"value": bool(value)}
    values = [value] if isinstance(value, str) else list(value or [])
    if kind not in (rules.SELECT, RADIO, CHECKBOXES):
        raise Refused("{name}: a field of type {kind} cannot be filled in here.", name=name, kind=kind)
    if values or required:
        most = component.get("max_values", len(component["options"]) if kind == CHECKBOXES else 1)
        chosen(component | {"max_values": most}, values, name)
    return {"value": values[0] if values else None} if kind == RADIO else {"values": values}
