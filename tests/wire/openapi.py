"""Holds what a bot sends, and what the local Discord answers, against Discord's own API description.

Requests are checked strictly: every object is closed, so that a misspelt key is found. `SENT_ANYWAY` lists what discord.py
sends although the description does not name it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.playground.rest import PREFIX, Recorded

SPEC = Path(__file__).parents[3] / "shared" / "data" / "spec" / "discord-openapi.json"
MESSAGE_KEYS = ("tts",)
SENT_ANYWAY: dict[str, tuple[str, ...]] = {
    "ApplicationCommandUpdateRequest": ("nsfw",),
    "IncomingWebhookUpdateRequestPartial": MESSAGE_KEYS,
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": MESSAGE_KEYS,
    "RichEmbed": ("flags",),
    # An attachment that is kept goes back with everything discord.py knows of it.
    "MessageAttachmentRequest": ("url", "proxy_url", "size", "spoiler", "content_type", "width", "height"),
}


def problems(requests: Iterable[Recorded]) -> list[str]:
    """What the description objects to in the bodies of requests, each with its place. Skips where it is not at hand."""
    description = _strict()
    return [
        f"{request.method} {request.route}: {sentence}"
        for request in requests
        if request.body is not None
        for sentence in _check(description, request, "requestBody", request.body)
    ]


def answer_problems(requests: Iterable[Recorded]) -> list[str]:
    """What the description objects to in the answers to requests."""
    description = _load()
    return [
        f"{request.method} {request.route} → {request.status}: {sentence}"
        for request in requests
        if request.answer is not None
        for sentence in _check(description, request, f"responses/{request.status}", request.answer)
    ]


def _check(description: dict[str, Any], request: Recorded, part: str, instance: Any) -> Iterator[str]:
    operation = description["paths"].get(request.route, {}).get(request.method.lower())
    if operation is None:
        yield f"Discord has no such route below {PREFIX}"
        return
    if part.startswith("responses/") and str(request.status) not in operation["responses"]:
        part = "responses/4XX"
    if "$ref" in (node := _follow(operation, part)):
        pointer = node["$ref"].removeprefix("#")
    else:
        pointer = f"/paths/{_escape(request.route)}/{request.method.lower()}/{part}"
    for error in _validator(id(description), f"{pointer}/content/application~1json/schema").iter_errors(instance):
        found = _innermost(error)
        yield f"{'.'.join(map(str, found.absolute_path)) or 'body'}: {found.message[:300]}"


def _follow(node: Any, path: str) -> Any:
    for key in path.split("/"):
        node = node[key]
    return node


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _innermost(error: ValidationError) -> ValidationError:
    """The complaint of the branch that was meant: the one whose ``type`` fits, else the one that fits best."""
    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        fits = [b for b in branches.values() if not any(list(e.relative_path) == ["type"] for e in b)]
        error = min(fits or branches.values(), key=len)[0]
    return error


@cache
def _load() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"Discord's API description is not at {SPEC}")
    return json.loads(SPEC.read_text())


@cache
def _strict() -> dict[str, Any]:
    """The description with every object closed and ids allowed as numbers, which Discord accepts and discord.py sends."""
    description = json.loads(json.dumps(_load()))
    schemas = description["components"]["schemas"]
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    for name, schema in schemas.items():
        if schema.get("type") == "object" and "properties" in schema:
            schema["properties"].update(dict.fromkeys(SENT_ANYWAY.get(name, ()), True))
            schema.setdefault("additionalProperties", False)
    return description


@cache
def _validator(description: int, pointer: str) -> Draft202012Validator:
    document = _strict() if description == id(_strict()) else _load()
    registry: Registry[Any] = Registry().with_resource("urn:discord", DRAFT202012.create_resource(document))
    return Draft202012Validator({"$ref": f"urn:discord#{pointer}"}, registry=registry, format_checker=FormatChecker())
