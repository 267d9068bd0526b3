"""Which model a name means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import ModelUnavailable
from core.models import resolver
from core.models.hub import ModelFiles
from core.models.resolver import BUNDLED, PINNED, resolve_model
from core.results import ModelInfo
from core.settings import CoreSettings
from tests.core.models.local_hub import COMMIT


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
    (tmp_path / "bert-mini").mkdir()
    (tmp_path / "file").touch()
    assert resolve_model("bundled/bert-mini") == ModelInfo(
        "bundled/bert-mini", bundled=True, folder=str(tmp_path / "bert-mini")
    )
    for name in ("bundled/other", "bundled/file", "bundled/", "bundled/..", "bundled/../bundled/bert-mini"):
        with pytest.raises(ModelUnavailable, match="no bundled model"):
            resolve_model(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
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


@pytest.mark.parametrize(("short", "full"), [(id.partition("/")[2], id) for id in PINNED])
def test_a_short_name_is_told_in_full(short: str, full: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"set it as {full}"):
        resolve_model(short)


def test_a_link_is_called_by_its_own_name_and_a_snapshot_by_that_of_its_model(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--someone--tiny" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (tmp_path / "my-bert").symlink_to(snapshot)
    assert resolve_model(str(tmp_path / "my-bert")).name == "my-bert"
    assert resolve_model(str(snapshot)).name == resolve_model(f"{snapshot}/").name == "someone/tiny"
