"""A folder's tokenizer is read where it can do no harm before anybody else reads it."""

from __future__ import annotations

import asyncio
import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core import Core, CoreSettings
from core.errors import ModelUnavailable
from core.models.resolver import BUNDLED
from core.reading.tokenizers import trial
from core.reading.tokenizers.trial import try_out
from tests.core.test_facade import Refusing
from tests.stress.hostile_folders import CHANGES, written
from tests.tokenizers import KINDS

REFUSAL = "The model hostile has no tokenizer that can be read: ask the bot's host to choose another."


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    return shutil.copytree(models / "bert-classifier", tmp_path / "hostile")


@pytest.mark.parametrize("name", KINDS)
async def test_every_kind_of_tokenizer_passes(name: str, tmp_path: Path) -> None:
    KINDS[name](tmp_path)
    await try_out("tiny", tmp_path)


async def test_bundled_folders_would_pass() -> None:
    """With a vocabulary alone, too: transformers reads it, without torch."""
    for folder in sorted(path for path in BUNDLED.iterdir() if (path / "tokenizer_config.json").is_file()):
        await try_out(folder.name, folder)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("tokenizer-gigabytes", "exit code -"),  # the Rust library ends its process where memory is refused
        ("tokenizer-ends-its-process", "exit code -"),
        ("tokenizer-minutes", "longer than 2 s"),
        ("tokenizer-charsmap", "PanicException"),
        ("tokenizer-chunks-of-nothing", "PanicException"),
        ("tokenizer-doubling", "its normalizer could make millions of characters of a word"),
        ("tokenizer-ten-gigabytes", "its tokenizer.json is larger than 64 MiB"),
        ("tokenizer-many-added", "it adds more than 10,000 tokens to its vocabulary"),
        ("options-many-tokens", "name more than 10,000 tokens"),
        ("options-many-names", "name more than 10,000 tokens"),
        ("map-many-tokens", "name more than 10,000 tokens"),
        ("added-many-tokens", "name more than 10,000 tokens"),
        ("tokenizer-without-end", "its tokenizer.json is no file"),
    ],
)
def test_what_could_do_harm_is_refused(
    name: str, reason: str, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 2.0 if name == "tokenizer-minutes" else 60.0)
    monkeypatch.chdir(folder)
    CHANGES[name](folder)
    files = set(folder.iterdir())
    with caplog.at_level(logging.ERROR), pytest.raises(ModelUnavailable) as refusal:
        asyncio.run(try_out("hostile", folder))
    assert str(refusal.value) == REFUSAL
    assert reason in caplog.text and len(caplog.messages) == 1
    assert set(folder.iterdir()) == files, "something was left"


@pytest.mark.parametrize("content", [b"{", b'{"model": 7}', b"\xff"])
async def test_what_is_only_wrong_is_left_to_who_reads_it(content: bytes, folder: Path) -> None:
    """Whatever transformers makes of what else is there; else it says why it cannot."""
    written("tokenizer.json", content)(folder)
    await try_out("hostile", folder)


async def test_the_device_is_not_asked_and_the_refusal_remembered(
    folder: Path, settings: CoreSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 1.0)
    CHANGES["tokenizer-minutes"](folder)
    device = Refusing(ModelUnavailable("It was asked."))
    async with Core.open(replace(settings, tokens_model=str(folder)), [device]) as core:
        asked = (core.tokens(f"the cat {number}") for number in range(3))
        refused = [*await asyncio.gather(*asked, return_exceptions=True)]
        with pytest.raises(ModelUnavailable) as last:
            await core.tokens("the dog")
    assert [str(one) for one in (*refused, last.value)] == [REFUSAL] * 4
    assert device.reads == 0
    assert caplog.text.count("longer than 1 s") == 1


async def test_the_event_loop_goes_on_and_nothing_is_left_running(
    folder: Path, settings: CoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 3.0)
    CHANGES["tokenizer-minutes"](folder)
    before = children()
    async with Core.open(replace(settings, tokens_model=str(folder))) as core:
        asked = asyncio.create_task(core.tokens("the cat"))
        turns, seen = 0, set[str]()
        while not asked.done():
            await asyncio.sleep(0.01)
            turns, seen = turns + 1, seen | children()
        assert turns > 20 and seen > before
        with pytest.raises(ModelUnavailable):
            await asked
    assert children() <= before, "a process was left"


async def test_a_trial_ends_with_who_waits_for_it(folder: Path) -> None:
    CHANGES["tokenizer-minutes"](folder)
    before = children()
    waiting = asyncio.create_task(try_out("hostile", folder))
    for _ in range(1000):
        if children() > before:
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("it did not start")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert children() <= before


def children() -> set[str]:
    """The processes that this one has started and that have not ended."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
