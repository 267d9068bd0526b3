"""Whatever a host meets at the start is one sentence and an exit code, in real processes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import discord
import pytest

from bot import failures
from bot.playground import LocalDiscord
from bot.settings import Settings
from core.errors import BadInput, DeviceFailed, Misconfigured, NoDevice
from core.serving.devices import open_runners

from .process import IMAGINED, LAUNCH, ended, online, started

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.local0.a-token-of-some-length"
HUB_MODEL = f"someone/something@{'0' * 40}"


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({}, 78, "There is no DISCORD_TOKEN: paste the bot's token into .env"),
        ({"DISCORD_TOKEN": "A1b2C3d4" * 4}, 78, "DISCORD_TOKEN cannot be used: that is the client secret"),
        ({"DISCORD_TOKEN": "0123456789abcdef" * 4}, 78, "that is the public key"),
        ({"DISCORD_TOKEN": "123456789012345678"}, 78, "that is the application id"),
        ({"DISCORD_TOKEN": "half.a"}, 78, "three parts joined by dots"),
        ({"DISCORD_TOKEN_FILE": "/nothing/here"}, 78, "DISCORD_TOKEN_FILE names a file that cannot be read"),
        ({"LOG_LEVEL": "loud"}, 78, "LOG_LEVEL cannot be used: write DEBUG or INFO"),
        ({"DISCORD_TOKEN": TOKEN, "SENTIMENT_MODEL": HUB_MODEL}, 66, "is not on this computer"),
        ({"DISCORD_TOKEN": TOKEN, "DEVICE": "cuda:7", "RUNNER": "process"}, 71, "DEVICE=cpu works everywhere"),
        ({"DISCORD_TOKEN": TOKEN}, 69, "Discord cannot be reached"),
    ],
)
async def test_why_it_does_not_start(
    tmp_path: Path, tiny_models: dict[str, str], environment: dict[str, str], code: int, sentence: str
) -> None:
    launch = LAUNCH if "DEVICE" in environment else IMAGINED
    async with started(tmp_path, "run", launch=launch, **(tiny_models | environment)) as process:
        end = await ended(process)
    assert end.code == code
    assert sentence in end.said.splitlines()[-1]
    assert "Traceback" not in end.said
    token = environment.get("DISCORD_TOKEN", "")
    assert not token or token not in end.said


@pytest.mark.parametrize("device", ["auto", "cuda:1"])
def test_ray_needs_to_be_installed_and_to_choose_the_devices(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    if device == "auto":
        monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed
    else:
        pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(Misconfigured) as refusal:
        open_runners(Settings(runner="ray", device=device).core())
    code, sentence = failures.explain(refusal.value)
    assert code == 78
    assert ("pip install 'attention-bot[ray]'" if device == "auto" else "set DEVICE=auto") in sentence


async def test_a_rejected_token(tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord) -> None:
    local.faults.fail("GET /users/@me", status=401)
    given = {**tiny_models, "DISCORD_TOKEN": local.token}
    async with started(tmp_path, "run", local=local, launch=IMAGINED, **given) as process:
        end = await ended(process)
    assert (end.code, end.said.splitlines()[-1]) == (78, failures.REJECTED)
    assert local.token not in end.said


@pytest.mark.parametrize(
    ("gateway_code", "sentence"),
    [(4004, failures.REJECTED), (4011, failures.SHARDS), (4014, failures.INTENTS)],
)
async def test_what_the_gateway_refuses(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, gateway_code: int, sentence: str
) -> None:
    given = {**tiny_models, "DISCORD_TOKEN": local.token}
    async with started(tmp_path, "run", local=local, launch=IMAGINED, **given) as process:
        await online(process, local)
        local.faults.drop(gateway_code)
        end = await ended(process)
    assert (end.code, end.said.splitlines()[-1]) == (78, sentence)


@pytest.mark.parametrize("written", ["DISCORD_TOKEN={}", 'DISCORD_TOKEN="{}"', "DISCORD_TOKEN=' {} '"])
async def test_a_quoted_token_in_a_file(
    tmp_path: Path, tiny_models: dict[str, str], local: LocalDiscord, written: str
) -> None:
    (tmp_path / ".env").write_text(written.format(local.token))
    async with started(tmp_path, "clear", local=local, **tiny_models) as process:
        end = await ended(process)
    assert end.code == 0
    assert local.world.commands == {None: []}


async def test_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        async with started(tmp_path, "play", PLAY_PORT=port) as process:
            end = await ended(process)
    assert end.code == 73
    assert end.said.startswith(f"Port {port} is in use by another program")


@pytest.mark.parametrize("given", [{"DISCORD_TOKEN": "half.a"}, {"DISCORD_TOKEN_FILE": "/nothing/here"}])
async def test_a_local_bot_needs_no_token_and_judges_none(tmp_path: Path, given: dict[str, str]) -> None:
    async with started(tmp_path, "ask", "/tokens text:good", **given) as process:
        assert (await ended(process)).code == 0
    with socket.create_server(("127.0.0.1", 0)) as other:
        async with started(tmp_path, "play", PLAY_PORT=str(other.getsockname()[1]), **given) as process:
            assert (await ended(process)).code == 73, "it has got as far as the page"


async def test_pictures_that_cannot_be_saved(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    async with started(tmp_path, "ask", "/tokens text:good", "--out", "taken") as process:
        end = await ended(process)
    assert end.code == 74
    assert "taken cannot be used (File exists): " in end.said


async def test_whoever_reads_the_output_may_leave(tmp_path: Path) -> None:
    """As in ``python -m bot commands | head -1``."""
    nobody, output = os.pipe()
    os.close(nobody)
    command = (sys.executable, "-m", "bot", "commands")
    process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=asyncio.subprocess.PIPE)
    os.close(output)
    _, said = await process.communicate()
    assert (process.returncode, said) == (1, b"")


WATCHED = """
import sys
from core.serving import devices
open_runners = devices.open_runners

