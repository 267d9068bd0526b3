"""Several computers and several bots: Ray nodes as docs/scaling.md starts them, all of them on this one computer."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.playground import Limits, LocalDiscord
from tests.bot.process import ROOT, ended, online, started
from tests.scale.sockets import family
from tests.scale.somewhere import SOMEWHERE
from tests.wire.hosting import texts

PATIENCE = 180  # seconds until a test that hangs fails
PEOPLE = 12
HAS = "--num-cpus=2", "--num-gpus=1"  # there is none: Ray only counts
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "of-this-test"}

pytestmark = pytest.mark.scale


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: Ray puts sockets there."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    found = Path(tempfile.mkdtemp(dir="/tmp"))
    (found / "places").mkdir()
    yield found
    shutil.rmtree(found, ignore_errors=True)


@asynccontextmanager
async def node(folder: Path, *arguments: str) -> AsyncGenerator[Process]:
    """A computer of the cluster; at the end it loses its power."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **TOKEN}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"),
        *("--node-ip-address=127.0.0.1", "--min-worker-port=0", "--max-worker-port=0", *arguments),
        env=environment | {"RAY_enable_metrics_collection": "0", "PLACES": str(folder / "places")},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        assert process.stdout
        said: list[str] = []
        async for line in process.stdout:
            said.append(line.decode())
            if "runtime started" in said[-1]:
                break
        assert "runtime started" in said[-1], "".join(said)
        yield process
    finally:
        switch_off(process)
        await process.wait()


def switch_off(node: Process) -> None:
    """All of it at once."""
    for pid in family(node.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def replicas(folder: Path, node: Process) -> dict[int, str]:
    """The replicas on a node that have answered, and the GPU of each."""
    here = family(node.pid)
    return {int(file.name): file.read_text() for file in (folder / "places").iterdir() if int(file.name) in here}


async def test_two_bots_share_computers_of_which_one_loses_its_power(folder: Path) -> None:
    """Half a GPU for each replica, of which there are one or two; every question is answered all the same."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE):
        head = f"--port={address.rpartition(':')[2]}", f"--temp-dir={folder}", "--include-dashboard=false"
        left = await stack.enter_async_context(node(folder, "--head", *head, *HAS))
        lost = await stack.enter_async_context(node(folder, f"--address={address}", *HAS))
        local = await stack.enter_async_context(LocalDiscord.open(limits=Limits(acknowledge=30, token=120)))
        mine = int(local.world.guild["id"]) >> 22
        count = next(count for count in range(2, 99) if mine % count)  # conversations with the bot are shard 0's
        given = {"MODELS": "bundled", "DISCORD_TOKEN": local.token, "USER_AT_ONCE": "99", **TOKEN}
        given |= {"RUNNER": "ray", "RAY_ADDRESS": address, "RAY_REPLICAS": "1-2", "RAY_GPUS": "0.5"}
        given |= {"PYTHONFAULTHANDLER": "1"}
        bots = [
            await stack.enter_async_context(
                started(folder, "run", local=local, launch=SOMEWHERE, **given, SHARDS=f"{shard}-{shard}/{count}")
            )
            for shard in (0, mine % count)
        ]
        await asyncio.gather(*(online(bot, local, len(bots)) for bot in bots))
        over, found = asyncio.Event(), list[str]()

        async def person(number: int) -> None:
            where = "dm" if number % 2 else "server"
            while not over.is_set():
                done = await local.command("sentiment", {"text": f"Number {len(found)} of {number}."}, where=where)
                found.append(done.failed or texts(done.message or {}))

        people = [asyncio.create_task(person(number)) for number in range(PEOPLE)]
        await local.until(lambda: bool(replicas(folder, left) and replicas(folder, lost)))
        switch_off(lost)
        await local.until(lambda: len(replicas(folder, left)) == 2)
        over.set()
        await asyncio.gather(*people)
        assert set(replicas(folder, left).values()) == {"0"}
        assert [text for text in found if "bundled/minilm" not in text] == []
        for bot in bots:
            bot.terminate()
            end = await ended(bot)
            assert end.code == 0 and "SIGTERM" not in end.said
