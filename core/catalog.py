"""Which model a name means, and where its files are."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from pathlib import Path

from huggingface_hub import snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from core.errors import ModelUnavailable
from core.results import ModelInfo

logger = logging.getLogger(__name__)

BUNDLED = Path(__file__).parent / "bundled"

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
TEXT_FILES = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.*",
    "merges.txt",
]
WEIGHT_FILES = ["model.safetensors", "model-*.safetensors", "model.safetensors.index.json"]


def find(name: str) -> ModelInfo:
    """The model that a setting names: ``bundled/NAME``, a folder, or ``id`` or ``id@revision`` on the Hub.

    Raises:
        ModelUnavailable: There is no such bundled model or folder, or a Hub id has no full commit to pin it.
    """
    if name.startswith("bundled/"):
        folder = BUNDLED / name.removeprefix("bundled/")
        if not re.fullmatch(r"bundled/[a-z-]+", name) or not folder.is_dir():
            raise ModelUnavailable("There is no bundled model of that name: see the documentation for those there are.")
        return ModelInfo(name, bundled=True, folder=str(folder))
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return ModelInfo(folder.resolve().name, folder=str(folder))
    repository, _, revision = name.partition("@")
    revision = revision or PINNED.get(repository, "")
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


def on_disk(model: ModelInfo) -> Path | None:
    """The folder with a model's configuration, if that needs no network; what else is there is not looked at."""
    if model.folder:
        return Path(model.folder)
    found = try_to_load_from_cache(model.name, "config.json", revision=model.revision)
    return Path(found).parent if isinstance(found, str) else None


class Catalog:
    """Finds the files of models, and fetches from the Hub those that are not on the disk yet, each once."""

    def __init__(self) -> None:
        self._fetching: defaultdict[tuple[ModelInfo, bool], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._found: dict[tuple[ModelInfo, bool], Path] = {}

    async def folder(self, model: ModelInfo, *, weights: bool) -> Path:
        """The folder with a model's files; with `weights`, those too, as safetensors only.

        Raises:
            ModelUnavailable: They are not on the disk and cannot be fetched.
        """
        if model.folder:
            return Path(model.folder)
        async with self._fetching[model, weights]:
            if (model, weights) not in self._found:
                self._found[model, weights] = await asyncio.to_thread(_fetch, model, weights)
            return self._found[model, weights]


def _fetch(model: ModelInfo, weights: bool) -> Path:
    wanted = TEXT_FILES + (WEIGHT_FILES if weights else [])
    try:
        found = Path(snapshot_download(model.name, revision=model.revision, allow_patterns=wanted))
    except (RevisionNotFoundError, RepositoryNotFoundError):
        raise ModelUnavailable(
            "The Hub has no model {model} at the pinned revision: ask the bot's host.", model=model.name
        ) from None
    except Exception as error:  # of the network in many ways, of the disk, of the Hub
        logger.error("The model %s could not be fetched: %s: %s", model.name, type(error).__name__, error)
        raise ModelUnavailable(
            "The model {model} is not on this computer and could not be fetched from the Hub: "
            "try again later, or ask the bot's host to check the network.",
            model=model.name,
        ) from error
    if weights and not any(found.glob("*.safetensors")):
        raise ModelUnavailable(
            "The model {model} has no safetensors weights: ask the bot's host to choose another.", model=model.name
        )
    return found
