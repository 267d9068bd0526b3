"""The audit of dependencies, against a database on loopback that speaks as osv.dev does."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.audit import ADVISORIES, CONSTRAINTS, listed, main, pinned

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
    said = capsys.readouterr().out
    assert "0 with known vulnerabilities. NOT CHECKED: what became known after 2026-" in said


def test_a_listed_vulnerability_is_found_without_a_network() -> None:
    advisories = {"mended": {"pillow": {"version": "12.3.0", "ids": ["CVE-1"]}}}
    assert listed([("Pillow", "12.2.9"), ("torch", "1.0")], advisories) == {"Pillow==12.2.9": ["CVE-1"]}
    assert listed([("pillow", "12.3.0")], advisories) == {}


def test_no_version_with_a_listed_vulnerability_may_be_installed() -> None:
    mended = tomllib.loads(ADVISORIES.read_text())["mended"]
    project = tomllib.loads((ADVISORIES.parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = map(Requirement, [*project["dependencies"], *extras["bot"], *extras["dev"]])
    bounds = {canonicalize_name(one.name): one.specifier for one in wanted}
    assert len(bounds.keys() & mended) >= 5
    for name in bounds.keys() & mended:
        least = next(Version(bound.version) for bound in bounds[name] if bound.operator == ">=")
        assert least >= Version(mended[name]["version"]), name


def test_every_constraint_is_read() -> None:
    packages = pinned(CONSTRAINTS.read_text(encoding="utf-8"))
    assert len(packages) > 50 and all(version[0].isdigit() for _, version in packages)
