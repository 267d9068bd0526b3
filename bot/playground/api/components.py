"""Components as Discord hands them back: numbered, with defaults filled in and their pictures resolved."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, cast

from bot.playground.api import rules
from bot.playground.api.rules import Refusal
from bot.playground.payloads import Json

DEFAULTS: dict[int, Json] = {
    **{type: {"min_values": 1, "max_values": 1} for type in rules.SELECTS},
    rules.TEXT_INPUT: {"label": None, "min_length": None, "max_length": None},
    rules.THUMBNAIL: {"description": None, "spoiler": False},
    rules.FILE: {"spoiler": False},
    rules.SEPARATOR: {"divider": True, "spacing": 1},
    rules.CONTAINER: {"accent_color": None, "spoiler": False},
}

Resolve = Callable[[str, str], Json]  # (url, where it stands) -> Discord's "unfurled media item"


def normalise(components: Any, resolve: Resolve) -> list[Json]:
    """Return the components of a request as a response shows them.

    Raises:
        Refusal: If they are not components at all, or `resolve` refuses a picture.
    """
    shaped = [_shape(component, "components", index) for index, component in enumerate(_list(components))]
    parts = list(rules.walk(shaped))
    taken = {part["id"] for _, part in parts if "id" in part}
    free = (number for number in count(1) if number not in taken)
    for path, part in parts:
        part.setdefault("id", next(free) if "id" not in part else 0)
        _resolve(part, path, resolve)
    return shaped


def _shape(component: Any, path: str, index: int) -> Json:
    where = f"{path}.{index}"
    parts = cast(Json, component) if isinstance(component, dict) else {}
    if not isinstance(parts.get("type"), int):
        raise Refusal(400, 50035, "Invalid Form Body", [(where, "A component is an object with a type.")])
    given: Json = {key: value for key, value in parts.items() if value is not None}
    if not given.get("id"):
        given.pop("id", None)
    if emoji := given.get("emoji"):
        given["emoji"] = {key: value for key, value in emoji.items() if value is not None}
    shaped: Json = {**DEFAULTS.get(given["type"], {}), **given}
    if "components" in given:
        inner = _list(given["components"])
        shaped["components"] = [_shape(child, f"{where}.components", n) for n, child in enumerate(inner)]
    for key in ("accessory", "component"):
        if key in given:
            shaped[key] = _shape(given[key], where, index)
    return shaped


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refusal(400, 50035, "Invalid Form Body", [("components", "Must be a list.")])
    return cast("list[Any]", value)


def _resolve(part: Json, path: str, resolve: Resolve) -> None:
    if part["type"] == rules.THUMBNAIL:
        part["media"] = resolve(part["media"]["url"], f"{path}.media")
    elif part["type"] == rules.FILE:
        part["file"] = media = resolve(part["file"]["url"], f"{path}.file")
        part.update(name=media["url"].rpartition("/")[2], size=None)
    elif part["type"] == rules.GALLERY:
        part["items"] = [
            {
                "media": resolve(item["media"]["url"], f"{path}.items.{n}.media"),
                "description": item.get("description"),
                "spoiler": bool(item.get("spoiler")),
            }
            for n, item in enumerate(part.get("items") or [])
        ]
