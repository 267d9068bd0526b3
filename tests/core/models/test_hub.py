"""How the files of models come from a Hub: here a small one on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from core.errors import CoreClosed, ModelUnavailable
from core.models import hub as fetching
from core.models.config_file import LARGEST, SMALL
from core.models.hub import DOWNLOADS, ModelFiles
from core.models.resolver import resolve_model
from core.models.snapshot import is_whole
from core.models.weights import INDEX, shards
from tests.core.models.local_hub import COMMIT, TINY, TOKEN, Hub, fetch, files_in
from tests.stress.hostile_folders import NESTED

OTHER_COMMIT = "f" * 40
UNUSABLE = "The model someone/tiny has a file that cannot be used, {}: ask the bot's host to mend it."
WHOLE = {"README.md", "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}


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
    assert sentence.startswith("The model someone/tiny lacks model.safetensors on this computer")


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


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (f"someone/tiny@{OTHER_COMMIT}", "The Hub has no model someone/tiny at the pinned revision: "),
        (f"nobody/tiny@{COMMIT}", "The Hub shows no model nobody/tiny to this bot: "),
    ],
)
async def test_what_the_hub_does_not_have(hub: Hub, tmp_path: Path, name: str, sentence: str) -> None:
    (refusal,) = await fetch(tmp_path, hub.url, name, "text")
    assert refusal.startswith(sentence)


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


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def missing(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.resolve().write_bytes(b"")


def truncated(path: Path) -> None:
    path.resolve().write_bytes(path.read_bytes()[:-1])


def zeroed(path: Path) -> None:
    """What a computer may leave that lost its power: the right size, and nothing in it."""
    path.resolve().write_bytes(bytes(path.stat().st_size))


def nested(path: Path) -> None:
    """JSON of thousands of brackets, at which Python's own reader gives up."""
    path.resolve().write_bytes((len(NESTED).to_bytes(8, "little") if path.suffix == ".safetensors" else b"") + NESTED)


def unlinked(path: Path) -> None:
    """What is left where a deletion was broken off: no link, and a damaged file that the library would take up."""
    path.resolve().write_bytes(path.read_bytes()[:3])
    path.unlink()


BREAKS = [missing, empty, truncated, unlinked]


def forget_listings(home: Path) -> None:
    """Leave the cache as a library left it that kept no listings, or as a copy of the snapshots alone."""
    for listing in home.rglob("trees/*"):
        listing.unlink()


@pytest.mark.parametrize(
    ("name", "damage", "listings"),
    [
        *((name, damage, True) for name in ("tokenizer.json", "model.safetensors") for damage in BREAKS),
        *((name, missing, True) for name in ("config.json", "tokenizer_config.json", "README.md")),
        *((name, zeroed, True) for name in ("config.json", "model.safetensors")),
        *(
            (name, damage, False)
            for name in ("config.json", "tokenizer.json", "model.safetensors")
            for damage in (truncated, nested)
        ),
    ],
)
async def test_a_broken_download_is_mended_at_the_next_start(
    hub: Hub, tmp_path: Path, name: str, damage: Callable[[Path], None], listings: bool
) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    content = contents(whole)
    damage(Path(whole, name))
    if not listings:
        forget_listings(tmp_path)
    assert await fetch(tmp_path, hub.url, TINY, "text", "weights") == [whole, whole]
    assert contents(whole) == content


@pytest.mark.parametrize("kept", [{"config.json"}, {"config.json", "tokenizer.json"}])
async def test_what_an_interrupted_first_start_left_is_completed(hub: Hub, tmp_path: Path, kept: set[str]) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    for name in files_in(whole) - kept:
        missing(Path(whole, name))
    forget_listings(tmp_path)
    locks = tmp_path / "hub" / ".locks" / "models--someone--tiny"
    (locks / "left-behind.lock").touch()
    for blob in (tmp_path / "hub" / "models--someone--tiny" / "blobs").iterdir():
        blob.with_name(f"{blob.name}.incomplete").write_bytes(blob.read_bytes()[:3])
    assert await fetch(tmp_path, hub.url, TINY, "text", "weights") == [whole, whole]
    assert files_in(whole) == WHOLE


@pytest.mark.parametrize(
    ("name", "damage", "listings"),
    [
        ("config.json", missing, True),
        ("tokenizer_config.json", truncated, True),
        ("tokenizer.json", empty, False),
        ("model.safetensors", missing, False),
        ("model.safetensors", truncated, False),
        ("tokenizer.json", nested, False),
        ("model.safetensors", nested, False),
    ],
)
async def test_without_a_network_what_is_not_whole_is_named(
    hub: Hub, tmp_path: Path, name: str, damage: Callable[[Path], None], listings: bool
) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    damage(Path(whole, name))
    if not listings:
        forget_listings(tmp_path)
    (sentence,) = await fetch(tmp_path, hub.url, TINY, "weights", HF_HUB_OFFLINE="1")
    assert sentence.startswith(f"The model someone/tiny lacks {name} on this computer")
    assert await fetch(tmp_path, hub.url, TINY, "weights") == [whole]


