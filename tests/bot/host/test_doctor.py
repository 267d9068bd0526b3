"""The doctor's table: every row, and one fix for each that fails."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import AsyncGenerator
from dataclasses import fields
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route
from huggingface_hub import constants
from PIL import ImageFont

from bot.host import computer, ports, room
from bot.host.doctor import Row, examine
from bot.playground import LocalDiscord
from bot.settings import Settings
from tests.bot.process import ended, started
from tests.core.models.local_hub import COMMIT, TINY, TOKEN, Hub

ROWS = {
    *("settings", "versions", "fonts", "memory", "files", "models", "disk", "writable", "servers", "port", "metrics"),
    *("hub", "device", "network", "clock", "token", "intents", "application", "invite"),
}


def rows(said: str) -> dict[str, str]:
    """The mark of each row."""
    lines = [line for line in said.splitlines() if line[:4].strip() in ("ok", "look", "FAIL")]
    return {line[6:18].strip(): line[:4].strip() for line in lines}


async def test_all_is_well(tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord) -> None:
    async with started(tmp_path, "doctor", local=local, DISCORD_TOKEN=local.token, **tiny_models) as process:
        end = await ended(process)
    assert end.code == 0, end.said
    assert rows(end.said).keys() == ROWS
    assert "FAIL" not in rows(end.said).values()
    assert f"client_id={local.world.bot['id']}&scope=bot+applications.commands" in end.said
    assert local.token not in end.said
    assert not local.gateway.sessions  # a look costs none of the day's starts


async def test_all_is_well_for_programs_too(tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord) -> None:
    given = {"DISCORD_TOKEN": local.token, **tiny_models}
    async with started(tmp_path, "doctor", "--json", local=local, **given) as process:
        end = await ended(process)
    found = json.loads(end.said)
    assert (found["code"], end.code) == (0, 0)
    assert {row["name"] for row in found["rows"]} == ROWS
    assert all(row.keys() == {"name", "mark", "found", "fix"} and row["mark"] != "FAIL" for row in found["rows"])
    assert local.token not in end.said


async def examined(folder: Path, patch: pytest.MonkeyPatch, **environment: str) -> tuple[int, str]:
    """What the doctor says in this process, in a folder without `.env`; torch is only tried where DEVICE is given."""
    patch.chdir(folder)
    for key, value in {"RUNNER": "thread", "DEVICE": "cpu", **environment}.items():
        patch.setenv(key, value)
    if "DEVICE" not in environment:
        patch.setattr(computer, "PROBE", """print('"cpu"')""")
    said: list[str] = []
    code = await examine(lambda line: said.append(str(line)))
    return code, "\n".join(said)


@pytest.mark.parametrize(
    ("environment", "code", "row", "fix"),
    [
        ({"LOG_LEVEL": "loud"}, 78, "settings", "LOG_LEVEL cannot be used"),
        ({"DISCORD_TOKEN": ""}, 78, "token", "paste the bot's token into .env"),
        ({"DEVICE": "cuda:7"}, 71, "device", "set DEVICE=cpu"),
        ({"TOKENS_MODEL": f"a/b@{'0' * 40}"}, 66, "models", "unset HF_HUB_OFFLINE"),
        ({"TOKENS_MODEL": "../../etc"}, 66, "models", "neither a folder nor a Hub id"),
        ({"TOKENS_MODEL": "gpt2"}, 66, "models", "set it as openai-community/gpt2"),
        ({"WRITE_MODEL": "bundled/bert-mini"}, 66, "models", "set WRITE_MODEL to a model for /write"),
        ({"SENTIMENT_MODEL": "bundled/gpt2"}, 66, "models", "set SENTIMENT_MODEL to a model for /sentiment"),
    ],
)
async def test_what_must_be_mended(
    tmp_path: Path,
    tiny_models: dict[str, str],
    local: LocalDiscord,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    code: int,
    row: str,
    fix: str,
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    given = {**tiny_models, "DISCORD_TOKEN": local.token, **environment}
    with local.in_use():
        found, said = await examined(tmp_path, monkeypatch, **given)
    assert found == code
    assert rows(said)[row] == "FAIL"
    lines = said.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("FAIL"))
    assert lines[place + 1].strip().startswith("→") and fix in lines[place + 1]


async def test_a_port_for_monitoring_that_is_taken(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, local.in_use():
        port = taken.getsockname()[1]
        given = {**tiny_models, "DISCORD_TOKEN": local.token, "METRICS_PORT": str(port)}
        code, said = await examined(tmp_path, monkeypatch, **given)
    assert (code, rows(said)["metrics"]) == (73, "FAIL") and "set METRICS_PORT to another" in said
    assert ports.metrics(Settings(metrics_port=port))[1:] == ("", 0)


@pytest.mark.parametrize("name", [one.name for one in fields(Settings) if one.name.endswith("_model")])
def test_every_model_that_is_set_is_looked_at(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    settings = Settings(models="bundled", **{name: f"nobody/nothing@{'a' * 40}"})  # type: ignore[arg-type]
    found, fix, code = computer.models(settings)
    assert (found, code) == ("1 are not on the disk", 66) and fix


async def test_what_a_tokenizer_lacks_is_named(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "half"
    folder.mkdir()
    for name in ("config.json", "vocab.json"):
        (folder / name).write_text("{}")
    given = {**tiny_models, "DISCORD_TOKEN": local.token, "TOKENS_MODEL": str(folder)}
    code, said = await examined(tmp_path, monkeypatch, **given)
    assert (code, "add merges.txt for half" in said) == (66, True)


async def test_without_a_network(tmp_path: Path, tiny_models: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9")
    code, said = await examined(tmp_path, monkeypatch, **tiny_models)
    assert (code, rows(said)["network"]) == (69, "FAIL")


@pytest.fixture
async def an_hour_ahead() -> AsyncGenerator[str]:
    async def gateway(_: web.Request) -> web.Response:
        return web.json_response({}, headers={"Date": formatdate(time.time() + 3600, usegmt=True)})

    app = web.Application()
    app.router.add_get("/gateway", gateway)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_a_wrong_clock(tmp_path: Path, an_hour_ahead: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Route, "BASE", an_hour_ahead)
    _, said = await examined(tmp_path, monkeypatch)
    assert rows(said)["clock"] == "look" and "let the system set the time" in said


def test_models_on_a_full_or_locked_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "not" / "yet"))
    monkeypatch.setattr(computer, "NEEDED_DISK", 1 << 60)
    assert "HF_HOME" in computer.disk(Settings())[1]
    assert computer.writable(Settings()) == ("cache and temporary files", "", 0)


def test_little_memory(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(room, "HUB_MEMORY", 1 << 60)
    assert "MODELS=bundled" in room.memory(Settings(models_mib=1 << 40))[1]
    found, fix, _ = room.memory(Settings(models="bundled"))
    assert fix == "" and "the models need about 1.1 GiB" in found
    room.warn_of_memory(Settings(models="bundled"))
    assert not caplog.messages
    room.warn_of_memory(Settings(models_mib=1 << 40))
    assert len(caplog.messages) == 1 and "set MODELS=bundled" in caplog.text


@pytest.fixture
def forty_mib(tmp_path: Path, models: Path) -> str:
    """A masked language model whose weights take 40 MiB."""
    folder = tmp_path / "forty"
    shutil.copytree(models / "bert-masked-lm", folder)
    with (folder / "model.safetensors").open("ab") as file:
        file.truncate(40 << 20)
    return str(folder)


@pytest.mark.parametrize(
    ("command", "most", "mark", "told"),
    [
        ("unmask", 39, "FAIL", "forty needs about 40 MiB, and MODELS_MIB leaves 39"),
        ("allowed", 39, "look", "forty needs about 40 MiB, and MODELS_MIB leaves 39"),
        ("tokens", 39, "ok", "the models need about"),  # which takes no weights
        ("unmask", 40, "look", "the models need about 41 MiB together, and MODELS_MIB leaves 40"),
        ("unmask", 41, "ok", "the models need about"),
        ("unmask and attention", 79, "look", "the models need about 81 MiB together"),  # one for each
    ],
)
def test_models_for_which_less_memory_is_set_than_they_take(
    models: Path, forty_mib: str, command: str, most: int, mark: str, told: str
) -> None:
    chosen = {f"{name}_model": str(models / "bert-masked-lm") for name in ("unmask", "tokens", "attention")}
    chosen["write_model"] = str(models / "gpt2")
    chosen |= {f"{name}_model": forty_mib for name in command.split(" and ") if name != "allowed"}
    allowed = (forty_mib,) if command == "allowed" else ()
    chosen["sentiment_model"] = str(models / "bert-classifier")
    settings = Settings(allowed_models=allowed, models_mib=most, **chosen)  # type: ignore[arg-type]
    row = Row("memory", *room.memory(settings))
    assert (row.mark, row.code) == (mark, 66 if mark == "FAIL" else 0)
    assert told in row.found and ("MODELS_MIB" in row.fix) == (mark != "ok")


async def test_a_system_that_cannot_join_letters_is_told_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFont.core, "HAVE_RAQM", False)
    _, said = await examined(tmp_path, monkeypatch)
    assert rows(said)["fonts"] == "look" and "libfribidi0" in said


async def test_a_download_that_was_broken_off_is_named_file_by_file(
    tmp_path: Path, tiny_models: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "models--someone--tiny" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9")
    _, said = await examined(tmp_path, monkeypatch, **{**tiny_models, "TOKENS_MODEL": TINY})
    assert rows(said)["models"] == "FAIL"
    assert "1 are not on the disk; not whole: someone/tiny (lacks tokenizer.json)" in said


@pytest.mark.parametrize(("locked", "fix"), [("gated", "accept the terms of someone/tiny"), ("private", "HF_TOKEN")])
async def test_a_model_that_is_closed_to_this_bot(
    tmp_path: Path, tiny_models: dict[str, str], monkeypatch: pytest.MonkeyPatch, locked: str, fix: str
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with Hub({"config.json": b"{}"}).open() as hub:
        hub.locked = locked
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        for token, mark in (("", "FAIL"), (TOKEN, "ok")):
            chosen = {**tiny_models, "TOKENS_MODEL": TINY, "HF_TOKEN": token}
            _, said = await examined(tmp_path, monkeypatch, **chosen)
            assert rows(said)["hub"] == mark
            assert (fix in said) == (mark == "FAIL") and TOKEN not in said
