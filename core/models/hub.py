"""Where the files of models are; those that are not on the disk yet come from the Hub."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import DryRunError, RepositoryNotFoundError, RevisionNotFoundError

from core.errors import ModelUnavailable
from core.models.metadata import SENTENCEPIECE, ModelMetadata, read_metadata
from core.results import ModelInfo

logger = logging.getLogger(__name__)

TEXT_FILES = [
    "README.md",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    *SENTENCEPIECE,
]
WEIGHT_FILES = ["model.safetensors", "model-*.safetensors", "model.safetensors.index.json"]

MIB = 1 << 20


class Hub:
    """Finds the files of models, and fetches those that are not on the disk yet, each once.

    Args:
        most: The most MiB that a model may take in memory.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._fetching: defaultdict[tuple[ModelInfo, bool], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._found: dict[tuple[ModelInfo, bool], Path] = {}

    async def folder(self, model: ModelInfo, *, weights: bool) -> Path:
        """The folder with a model's files; with `weights`, those too, as safetensors only.

        Raises:
            ModelUnavailable: They are not on the disk and cannot be fetched; or there are no weights of that kind, or
                too many.
        """
        async with self._fetching[model, weights]:
            if (model, weights) not in self._found:
                self._found[model, weights] = await asyncio.to_thread(self._find, model, weights)
            return self._found[model, weights]

    def found(self, model: ModelInfo) -> Path | None:
        """The folder with a model's weights, if that is known already."""
        return self._found.get((model, True))

    def all_found(self) -> list[tuple[ModelInfo, Path]]:
        """The models whose weights are known to be on the disk, and where."""
        return [(model, folder) for (model, weights), folder in self._found.items() if weights]

    def _find(self, model: ModelInfo, weights: bool) -> Path:
        found = Path(model.folder) if model.folder else _download(model, TEXT_FILES)
        if not weights:
            return found
        if not model.folder:
            self._check(model, read_metadata(found), _announced(model))  # before gigabytes are fetched for nothing
            found = _download(model, TEXT_FILES + WEIGHT_FILES)
        self._check(model, metadata := read_metadata(found), metadata.weights)
        return found

    def _check(self, model: ModelInfo, metadata: ModelMetadata, weights: int | None) -> None:
        """Refuse a model whose weights, as bytes of files, are none or too many; ``None`` is for not known yet."""
        if weights == 0:
            raise ModelUnavailable(
                "The model {model} has no safetensors weights, and others may run code when they are read: "
                "ask the bot's host to choose another.",
                model=model.name,
            )
        needed = metadata.memory(weights) // MIB
        if needed > self._most:
            raise ModelUnavailable(
                "The model {model} needs about {needed:,} MiB of memory and may take {most:,}: choose a smaller one.",
                model=model.name,
                needed=needed,
                most=self._most,
            )


def _announced(model: ModelInfo) -> int | None:
    """The bytes of a model's weights on the Hub; ``None`` if that does not say."""
    with _told(model):
        try:
            files = snapshot_download(model.name, revision=model.revision, allow_patterns=WEIGHT_FILES, dry_run=True)
        except DryRunError:  # without a network: what is on the disk will do, or is missed soon
            return None
    return sum(file.file_size or 0 for file in files if file.filename.endswith(".safetensors"))


def _download(model: ModelInfo, wanted: list[str]) -> Path:
    with _told(model):
        return Path(snapshot_download(model.name, revision=model.revision, allow_patterns=wanted))


@contextmanager
def _told(model: ModelInfo) -> Generator[None]:
    """Let whatever keeps the files of a model away be told to people."""
    try:
        yield
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
