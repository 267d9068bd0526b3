"""As much of the Hub as `huggingface_hub` needs, on loopback; and a program that asks it in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).parents[3]
COMMIT = "0123456789abcdef" * 2 + "01234567"
TINY = f"someone/tiny@{COMMIT}"
TOKEN = "hf_opens"


class Hub:
    """As much of the Hub as `huggingface_hub` needs to download a snapshot.

    Attributes:
        url: Where it is.
        asked: How many requests there were.
        served: The names of the files that were downloaded, in order.
        broken: Whether it answers every request with an internal error.
        locked: "gated" or "private" for what only a token opens, "refused" for a token that is wrong.
    """

    def __init__(self, files: dict[str, bytes], name: str = "someone/tiny") -> None:
        self._name = name
        self.url, self.asked = "", 0
        self.served: list[str] = []
        self.broken, self.locked = False, ""
        self._files = files

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Hub, None]:
        app = web.Application()
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._info, allow_head=False)
        app.router.add_get("/api/models/{owner}/{name}/tree/{revision}", self._tree, allow_head=False)
        app.router.add_get("/api/models/{owner}/{name}/auth-check", self._auth_check)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", self._file)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name.rstrip("/")
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _info(self, request: web.Request) -> web.Response:
        siblings = [{"rfilename": path} for path in self._files]
        return self._refusal(request) or web.json_response({"id": self._name, "sha": COMMIT, "siblings": siblings})

    async def _tree(self, request: web.Request) -> web.Response:
        files = [
            {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
            for path, content in self._files.items()
        ]
        return self._refusal(request) or web.json_response(files)

    async def _auth_check(self, request: web.Request) -> web.Response:
        if self.locked and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            code = "GatedRepo" if self.locked == "gated" else "RepoNotFound"
            return web.Response(status=401, headers={"X-Error-Code": code})
        return web.json_response({})

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if refusal := self._refusal(request):
            return refusal
        if path not in self._files:
            return web.Response(status=404, headers={"X-Error-Code": "EntryNotFound"})
        content = self._files[path]
        if request.method == "GET":
            self.served.append(path)
        etag = f'"{hashlib.sha1(content).hexdigest()}"'
        return web.Response(body=content, headers={"ETag": etag, "X-Repo-Commit": COMMIT})

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.asked += 1
        asked = request.match_info
        if self.broken:
            return web.Response(status=500)
        opened = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        if self.locked == "refused":
            return web.Response(status=401, headers={"X-Error-Message": "Invalid credentials in Authorization header"})
        if self.locked == "private" and not opened:
            return web.Response(status=401, headers={"X-Error-Code": "RepoNotFound"})
        if self.locked == "gated" and not opened and "/api/" not in request.path:
            reason = "Access to model someone/tiny is restricted. You must be authenticated to access it."
            return web.Response(status=401, headers={"X-Error-Code": "GatedRepo", "X-Error-Message": reason})
        if f"{asked['owner']}/{asked['name']}" != self._name:
            return web.Response(status=404, headers={"X-Error-Code": "RepoNotFound"})
        if asked.get("revision", COMMIT) != COMMIT:
            return web.Response(status=404, headers={"X-Error-Code": "RevisionNotFound"})
        return None


PROGRAM = """
import asyncio, os, sys, time
from core.models.resolver import resolve_model
from core.models.hub import ModelFiles
from core.models.registry import ModelRegistry
from core.settings import CoreSettings
from core.errors import CoreError

time.sleep = lambda seconds: None  # the Hub's library tries five times and waits longer each time

async def main(name, *kinds):
    hub = ModelFiles(int(os.environ.get("MOST", 4096)), os.environ.get("TOKEN", ""))
    chosen = {f"{command}_model": name for command in ("sentiment", "unmask", "tokens", "attention")}
    registry = ModelRegistry(CoreSettings(**chosen))
    for kind in kinds:
        try:
            registry.get("attention", resolve_model(name).name)  # what is not whole is not judged
            print(await hub.folder(resolve_model(name), weights=kind == "weights"))
        except CoreError as error:
            print(error)
    assert "torch" not in sys.modules

asyncio.run(main(*sys.argv[1:]))
"""


async def fetch(home: Path, endpoint: str, name: str, *kinds: str, **environment: str) -> list[str]:
    """Ask a hub in a process of its own, for the Hub's library reads its settings when it is imported."""
    settings = {"HF_HOME": str(home), "HF_ENDPOINT": endpoint, "no_proxy": "127.0.0.1", **environment}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, name, *kinds),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert TOKEN not in err.decode()
    return out.decode().splitlines()


def files_in(folder: str) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}
