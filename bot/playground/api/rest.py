"""Discord's REST API, version 10, over HTTP: reading requests, recording them, answering as Discord words it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.api.rules import Refusal
from bot.playground.faults import Faults, HungUp
from bot.playground.payloads import TOKEN, Reply
from bot.playground.world import Upload
from core.errors import describe

log = logging.getLogger(__name__)

PREFIX = "/api/v10"
WITHOUT_TOKEN = ("/interactions/", "/webhooks/")  # these carry their own in the path
REQUESTS_KEPT = 2000
SLOWEST = 60.0  # seconds that the body of a request may take


@dataclass(frozen=True, slots=True)
class Call:
    """A request from the bot.

    Attributes:
        method: GET, PUT, …
        route: The path as Discord's API description writes it: ``/applications/{application_id}/commands``.
        path: What stands in the braces.
        query: What stands behind the question mark.
        body: The JSON, also where files came with it.
        files: The files that came with it, by number.
    """

    method: str
    route: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: dict[int, Upload]

    def wants(self, name: str) -> bool:
        """Whether a query parameter is switched on."""
        return self.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request and how it was answered; files are kept without their contents."""

    method: str
    route: str
    body: Any
    files: tuple[tuple[str, int], ...]  # name, bytes
    status: int
    answer: Any


Handler = Callable[[Call], Reply]


class Rest:
    """Serves handlers as Discord would, and remembers the newest requests."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.requests: deque[Recorded] = deque(maxlen=REQUESTS_KEPT)

    def routes(self, table: Iterable[tuple[str, str, Handler]]) -> list[web.RouteDef]:
        """Routes for a table of (method, template, handler); every other path below the prefix is "not found"."""
        served = [web.route(method, PREFIX + route, self._serve(route, handler)) for method, route, handler in table]
        return [*served, web.route("*", PREFIX + "/{rest:.*}", self._serve("", _unknown))]

    def _serve(self, route: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = await _read(request, route or request.path.removeprefix(PREFIX))
            fault = self._faults.take(call.method, call.route)
            authorization = request.headers.get("Authorization", "")
            try:
                status, answer = await fault.answer(lambda: _answer(call, handler, authorization))
            except HungUp:
                if request.transport:
                    request.transport.abort()
                return web.Response()
            files = tuple((upload.name, len(upload.data)) for upload in call.files.values())
            self.requests.append(Recorded(call.method, call.route, call.body, files, status, answer))
            return _response(status, answer, fault.headers)

        return serve


def _answer(call: Call, handler: Handler, authorization: str) -> Reply:
    try:
        if not call.route.startswith(WITHOUT_TOKEN) and not TOKEN.fullmatch(authorization.removeprefix("Bot ")):
            raise Refusal(401, 0, "401: Unauthorized")
        return handler(call)
    except Refusal as refusal:
        log.warning("%s %s refused: %s", call.method, call.route, refusal.payload)
        return refusal.status, refusal.payload
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # No rule foresees this shape of body. discord.py would send it again after a 500, so it is a 400.
        log.warning("%s %s cannot be understood: %s", call.method, call.route, describe(error))
        return 400, {"message": "Invalid Form Body", "code": 50035}


def _unknown(call: Call) -> Reply:
    raise Refusal(404, 0, "404: Not Found")


def _response(status: int, answer: Any, headers: Mapping[str, str]) -> web.Response:
    if answer is None:
        return web.Response(status=status)
    # Exactly this content type: with a charset behind it discord.py takes the body for plain text.
    body = json.dumps(answer).encode()
    return web.Response(body=body, status=status, headers={**headers, "Content-Type": "application/json"})


async def _read(request: web.Request, route: str) -> Call:
    files: dict[int, Upload] = {}
    body: Any = None
    try:
        async with asyncio.timeout(SLOWEST):
            if request.content_type == "multipart/form-data":
                body = await _read_parts(request, files)
            elif data := await request.read():
                body = _parse(data)
    except (ValueError, RuntimeError, TimeoutError):  # no parts, parts of another kind, or a body that does not end
        raise web.HTTPBadRequest(text="That request cannot be read.") from None
    return Call(request.method, route, dict(request.match_info), dict(request.query), body, files)


async def _read_parts(request: web.Request, files: dict[int, Upload]) -> Any:
    """The body of a form, whose files are put into `files`."""
    body: Any = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ValueError("Discord knows no parts within parts")
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = _parse(data)
        elif number := re.fullmatch(r"files\[(\d+)\]", part.name or ""):
            files[int(number[1])] = Upload(part.filename or "", part.headers.get("Content-Type", ""), data)
    return body


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):  # the latter from thousands of brackets
        return None
