"""What a host is told where Ray cannot be used, by the bot in a process of its own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.bot.process import ended, started

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.local0.a-token-of-some-length"

pytestmark = pytest.mark.scale


@pytest.mark.parametrize(
    ("listens", "sentence"),
    [
        (
            False,
            "Ray cannot be reached at RAY_ADDRESS={}: start the cluster first (docs/scaling.md), or leave it empty.",
        ),
        (True, "The Ray cluster asks for a token that this computer does not have: copy ~/.ray/auth_token from"),
    ],
)
async def test_a_cluster_that_cannot_be_joined(tmp_path: Path, listens: bool, sentence: str) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        if listens:
            somebody.listen()
        address = f"127.0.0.1:{somebody.getsockname()[1]}"
        given = {"DISCORD_TOKEN": TOKEN, "MODELS": "bundled", "RUNNER": "ray", "RAY_ADDRESS": address}
        async with started(tmp_path, "run", **given) as process:
            end = await ended(process)
    *before, last = end.said.splitlines()
    assert (end.code, last[: len(sentence.format(address))]) == (69, sentence.format(address))
    assert sum(last in line for line in before) == 1 and "Traceback" not in end.said