@pytest.mark.parametrize("state", ["offline", "broken"])
async def test_what_nobody_needs_may_be_missing_where_there_is_no_network(hub: Hub, tmp_path: Path, state: str) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    missing(Path(whole, "README.md"))
    hub.broken = state == "broken"
    offline = "1" if state == "offline" else ""
    assert await fetch(tmp_path, hub.url, TINY, "text", "weights", HF_HUB_OFFLINE=offline) == [whole, whole]


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "model.safetensors"])
async def test_what_cannot_be_read_on_the_hub_either_is_named_and_no_start_fails(
    models: Path, tmp_path: Path, name: str
) -> None:
    files = {path.name: path.read_bytes() for path in (models / "bert-masked-lm").iterdir()}
    async with Hub({**files, name: NESTED}).open() as hub:
        for _ in range(2):
            (sentence,) = await fetch(tmp_path, hub.url, TINY, "weights")
            assert sentence == UNUSABLE.format(name)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("config.json", SMALL),
        ("added_tokens.json", SMALL),
        ("vocab.txt", LARGEST),
        ("model.safetensors.index.json", SMALL),
    ],
)
async def test_a_file_that_is_too_large_to_be_read_is_not_even_fetched(
    models: Path, tmp_path: Path, name: str, most: int
) -> None:
    files = {path.name: path.read_bytes() for path in (models / "bert-masked-lm").iterdir()}
    async with Hub({**files, name: bytes(most + 1)}).open() as hub:
        (sentence,) = await fetch(tmp_path, hub.url, TINY, "weights")
        assert sentence == UNUSABLE.format(name)
        assert name not in hub.served and "model.safetensors" not in hub.served


@pytest.mark.parametrize(("size", "whole"), [(SMALL, True), (SMALL + 1, False)])
def test_a_file_that_is_too_large_to_be_read_is_not_whole(tmp_path: Path, size: int, whole: bool) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"{" + b" " * (size - 2) + b"}")
    assert is_whole(path, size) == whole


@pytest.mark.parametrize(
    "content", [NESTED, b"[]", b'{"weight_map": {"a": "../b"}}', b'{"weight_map": {"a": 7}}', b"{"]
)
def test_an_index_of_another_shape_names_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / INDEX).write_bytes(content)
    assert shards(tmp_path / INDEX) == []


@pytest.mark.parametrize(
    "content",
    [
        "[" * 200_000,
        '{"a":' * 200_000,
        '{"a": {"data_offsets": [0, "1"]}}',
        "[]",
        '{"a": {}}',
        '{"a": 1}',
        '{"a": {"data_offsets": []}}',
        "null",
        "{",
        "",
    ],
)
def test_a_header_of_another_shape_is_no_model(tmp_path: Path, content: str) -> None:
    header = content.encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    assert not is_whole(path, path.stat().st_size)


async def test_a_token_that_the_hub_refuses(hub: Hub, tmp_path: Path) -> None:
    hub.locked = "refused"
    (refusal,) = await fetch(tmp_path, hub.url, TINY, "text", TOKEN="hf_wrong_or_ended")
    assert refusal.startswith("The Hub refuses this bot the model someone/tiny: ")


async def test_what_is_whole_asks_nothing_of_the_hub(hub: Hub, tmp_path: Path) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    hub.asked = 0
    assert await fetch(tmp_path, hub.url, TINY, "text", "weights") == [whole, whole]
    assert not hub.asked


@pytest.mark.parametrize(
    ("locked", "sentence"),
    [
        ("gated", "The model someone/tiny is fetched only by those who accepted its terms: "),
        ("private", "The Hub shows no model someone/tiny to this bot: "),
    ],
)
async def test_what_only_a_token_opens(hub: Hub, tmp_path: Path, locked: str, sentence: str) -> None:
    hub.locked = locked
    (refusal,) = await fetch(tmp_path, hub.url, TINY, "weights")
    assert refusal.startswith(sentence) and "HF_TOKEN" in refusal
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights", TOKEN=TOKEN)
    assert files_in(whole) == WHOLE


async def test_a_locked_model_of_which_a_part_is_there_says_why_the_rest_is_not(hub: Hub, tmp_path: Path) -> None:
    (whole,) = await fetch(tmp_path, hub.url, TINY, "weights")
    missing(Path(whole, "model.safetensors"))
    forget_listings(tmp_path)
    for locked, word in (("gated", "terms"), ("private", "private")):
        hub.locked = locked
        (refusal,) = await fetch(tmp_path, hub.url, TINY, "weights")
        assert word in refusal and "HF_TOKEN" in refusal


async def test_nothing_but_downloads_waits_for_downloads(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are wanted; those that did not begin when all is closed never do."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def download(name: str, **_: Any) -> str:
        begun.release()
        go_on.wait(60)
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(fetching, "snapshot_download", download)
    files, here = ModelFiles(4096), resolve_model(str(models / "bert-classifier"))
    wanted = [resolve_model(f"someone/number-{number}@{COMMIT}") for number in range(40)]
    asked = [asyncio.create_task(files.folder(model, weights=False)) for model in wanted]
    try:
        async with asyncio.timeout(60):
            for _ in range(DOWNLOADS):
                await asyncio.to_thread(begun.acquire)
            assert str(await files.folder(here, weights=True)) == here.folder
    finally:
        files.close()
        go_on.set()
    outcomes = await asyncio.gather(*asked, files.folder(wanted[0], weights=True), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {ModelUnavailable: DOWNLOADS, CoreClosed: len(wanted) + 1 - DOWNLOADS}
    assert not begun.acquire(blocking=False)


async def test_a_download_goes_on_when_whoever_wanted_it_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next who wants the model waits for that one, rather than fetch into the same files beside it."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def find(*_: Any) -> Path:
        begun.release()
        go_on.wait(60)
        return Path()

    monkeypatch.setattr(ModelFiles, "_find", find)
    files, wanted = ModelFiles(4096), resolve_model(f"someone/tiny@{COMMIT}")
    first = asyncio.create_task(files.folder(wanted, weights=True))
    await asyncio.to_thread(begun.acquire)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(files.folder(wanted, weights=True))
    assert not await asyncio.to_thread(begun.acquire, timeout=0.5), "two downloads of one model"
    go_on.set()
    assert await second == Path()
    files.close()
