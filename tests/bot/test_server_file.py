"""The file of what servers chose: what is written is read, and what cannot be used is one sentence."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.exit_codes import UNUSABLE
from bot.failures import FileDamaged, explain
from bot.playground import LocalDiscord
from bot.server_file import MIGRATIONS, ServerFile, look
from bot.settings import Settings
from cogs.requests.server_settings import NotKept, ServerSettings

from .process import IMAGINED, ended, started

SERVER = 81384788765712384
CHOSEN = ServerSettings("bundled/gpt-mini", "light", "de", True)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["", "bundled/gpt-mini"]) | st.text(st.characters(exclude_categories=["Cs"])),
        "theme": st.sampled_from(["", "dark", "light"]),
        "language": st.sampled_from(["", "de", "ja"]),
        "private": st.booleans(),
    },
)


def read(path: Path, migrations: Sequence[str] = MIGRATIONS) -> ServerFile:
    return asyncio.run(ServerFile.open(path, migrations))


async def written(path: Path, server: int = SERVER) -> None:
    file = await ServerFile.open(path)
    await file.change(server, model=CHOSEN.model, theme=CHOSEN.theme, language=CHOSEN.language, private=CHOSEN.private)


def row_of(path: Path) -> tuple[str, str, int]:
    return look(Settings(server_settings=path))


@given(st.lists(st.tuples(st.integers(1, 2**63 - 1) | st.sampled_from([1, 2]), st.none() | CHANGES), max_size=8))
def test_what_is_chosen_is_there_after_a_restart(changes: list[tuple[int, dict[str, Any] | None]]) -> None:
    with TemporaryDirectory() as folder:
        path, expected = Path(folder) / "settings.sqlite3", dict[int, ServerSettings]()

        async def change() -> None:
            file = await ServerFile.open(path)
            for server, given in changes:
                if given is None:
                    await file.forget(server)
                else:
                    await file.change(server, **given)
                expected[server] = file.of(server)

        asyncio.run(change())
        again = read(path)
        assert {server: again.of(server) for server in expected} == expected
        assert set(again.servers()) == {server for server, chosen in expected.items() if chosen != ServerSettings()}
        assert row_of(path) == (str(path), "", 0)
        assert [file.name for file in Path(folder).iterdir()] == [path.name]  # a copy of it is a copy of everything


async def test_it_is_for_its_owner_alone_and_holds_nothing_of_a_server_that_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "settings.sqlite3"
    await written(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CHOSEN.model.encode() in path.read_bytes()
    await (await ServerFile.open(path)).forget(SERVER)
    assert CHOSEN.model.encode() not in path.read_bytes()


async def test_several_processes_share_a_file(tmp_path: Path) -> None:
    one, other = [await ServerFile.open(tmp_path / "shared") for _ in range(2)]
    await asyncio.gather(*(one.change(server, theme="light") for server in range(1, 5)), other.change(9, private=True))
    assert set((await ServerFile.open(tmp_path / "shared")).servers()) == {1, 2, 3, 4, 9}


# Versions

NEXT = (*MIGRATIONS, "ALTER TABLE servers ADD COLUMN more TEXT NOT NULL DEFAULT 'x'")


@pytest.mark.parametrize("version", range(len(NEXT)))
async def test_a_file_of_every_older_version_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    path = tmp_path / "old"
    if version:
        await ServerFile.open(path, NEXT[:version])
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("INSERT INTO servers VALUES (?, 'gpt2', 'light', 'de', 1)", (SERVER,))
    for _ in range(2):
        found = await ServerFile.open(path, NEXT)
        assert found.of(SERVER) == (ServerSettings("gpt2", "light", "de", True) if version else ServerSettings())
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(NEXT),)


async def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    await written(tmp_path / "old")
    with pytest.raises(FileDamaged, match="cannot be used"):
        await ServerFile.open(tmp_path / "old", (*NEXT, "ALTER TABLE nothing ADD COLUMN x"))
    assert (await ServerFile.open(tmp_path / "old")).of(SERVER) == CHOSEN


async def test_a_newer_file_stays_as_it_is(tmp_path: Path) -> None:
    await ServerFile.open(tmp_path / "new", NEXT)
    before = (tmp_path / "new").read_bytes()
    with pytest.raises(FileDamaged, match="newer version of this bot"):
        await ServerFile.open(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == before
    assert row_of(tmp_path / "new")[2] == UNUSABLE


# What cannot be used


async def test_a_database_of_another_program_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE servers (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(FileDamaged, match="another program"):
        await ServerFile.open(path)
    assert path.read_bytes() == before and "SERVER_SETTINGS" in row_of(path)[1]


@given(
    st.binary(min_size=1, max_size=200) | st.integers(1, 8191) | st.tuples(st.integers(0, 8191), st.integers(1, 255))
)
@example((3979, 128))  # a letter that is none any more
def test_a_damaged_file_is_used_or_named(damage: bytes | int | tuple[int, int]) -> None:
    """Other bytes, a file that was cut off, or one byte that is another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged"
        asyncio.run(written(path))
        whole = bytearray(path.read_bytes())
        match damage:
            case bytes():
                whole = bytearray(damage)
            case int():
                del whole[damage:]
            case place, other:
                whole[place] ^= other
        path.write_bytes(whole)
        code = row_of(path)[2]
        try:
            read(path)
        except FileDamaged as error:
            number, sentence = explain(error)
            assert number == UNUSABLE and "\n" not in sentence and sentence.startswith(f"{path} ")
        else:
            assert code == 0


async def test_what_can_no_longer_be_written_is_told_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "gone"
    file = await ServerFile.open(path)
    path.unlink()
    with pytest.raises(NotKept):
        await file.change(SERVER, private=True)
    assert file.of(SERVER) == ServerSettings() and not path.exists()
    assert f"{path} cannot be written: unable to open database file" in caplog.text


def test_the_doctor_makes_nothing(tmp_path: Path) -> None:
    assert look(Settings())[1:] == ("", 0)
    assert row_of(tmp_path / "new")[1:] == ("", 0)
    assert row_of(tmp_path / "no" / "folder")[2] == UNUSABLE
    assert row_of(tmp_path)[2] == UNUSABLE
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "settings.sqlite3"
    await written(path)
    path.chmod(0o400)
    assert row_of(path)[2] == UNUSABLE
    with pytest.raises(PermissionError):
        await ServerFile.open(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no/folder", "no/folder cannot be used (No such file or directory)"),
        (".", ". cannot be used (Is a directory)"),
        ("damaged", "damaged cannot be used (file is not a database): put a copy of it back"),
    ],
)
async def test_a_start_without_its_file(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, name: str, sentence: str
) -> None:
    (tmp_path / "damaged").write_text("no database, and longer than a hundred bytes" * 5)
    given = {**tiny_models, "DISCORD_TOKEN": local.token, "SERVER_SETTINGS": name}
    async with started(tmp_path, "run", local=local, launch=IMAGINED, **given) as process:
        end = await ended(process)
    assert (end.code, "Traceback" in end.said) == (UNUSABLE, False)
    assert end.said.splitlines()[-1].startswith(sentence)
