"""Holds what a bot sends, and what the local Discord answers, against Discord's own API description.

Requests are checked strictly: every object is closed, so that a misspelt key is found. `SENT_ANYWAY` lists what
discord.py sends although the description does not name it.
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

from bot.playground.api.rest import PREFIX, Recorded

SPEC = Path(__file__).parents[4] / "shared" / "data" / "spec" / "discord-openapi.json"
SENT_ANYWAY: dict[str, tuple[str, ...]] = {
    "ApplicationCommandUpdateRequest": ("nsfw",),
    "IncomingWebhookUpdateRequestPartial": ("tts",),
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": ("tts",),
    "RichEmbed": ("flags",),
    # An attachment that is kept goes back with everything discord.py knows of it.
    "MessageAttachmentRequest": ("url", "proxy_url", "size", "spoiler", "content_type", "width", "height"),
}


def problems(requests: Iterable[Recorded]) -> list[str]:
    """What the description objects to in the bodies of requests, each with its place. Skips where it is not at hand."""
    return [
        f"{request.method} {request.route}: {sentence}"
        for request in requests
        if request.body is not None
        for sentence in _check(request, "requestBody", request.body, strict=True)
    ]


def answer_problems(requests: Iterable[Recorded]) -> list[str]:
    """What the description objects to in the answers to requests."""
    return [
        f"{request.method} {request.route} → {request.status}: {sentence}"
        for request in requests
        if request.answer is not None
        for sentence in _check(request, f"responses/{request.status}", request.answer, strict=False)
    ]


def object_problems(schema: str, instance: Any) -> list[str]:
    """What the description objects to in one object, by the name of its schema."""
    return [_sentence(_innermost(e)) for e in _validator(False, f"/components/schemas/{schema}").iter_errors(instance)]


def _check(request: Recorded, part: str, instance: Any, *, strict: bool) -> Iterator[str]:
    operation = _load()["paths"].get(request.route, {}).get(request.method.lower())
    if operation is None:
        yield f"Discord has no such route below {PREFIX}"
        return
    if part.startswith("responses/") and str(request.status) not in operation["responses"]:
        part = "responses/4XX"
    if "$ref" in (node := _follow(operation, part)):
        pointer = node["$ref"].removeprefix("#")
    else:
        pointer = f"/paths/{_escape(request.route)}/{request.method.lower()}/{part}"
    for error in _validator(strict, f"{pointer}/content/application~1json/schema").iter_errors(instance):
        yield _sentence(_innermost(error))


def _follow(node: Any, path: str) -> Any:
    for key in path.split("/"):
        node = node[key]
    return node


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _innermost(error: ValidationError) -> ValidationError:
    """The complaint of the branch that was meant: of the one whose kind fits, or with the fewest complaints."""
    while error.context:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        fits = [branch for branch in branches.values() if not any(map(_is_about_kind, branch))]
        error = min(fits or branches.values(), key=len)[0]
    return error


def _is_about_kind(error: ValidationError) -> bool:
    """Whether an instance is another kind of thing altogether: null or not, or one with another ``type``."""
    path = list(error.relative_path)
    return path == ["type"] or (not path and error.validator == "type")


def _sentence(error: ValidationError) -> str:
    where = ".".join(map(str, error.absolute_path)) or "body"
    short = len(error.message) < 200
    return f"{where}: {error.message if short else f'breaks {error.validator} {error.validator_value}'}"


@cache
def _load() -> dict[str, Any]:
    if not SPEC.exists():
        pytest.skip(f"Discord's API description is not at {SPEC}")
    return json.loads(SPEC.read_text())


@cache
def _strict() -> dict[str, Any]:
    """The description with every object closed, and with ids also as numbers: so discord.py sends those of files."""
    description = json.loads(json.dumps(_load()))
    schemas = description["components"]["schemas"]
    schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    for name, schema in schemas.items():
        if schema.get("type") == "object" and "properties" in schema:
            schema["properties"].update(dict.fromkeys(SENT_ANYWAY.get(name, ()), True))
            schema.setdefault("additionalProperties", False)
    return description


@cache
def _validator(strict: bool, pointer: str) -> Draft202012Validator:
    document = _strict() if strict else _load()
    registry: Registry[Any] = Registry().with_resource("urn:discord", DRAFT202012.create_resource(document))
    return Draft202012Validator({"$ref": f"urn:discord#{pointer}"}, registry=registry, format_checker=FormatChecker())
