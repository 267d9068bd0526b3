"""What those who manage a server chose for it: it counts there where nobody says otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.errors import CoreError
from core.render.kit.drawing.palette import Theme


class NotKept(CoreError):
    """What a server chose could not be written down."""

    def __init__(self) -> None:
        super().__init__(
            "That could not be kept, and everything stays as it was: ask the bot's host to look into its log, then try "
            "again."
        )


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server chose; what is empty is as the bot has it.

    Attributes:
        model: The name of a model, the default of every command that it fits.
        theme: Of pictures.
        language: The code of the language of what everybody sees; else it is that of the person who asks.
        private: Whether only the person who asks sees an answer.
    """

    model: str = ""
    theme: Theme | Literal[""] = ""
    language: str = ""
    private: bool = False


class ServerStore:
    """What servers chose, by their ids, in memory: it is gone with the process unless `write` keeps it.

    Args:
        chosen: What they chose before.
    """

    def __init__(self, chosen: Mapping[int, ServerSettings] | None = None) -> None:
        self._chosen = dict(chosen or {})
        self._changing = asyncio.Lock()

    def of(self, server: int | None) -> ServerSettings:
        """What a server chose; nothing if it is none."""
        return self._chosen.get(server or 0, ServerSettings())

    def servers(self) -> list[int]:
        """Those that chose something."""
        return list(self._chosen)

    async def change(self, server: int, **changes: Any) -> ServerSettings:
        """Change attributes of what a server chose, one change after the other; returns what it has chosen then.

        Raises:
            NotKept: It could not be written, and nothing has changed.
        """
        async with self._changing:
            chosen = replace(self.of(server), **changes)
            if chosen != self.of(server):
                await self.write(server, chosen)
            if chosen == ServerSettings():
                self._chosen.pop(server, None)
            else:
                self._chosen[server] = chosen
        return chosen

    async def forget(self, server: int) -> None:
        """Remove whatever a server chose.

        Raises:
            NotKept: It could not be removed.
        """
        await self.change(server, model="", theme="", language="", private=False)

    async def write(self, server: int, chosen: ServerSettings) -> None:
        """Keep what a server chose beyond the end of the process; nothing is left of one that chose nothing."""
