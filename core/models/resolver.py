"""Which model a name in the settings means."""

from __future__ import annotations

import os
import re
from pathlib import Path

from core.errors import ModelUnavailable
from core.results import ModelInfo

BUNDLED = Path(__file__).parents[1] / "bundled"

PINNED = {
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "714eb0fa89d2f80546fda750413ed43d93601a13",
    "google-bert/bert-base-uncased": "86b5e0934494bd15c9632b12f734a8a67f723594",
    "google-bert/bert-base-cased": "cd5ef92a9fb2f889e972770a36d4ed042daf221e",
    "openai-community/gpt2": "607a30d783dfa663caf39e06633721c8d4cfcd7e",
    "FacebookAI/roberta-base": "e2da8e2f811d1448a5b465c236feacd80ffbac7b",
}
"""Commits that the answers in the documentation were made with; other Hub ids need a revision of their own."""

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
REVISION = re.compile(r"[0-9a-f]{40}")
SNAPSHOT = re.compile(r"models--.+")
"""How the Hub's cache calls the folder of a model, two above its snapshots."""


def resolve_model(name: str) -> ModelInfo:
    """The model that a setting names: ``bundled/NAME``, a folder, or ``id`` or ``id@revision`` on the Hub.

    Raises:
        ModelUnavailable: There is no such bundled model or folder, or a Hub id has no full commit to pin it.
    """
    if name.startswith("bundled/"):
        folder = BUNDLED / name.removeprefix("bundled/")
        if not re.fullmatch(r"bundled/[a-z0-9-]+", name) or not folder.is_dir():
            raise ModelUnavailable("There is no bundled model of that name: see the documentation for those there are.")
        return ModelInfo(name, bundled=True, folder=str(folder))
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return _local(folder)
    repository, _, revision = name.partition("@")
    revision = revision or PINNED.get(repository, "")
    if full := next((id for id in PINNED if id.partition("/")[2] == repository), ""):
        raise ModelUnavailable("“{name}” is the short form of a Hub id: set it as {full}.", name=repository, full=full)
    if not HUB_ID.fullmatch(repository):
        raise ModelUnavailable(
            "“{name}” is set as a model and is neither a folder nor a Hub id such as google-bert/bert-base-cased.",
            name=name,
        )
    if not REVISION.fullmatch(revision):
        raise ModelUnavailable(
            "The model {model} needs a pinned revision: set it as {model}@ and a full commit.", model=repository
        )
    return ModelInfo(repository, revision)


def _local(folder: Path) -> ModelInfo:
    """A model in a folder, called as the host calls it: a link by its own name, a snapshot of the Hub by its id."""
    placed = Path(os.path.normpath(folder.absolute()))  # not resolved: where a link leads to is not its name
    repository = placed.parent.parent.name
    in_cache = SNAPSHOT.fullmatch(repository) and REVISION.fullmatch(placed.name)
    name = repository.removeprefix("models--").replace("--", "/") if in_cache else placed.name
    return ModelInfo(name, folder=str(placed))