def watched(settings):
    print("discord" in sys.modules, "cogs" in sys.modules, file=sys.stderr)
    return open_runners(settings)

devices.open_runners = watched
from bot.__main__ import main
sys.exit(main())
"""


def test_the_device_of_a_local_bot_starts_once_and_before_discord_py_is_loaded() -> None:
    command = (sys.executable, "-c", WATCHED, "ask", "/tokens text:good")
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "good" in ended.stdout
    assert ended.stderr == "False False\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no disk that is always full.")
def test_a_disk_that_is_full() -> None:
    """Such an error has no path: it comes from writing, not from opening."""
    command = (sys.executable, "-m", "bot", "commands")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 74
    assert ended.stderr.startswith("A file cannot be used (No space left on device): ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (failures.NoToken(), 78),
        (discord.LoginFailure("x"), 78),
        (discord.PrivilegedIntentsRequired(None), 78),
        (discord.GatewayNotFound(), 69),
        (aiohttp.ClientConnectionError("x"), 69),
        (TimeoutError("x"), 69),
        (ConnectionResetError(104, "Connection reset by peer"), 69),
        (PermissionError(13, "Permission denied", "pictures"), 74),
        (OSError(28, "No space left on device", Path("pictures")), 74),
        (OSError(28, "No space left on device"), 74),
        (OSError(5, "Input/output error"), 74),
        (DeviceFailed(), 71),
        (NoDevice("x"), 71),
        (failures.PortTaken("x"), 73),
        (BadInput("x"), 1),
        (KeyError("what somebody wrote"), 70),
    ],
)
def test_every_failure_has_a_code_and_a_sentence(error: Exception, code: int) -> None:
    found, sentence = failures.explain(error)
    assert found == code
    assert sentence and "\n" not in sentence and "what somebody wrote" not in sentence
