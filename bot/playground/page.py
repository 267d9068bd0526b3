"""The page's side of the local Discord: its files, and the socket on which it shows and does things."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.playground.client import locales
from bot.playground.client.people import People
from bot.playground.connection import Connection, connect
from bot.playground.exchange import Exchange
from bot.playground.gateway import Gateway
from bot.playground.payloads import LOCALE, Json
from bot.playground.world import Refused, World
from cogs.languages import Languages
from core.language import Language

STATIC = Path(__file__).with_name("static")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
GOING_AWAY = 1001
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
THEMES = ("dark", "light")
EVENTS = {"MESSAGE_CREATE": "message_create", "MESSAGE_UPDATE": "message_update"}


@web.middleware
async def only_this_computer(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """Refuse other hosts and origins, so that no website a person visits can reach in (nor through DNS rebinding)."""
    origin = request.headers.get("Origin")
    host = request.headers.get("Host", "")
    if not is_loopback(host) or origin not in (None, f"http://{host}"):
        return web.Response(status=403, text="This server answers only pages of its own on this computer.")
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header names this computer; one that cannot be read, such as ``[``, does not."""
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False


class Pages:
    """Serves every open page."""

    def __init__(self, world: World, people: People, gateway: Gateway) -> None:
        self._world, self._people, self._gateway = world, people, gateway
        self._connections: set[Connection] = set()

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to serve."""
        return [
            web.get("/", self._index),
            web.static("/static", STATIC),
            web.get("/page/socket", self._socket),
            web.get("/attachments/{channel_id}/{id}/{name}", self._attachment),
        ]

    def close(self) -> None:
        """Tell every page that the server goes away."""
        for connection in self._connections:
            connection.close(GOING_AWAY)

    @cached_property
    def _languages(self) -> Languages:
        return Languages.load()

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _attachment(self, request: web.Request) -> web.Response:
        upload = self._world.files.get(request.match_info["id"])
        if upload is None or upload.name != request.match_info["name"]:
            raise web.HTTPNotFound
        picture = upload.content_type.startswith("image/") and upload.content_type != "image/svg+xml"
        headers = {} if picture else {"Content-Disposition": "attachment"}
        return web.Response(body=upload.data, content_type=upload.content_type, headers=headers)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if "Origin" not in request.headers:
            raise web.HTTPForbidden(text="Only this server's own page may open this socket.")
        async with connect(request) as connection:
            self._connections.add(connection)
            page = Page(connection, self._world, self._people, self._gateway, self._languages)
            stop = self._world.listen(page.show)
            tasks: set[asyncio.Task[None]] = set()
            try:
                async for frame in connection.frames():
                    tasks.add(task := asyncio.create_task(page.hear(frame)))
                    task.add_done_callback(tasks.discard)
            finally:
                stop()
                self._connections.discard(connection)
                await _cancel(tasks)
        return connection.socket


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    """What a page asked for is of no interest once it is closed."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Page:
    """One open page: who acts on it, and what it is told."""

    def __init__(
        self, connection: Connection, world: World, people: People, gateway: Gateway, languages: Languages
    ) -> None:
        self._send = connection.send
        self._world, self._people, self._gateway, self._languages = world, people, gateway, languages
        self._act_as(world.users[0]["id"])

    def show(self, event: str, data: Json) -> None:
        """Pass on a change that this page's person can see."""
        if event == "COMMANDS":
            self._send({"t": "commands", **self._commands()})
        elif event == "BOT":
            self._send({"t": "bot", **data})
        elif data["channel_id"] == self._world.server.channel["id"] and self._world.visible(data, self._user):
            if event == "MESSAGE_DELETE":
                self._send({"t": "message_delete", "id": data["id"]})
            else:
                self._send({"t": EVENTS[event], "message": data})

    async def hear(self, text: str) -> None:
        """Do what the page asks, and tell it how that went."""
        nonce: Any = None
        try:
            frame = json.loads(text)
            nonce = frame.get("nonce")
            await self._do(frame, nonce)
        except Refused as refused:
            self._send({"t": "error", "nonce": nonce, "reason": self._language.error(refused)})
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            self._send({"t": "error", "nonce": nonce, "reason": "That frame cannot be understood."})

    async def _do(self, frame: Json, nonce: Any) -> None:
        if frame["t"] == "act_as":
            return self._act_as(frame["user_id"])
        if frame["t"] == "speak":
            locales.speak(self._world, self._user, frame["locale"])
            return self._send({"t": "commands", **self._commands()})
        if frame["t"] == "say":
            return self._say(frame["content"])
        exchange = self._begin(frame)
        self._send({"t": "interaction", "nonce": nonce, "state": "sent"})
        await exchange.first()
        if exchange.modal is not None:
            self._send({"t": "modal", "nonce": nonce, "interaction_id": exchange.id, "modal": exchange.modal})
        if exchange.choices is not None:
            self._send({"t": "choices", "nonce": nonce, "choices": exchange.choices})
        if not exchange.failed:
            self._send({"t": "interaction", "nonce": nonce, "state": "acknowledged"})
            await exchange.final()
        if exchange.failed:
            say = self._language
            self._send({"t": "interaction", "nonce": nonce, "state": "failed", "reason": say(exchange.failed)})
        return None

    def _begin(self, frame: Json) -> Exchange:
        user, kind = self._user["id"], frame["t"]
        if (theme := frame.get("theme")) in THEMES:
            self._world.themes[user] = theme
        if kind == "command" and frame.get("target_id"):
            return self._people.menu(frame["name"], frame["target_id"], user)
        if kind == "command":
            return self._people.command(frame["name"], frame["options"], user)
        if kind == "autocomplete":
            return self._people.autocomplete(frame["name"], frame["options"], frame["focused"], user)
        if kind == "component":
            return self._people.press(frame["message_id"], frame["custom_id"], frame.get("values"), user)
        if kind == "modal_submit":
            return self._people.submit(frame["interaction_id"], frame["fields"])
        raise Refused("Nothing is known of frames of type {kind}.", kind=str(kind))

    @property
    def _locale(self) -> str:
        return self._world.speaks.get(self._user["id"], LOCALE)

    @property
    def _language(self) -> Language:
        return self._languages.of(self._locale)

    def _commands(self) -> Json:
        """The commands in this person's language, what the page itself says in it, and which others there are."""
        commands = self._world.available(self._world.server, self._user)
        said = [locales.shown(command, self._locale) for command in commands]
        language = {"code": self._language.code, "words": dict(self._language.sentences)}
        return {
            "commands": said,
            "locale": self._locale,
            "locales": locales.offered(commands),
            "language": language,
        }

    def _say(self, content: str) -> None:
        self._people.say(content, self._user["id"])

    def _act_as(self, user_id: str) -> None:
        world = self._world
        self._user = world.person(user_id)
        history = [m for m in world.messages.values() if m["channel_id"] == world.server.channel["id"]]
        self._send(
            {
                "t": "hello",
                "user": self._user,
                "users": world.users,
                "bot": {**world.bot, "online": self._gateway.online},
                "channel": world.server.channel,
                "guild": {key: world.guild[key] for key in ("id", "name")},
                **self._commands(),
                "messages": [message for message in history if world.visible(message, self._user)],
            }
        )
