"""Which model a name means, and how its files come from a Hub: here a small one on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from core.errors import ModelUnavailable
from core.models import resolver
from core.models.hub import Hub as ModelFiles
from core.models.resolver import BUNDLED, PINNED, resolve_model
from core.results import ModelInfo
from core.settings import CoreSettings

ROOT = Path(__file__).parents[3]
COMMIT, OTHER_COMMIT = "0123456789abcdef" * 2 + "01234567", "f" * 40
TINY = f"someone/tiny@{COMMIT}"
WHOLE = {"README.md", "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}


# Names


def test_the_defaults_are_pinned() -> None:
    settings = CoreSettings()
    for name in (settings.sentiment_model, settings.unmask_model, settings.tokens_model, settings.attention_model):
        model = resolve_model(name)
        assert (model.name, model.bundled, model.folder) == (name, False, "")
        assert re.fullmatch("[0-9a-f]{40}", model.revision)


def test_every_pin_is_a_full_commit() -> None:
    for name, revision in PINNED.items():
        assert resolve_model(name) == ModelInfo(name, revision)


def test_a_pin_can_be_overruled() -> None:
    assert resolve_model(f"google-bert/bert-base-cased@{COMMIT}") == ModelInfo("google-bert/bert-base-cased", COMMIT)


def test_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    assert resolve_model(str(tmp_path / "mine")) == ModelInfo("mine", folder=str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path / "mine")
    assert resolve_model(".").name == "mine"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve_model("~/mine") == ModelInfo("mine", folder=str(tmp_path / "mine"))


def test_a_bundled_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "BUNDLED", tmp_path)
    (tmp_path / "masked-lm").mkdir()
    (tmp_path / "file").touch()
    assert resolve_model("bundled/masked-lm") == ModelInfo(
        "bundled/masked-lm", bundled=True, folder=str(tmp_path / "masked-lm")
    )
    for name in ("bundled/other", "bundled/file", "bundled/", "bundled/..", "bundled/../bundled/masked-lm"):
        with pytest.raises(ModelUnavailable, match="no bundled model"):
            resolve_model(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "bert-base-cased",
        "a/b/c",
        "../somewhere/else",
        "./a/b",
        "a/..",
        "a/.hidden",
        "-a/b",
        "/nowhere/at all",
        "https://huggingface.co/google-bert/bert-base-cased",
        "file:///etc/passwd",
        "someone/tiny?download=true",
        "someone/tiny name",
        "someone\\tiny",
        "日本/語",
        f"../tiny@{COMMIT}",
    ],
)
def test_what_is_not_a_name(name: str) -> None:
    with pytest.raises(ModelUnavailable, match="neither a folder nor a Hub id"):
        resolve_model(name)


@pytest.mark.parametrize("revision", ["", "@", "@main", "@0123abc", f"@{COMMIT}0"])
def test_a_hub_id_without_a_full_commit(revision: str) -> None:
    with pytest.raises(ModelUnavailable, match="someone/tiny needs a pinned revision"):
        resolve_model(f"someone/tiny{revision}")


async def test_a_folder_is_where_it_is(models: Path) -> None:
    folder = models / "gpt2"
    for weights in (False, True):
        assert await ModelFiles(most=1).folder(resolve_model(str(folder)), weights=weights) == folder
    assert BUNDLED.name == "bundled"


# The Hub


class Hub:
    """As much of the Hub as `huggingface_hub` needs to download a snapshot.

    Attributes:
        url: Where it is.
        served: The names of the files that were downloaded, in order.
        broken: Whether it answers every request with an internal error.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.url = ""
        self.served: list[str] = []
        self.broken = False
        self._files = files

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Hub, None]:
        app = web.Application()
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._info, allow_head=False)
        app.router.add_get("/api/models/{owner}/{name}/tree/{revision}", self._tree, allow_head=False)
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
        return self._refusal(request) or web.json_response({"id": "someone/tiny", "sha": COMMIT, "siblings": siblings})

    async def _tree(self, request: web.Request) -> web.Response:
        files = [
            {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
            for path, content in self._files.items()
        ]
        return self._refusal(request) or web.json_response(files)

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
        asked = request.match_info
        if self.broken:
            return web.Response(status=500)
        if (asked["owner"], asked["name"]) != ("someone", "tiny"):
            return web.Response(status=404, headers={"X-Error-Code": "RepoNotFound"})
        if asked["revision"] != COMMIT:
            return web.Response(status=404, headers={"X-Error-Code": "RevisionNotFound"})
        return None


PROGRAM = """
import asyncio, os, sys, time
from core.models.resolver import resolve_model
from core.models.hub import Hub
from core.errors import CoreError

time.sleep = lambda seconds: None  # the Hub's library tries five times and waits longer each time

async def main(name, *kinds):
    hub = Hub(int(os.environ.get("MOST", 4096)))
    for kind in kinds:
        try:
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
    return out.decode().splitlines()


def files_in(folder: str) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


@pytest.fixture
async def hub(models: Path) -> AsyncGenerator[Hub, None]:
    files = {path.name: path.read_bytes() for path in (models / "bert-masked-lm").iterdir()}
    extra = {"README.md": b"#", "pytorch_model.bin": b"code", "onnx/model.safetensors": b"1", "other.safetensors": b"2"}
    async with Hub({**files, **extra}).open() as hub:
        yield hub


async def test_a_model_is_fetched_once_and_then_needs_no_network(hub: Hub, tmp_path: Path) -> None:
    text, again, whole = await fetch(tmp_path, hub.url, TINY, "text", "text", "weights")
    assert text == again == whole and Path(text).is_relative_to(tmp_path)
    assert set(hub.served) == WHOLE
    assert hub.served.index("model.safetensors") == 4  # only when it was asked for
    hub.broken = True
    for offline in ("", "1"):
        assert await fetch(tmp_path, hub.url, TINY, "weights", "text", HF_HUB_OFFLINE=offline) == [whole, whole]
    assert len(hub.served) == 5
    assert files_in(whole) == WHOLE


async def test_text_alone_is_not_enough_offline(hub: Hub, tmp_path: Path) -> None:
    (text,) = await fetch(tmp_path, hub.url, TINY, "text")
    found, sentence = await fetch(tmp_path, hub.url, TINY, "text", "weights", HF_HUB_OFFLINE="1")
    assert found == text
    assert sentence.startswith("The model someone/tiny is not on this computer")


@pytest.mark.parametrize("state", ["offline", "broken", "nobody listens"])
async def test_what_cannot_be_fetched(hub: Hub, tmp_path: Path, state: str) -> None:
    hub.broken = state == "broken"
    endpoint = "http://127.0.0.1:9" if state == "nobody listens" else hub.url
    offline = "1" if state == "offline" else ""
    (sentence,) = await fetch(tmp_path, endpoint, TINY, "weights", HF_HUB_OFFLINE=offline)
    assert sentence == (
        "The model someone/tiny is not on this computer and could not be fetched from the Hub: "
        "try again later, or ask the bot's host to check the network."
    )


@pytest.mark.parametrize("name", [f"someone/tiny@{OTHER_COMMIT}", f"nobody/tiny@{COMMIT}"])
async def test_what_the_hub_does_not_have(hub: Hub, tmp_path: Path, name: str) -> None:
    (sentence,) = await fetch(tmp_path, hub.url, name, "text")
    assert sentence == (f"The Hub has no model {name.partition('@')[0]} at the pinned revision: ask the bot's host.")


async def test_a_model_without_safetensors(models: Path, tmp_path: Path) -> None:
    async with Hub({"config.json": b"{}", "pytorch_model.bin": b"code"}).open() as hub:
        text, sentence = await fetch(tmp_path, hub.url, TINY, "text", "weights")
        assert files_in(text) == {"config.json"}
        assert sentence == (
            "The model someone/tiny has no safetensors weights, and others may run code when they are read: "
            "ask the bot's host to choose another."
        )
        assert hub.served == ["config.json"]


async def test_weights_that_are_too_big_are_not_even_fetched(models: Path, tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in (models / "bert-masked-lm").iterdir()}
    async with Hub({**files, "model-00002-of-00002.safetensors": bytes(9 << 20)}).open() as hub:
        (sentence,) = await fetch(tmp_path, hub.url, TINY, "weights", MOST="8")
        assert sentence == "The model someone/tiny needs about 9 MiB of memory and may take 8: choose a smaller one."
        assert not [name for name in hub.served if name.endswith(".safetensors")]


async def test_a_half_finished_download_is_finished(hub: Hub, tmp_path: Path) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    await asyncio.to_thread(Path(whole, "model.safetensors").unlink)
    assert await fetch(tmp_path, hub.url, TINY, "weights") == [whole]
    assert files_in(whole) == WHOLE
