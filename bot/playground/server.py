"""The local Discord: a server on this computer that an unmodified bot logs into, and people who use the bot."""

from __future__ import annotations

import base64
import socket
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Self
from urllib.parse import urlsplit

import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.failures import PortTaken
from bot.loopback import HOST, serving
from bot.playground.api.rest import PREFIX, Recorded, Rest
from bot.playground.api.routes import Routes
from bot.playground.client.people import Options, People
from bot.playground.clock import Clock, Limits
from bot.playground.exchange import Exchange
from bot.playground.faults import Faults
from bot.playground.gateway import Gateway
from bot.playground.page import Pages, only_this_computer
from bot.playground.payloads import Json
from bot.playground.world import Refused, Where, World

LARGEST_REQUEST = 110 * 1024 * 1024  # bytes: ten attachments and what is said about them
SHUTDOWN = 2.0  # seconds for connections to end


class LocalDiscord:
    """Discord on loopback. Open one with `LocalDiscord.open`.

    Attributes:
        url: Where people find the page.
        clock: The time here; tests push it forward.
        world: Everything that exists.
        people: What people can do, without waiting for the answer.
        gateway: The bot's sessions.
        faults: Ways to make it fail.
    """

    def __init__(self, port: int, clock: Clock, limits: Limits) -> None:
        self.url = f"http://{HOST}:{port}"
        self.clock = clock
        self.world = World(clock, limits, self.url)
        self.gateway = Gateway(self.world, f"ws://{HOST}:{port}/gateway")
        self.people = People(self.world, self.gateway)
        self.faults = Faults(self.gateway)
        self._rest = Rest(self.faults)
        self._pages = Pages(self.world, self.people, self.gateway)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, port: int = 0, *, clock: Clock | None = None, limits: Limits | None = None
    ) -> AsyncGenerator[Self, None]:
        """Serve on 127.0.0.1 until the block ends; port 0 takes any free one.

        Raises:
            PortTaken: If another program uses the port.
        """
        try:
            listener = socket.create_server((HOST, port))
        except OSError:
            raise PortTaken(f"Port {port} is in use by another program: stop it, or set PLAY_PORT.") from None
        with listener:
            local = cls(listener.getsockname()[1], clock or Clock(), limits or Limits())
            async with serving(local._app(), listener, shutdown_timeout=SHUTDOWN):
                try:
                    yield local
                finally:
                    local.gateway.close()
                    local._pages.close()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[only_this_computer], client_max_size=LARGEST_REQUEST)
        handlers = Routes(self.world, self.people.exchanges, self.gateway.url).table()
        app.router.add_routes(self._rest.routes(handlers))
        app.router.add_routes([web.get("/gateway", self.gateway.serve), *self._pages.routes()])
        return app

    # For the bot

    @property
    def token(self) -> str:
        """A token that the bot can log in with."""
        user_id = base64.urlsafe_b64encode(self.world.bot["id"].encode()).decode().rstrip("=")
        return f"{user_id}.local0.{'0' * 38}"

    @contextmanager
    def in_use(self) -> Generator[None, None, None]:
        """Point discord.py here instead of at Discord, until the block ends."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.url + PREFIX, yarl.URL(self.gateway.url)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    async def online(self) -> None:
        """Wait until a bot listens and has registered its commands."""
        await self.world.wait_for(lambda: self.gateway.online and any(self.world.commands.values()))

    # For people: each waits for the final answer, or for Discord's client to give up

    async def command(
        self,
        name: str,
        options: Options | None = None,
        *,
        user: str | None = None,
        where: Where = "server",
        target: Json | None = None,
    ) -> Exchange:
        """Run a slash command, or with `target` a context menu command on that message or user."""
        if target is not None:
            return await self.people.menu(name, target["id"], user, where).final()
        return await self.people.command(name, options or {}, user, where).final()

    async def press(
        self, message: Json, custom_id: str, values: Sequence[str] | None = None, *, user: str | None = None
    ) -> Exchange:
        """Press a button of a message, or choose values in one of its selects."""
        return await self.people.press(message["id"], custom_id, values, user).final()

    async def autocomplete(
        self, name: str, options: Options, focused: str, *, user: str | None = None, where: Where = "server"
    ) -> Exchange:
        """Ask for suggestions for the option `focused`."""
        return await self.people.autocomplete(name, options, focused, user, where).final()

    async def submit(self, asked: Exchange, fields: Options) -> Exchange:
        """Send the form that the bot opened in `asked`; `fields` holds values by custom_id."""
        return await self.people.submit(asked.id, fields).final()

    def say(self, text: str, *, user: str | None = None, where: Where = "server") -> Json:
        """Write an ordinary message."""
        return self.people.say(text, user, where)

    async def attachment(self, url: str) -> bytes:
        """The bytes of an attachment of the local Discord."""
        parts = urlsplit(url).path.split("/")
        upload = self.world.files.get(parts[-2]) if url.startswith(f"{self.url}/attachments/") else None
        if upload is None:
            raise Refused("That file is not there any more.")
        return upload.data

    # For tests

    @property
    def requests(self) -> deque[Recorded]:
        """The newest requests of the bot, with their answers."""
        return self._rest.requests

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds in the world."""
        await self.world.wait_for(condition)
