"""What servers chose, in a file: a small SQLite database with one table.

Connections live as long as one statement, off the event loop. Several processes of one bot may share the file, for each
writes about its own servers only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bot.exit_codes import OK, UNUSABLE
from bot.failures import FileDamaged, explain
from bot.settings import Settings
from cogs.requests.server_settings import NotKept, ServerSettings, ServerStore
from core.errors import CoreError

logger = logging.getLogger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE servers (
        id INTEGER PRIMARY KEY,
        model TEXT NOT NULL,
        theme TEXT NOT NULL CHECK (theme IN ('', 'dark', 'light')),
        language TEXT NOT NULL,
        private INTEGER NOT NULL CHECK (private IN (0, 1))
    )
    """,
)
"""What makes a file of each version one of the next; the number of those that were done is its ``user_version``."""

COLUMNS = "id, model, theme, language, private"

DAMAGED = "{path} cannot be used ({reason}): put a copy of it back, or move it away, and the bot begins with none."
NEWER = "{path} was written by a newer version of this bot: install that one, or move the file away."
FOREIGN = "{path} is a database of another program: name another file in SERVER_SETTINGS."


class ServerFile(ServerStore):
    """What servers chose, in memory and in a file.

    Args:
        path: The file.
        chosen: What is in it.
    """

    def __init__(self, path: Path, chosen: Mapping[int, ServerSettings]) -> None:
        super().__init__(chosen)
        self._path = path

    @classmethod
    async def open(cls, path: Path, migrations: Sequence[str] = MIGRATIONS) -> Self:
        """Read a file; one that is not there yet is made, for its owner alone, and an older one brought up to date.

        Raises:
            FileDamaged: It is none of this bot, or of a newer version of it, or damaged.
            OSError: It cannot be opened for reading and writing.
        """
        return cls(path, await asyncio.to_thread(_read, path, migrations))

    async def write(self, server: int, chosen: ServerSettings) -> None:
        """Write what a server chose; of one that chose nothing, its row is deleted."""
        try:
            await asyncio.to_thread(_write, self._path, server, chosen)
        except (sqlite3.Error, OSError) as error:
            logger.error("%s cannot be written: %s", self._path, error)
            raise NotKept from None


def look(settings: Settings) -> tuple[str, str, int]:
    """For the doctor: whether the file can be used. It is not made, and nothing is changed in it."""
    path = settings.server_settings
    if not path:
        return "nothing is kept of servers, and there is no /settings", "", OK
    if not os.access(path, os.F_OK):
        usable = path.parent.is_dir() and os.access(path.parent, os.W_OK)
        fix = "" if usable else "name a file in SERVER_SETTINGS whose folder is there and can be written"
        return f"{path} is not there yet", fix, OK if usable else UNUSABLE
    try:
        with _opened(path, read_only=True) as file:
            _check(path, file, MIGRATIONS)
    except (CoreError, OSError) as error:
        code, fix = explain(error)
        return f"{path} cannot be used", fix, code
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return f"{path} cannot be written", "let this user write the file and its folder", UNUSABLE
    return str(path), "", OK


def _read(path: Path, migrations: Sequence[str]) -> dict[int, ServerSettings]:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with _opened(path) as file:
        file.execute("BEGIN IMMEDIATE")  # one process after the other
        version = _check(path, file, migrations)
        for step in migrations[version:]:
            file.execute(step)
        file.execute(f"PRAGMA user_version = {len(migrations)}")  # where nothing changes, too: it shows who may write
        rows = file.execute(f"SELECT {COLUMNS} FROM servers").fetchall()  # noqa: S608 (a constant)
        file.execute("COMMIT")
    return {id: ServerSettings(model, theme, language, bool(private)) for id, model, theme, language, private in rows}


def _write(path: Path, server: int, chosen: ServerSettings) -> None:
    with _connected(path) as file:
        if chosen == ServerSettings():
            file.execute("DELETE FROM servers WHERE id = ?", (server,))
        else:
            row = (server, chosen.model, chosen.theme, chosen.language, chosen.private)
            file.execute(f"REPLACE INTO servers ({COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608 (a constant)


def _check(path: Path, file: sqlite3.Connection, migrations: Sequence[str]) -> int:
    """The version of a file.

    Raises:
        FileDamaged: It is none that can be used.
    """
    (version,) = file.execute("PRAGMA user_version").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (found,) = file.execute("PRAGMA quick_check(1)").fetchone()
    if version > len(migrations):
        raise FileDamaged(NEWER.format(path=path))
    if tables and not version:
        raise FileDamaged(FOREIGN.format(path=path))
    if found != "ok":
        raise FileDamaged(DAMAGED.format(path=path, reason="it is damaged"))
    return version


@contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Generator[sqlite3.Connection]:
    try:
        with _connected(path, read_only=read_only) as file:
            yield file
    except (sqlite3.Error, UnicodeDecodeError) as error:  # a text of the file may be damaged, too
        raise FileDamaged(DAMAGED.format(path=path, reason=error)) from None


@contextmanager
def _connected(path: Path, *, read_only: bool = False) -> Generator[sqlite3.Connection]:
    """A connection in which each statement is a transaction, unless one is begun; what was deleted is overwritten."""
    mode = "ro" if read_only else "rw"  # never made anew where somebody has moved it away
    file = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    try:
        file.execute("PRAGMA secure_delete = ON")
        yield file
    finally:
        file.close()
