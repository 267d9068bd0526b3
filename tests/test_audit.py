"""The audit of dependencies, against a database on loopback that speaks as osv.dev does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.audit import CONSTRAINTS, main, pinned

KNOWN = {"pillow"}


async def answer(request: web.Request) -> web.Response:
    queries: list[Any] = (await request.json())["queries"]
    assert all(query["package"]["ecosystem"] == "PyPI" and query["version"] for query in queries)
    bad = {"vulns": [{"id": "GHSA-xxxx", "modified": "2026-01-01T00:00:00Z"}]}
    return web.json_response({"results": [bad if query["package"]["name"] in KNOWN else {} for query in queries]})


@pytest.fixture
async def database() -> AsyncGenerator[str, None]:
    app = web.Application()
    app.router.add_post("/v1/querybatch", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/v1/querybatch"))


async def test_a_known_vulnerability_is_told_and_fails(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, database) == 1
    said = capsys.readouterr().out
    assert "pillow==" in said and "GHSA-xxxx" in said and "1 with known" in said


async def test_without_a_network_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert await asyncio.to_thread(main, "http://127.0.0.1:9/v1/querybatch") == 0
    assert "skipped" in capsys.readouterr().out


def test_every_constraint_is_read() -> None:
    packages = pinned(CONSTRAINTS.read_text(encoding="utf-8"))
    assert len(packages) > 50 and all(version[0].isdigit() for _, version in packages)
