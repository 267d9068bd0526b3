"""Where the files of models are; those that are not on the disk yet come from the Hub."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import filter_repo_objects

from core.errors import CoreClosed, ModelUnavailable, is_failure
from core.models.config_file import most_bytes, unusable
from core.models.metadata import ModelMetadata, read_metadata
from core.models.snapshot import TEXT_FILES, WEIGHT_FILES, cached, discard, lacking, listed, on_disk, without
from core.results import ModelInfo

logger = logging.getLogger(__name__)

MIB = 1 << 20

REFUSED = (401, 403)
"""How the Hub answers a token that is wrong, ended, or of too few rights."""

DOWNLOADS = 4
"""Models that are fetched at once. They have threads of their own, so that nothing else waits for one of theirs."""

NAMED = 3
"""Files that a sentence names."""


class ModelFiles:
    """Finds the files of models, and fetches those that are not on the disk yet, each once.

    Args:
        most: The most MiB that a model may take in memory.
        token: What opens gated and private repositories of the Hub; empty for the one that its own login keeps.
    """

    def __init__(self, most: int, token: str = "") -> None:
        self._most, self._token = most, token or None
        self._fetching: defaultdict[ModelInfo, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._found: dict[tuple[ModelInfo, bool], Path] = {}
        self._downloads = ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="download")
        self._closed = False

    def close(self) -> None:
        """Fetch no more; what is being fetched is not waited for."""
        self._closed = True
        self._downloads.shutdown(wait=False)

    async def folder(self, model: ModelInfo, *, weights: bool) -> Path:
        """The folder with a model's files; with `weights`, those too, as safetensors only.

        Fetching goes on when whoever waits has left, for the sake of the next: a thread cannot be stopped, and two
        would fetch into the same files.

        Raises:
            ModelUnavailable: They are not on the disk and cannot be fetched; or there are no weights of that kind, or
                too many.
            CoreClosed: They would have to be fetched, and this is closed.
        """
        if (model, weights) not in self._found:
            await asyncio.shield(asyncio.create_task(self._look_for(model, weights)))
        return self._found[model, weights]

    async def _look_for(self, model: ModelInfo, weights: bool) -> None:
        """Note the folder, once it was found by one of those who look for it."""
        async with self._fetching[model]:
            if (model, weights) not in self._found:
                wanted = TEXT_FILES + WEIGHT_FILES if weights else TEXT_FILES
                complete = await asyncio.to_thread(_is_complete, model, wanted)
                threads = None if complete or self._closed else self._downloads
                loop = asyncio.get_running_loop()
                self._found[model, weights] = await loop.run_in_executor(threads, self._find, model, weights)

    def found(self, model: ModelInfo, *, weights: bool = True) -> Path | None:
        """The folder with a model's files, with `weights` those too, if that is known already. Nothing is looked at."""
        return self._found.get((model, weights))

    def all_found(self) -> list[tuple[ModelInfo, Path]]:
        """The models whose weights are known to be on the disk, and where."""
        return [(model, folder) for (model, weights), folder in self._found.items() if weights]

    def _find(self, model: ModelInfo, weights: bool) -> Path:
        found = self._fetched(model, TEXT_FILES)
        if not weights:
            return found
        if not model.folder:
            self._check(model, read_metadata(found), _announced(model))  # before gigabytes are fetched for nothing
            found = self._fetched(model, TEXT_FILES + WEIGHT_FILES)
        self._check(model, metadata := read_metadata(found), metadata.weights)
        return found

    def _fetched(self, model: ModelInfo, wanted: Sequence[str]) -> Path:
        """The folder with the wanted files; what is missing or damaged is fetched, and nothing is asked otherwise.

        Without a network, what a model can do without may stay missing.
        """
        folder = on_disk(model, wanted)
        if folder and _is_complete(model, wanted):
            return folder
        if self._closed:
            raise CoreClosed
        try:
            return self._download(model, wanted)
        except BaseException as error:  # of the network in many ways, of the disk, of the Hub
            if not is_failure(error) or isinstance(error, ModelUnavailable):
                raise
            if folder and isinstance(error, LocalEntryNotFoundError | OfflineModeIsEnabled):
                return folder
            logger.error("The model %s could not be fetched: %s: %s", model.name, type(error).__name__, error)
            raise _refusal(model, without(model, wanted), error) from error

    def _download(self, model: ModelInfo, wanted: Sequence[str]) -> Path:
        """Fetch what is missing or damaged.

        Raises:
            ModelUnavailable: A file is too large to be read, or was not whole when it was fetched anew, either.
            Exception: It cannot be had.
        """
        self._check_sizes(model, wanted)
        damaged: list[str] = []
        for _ in range(2):  # the library takes up what an interrupted deletion left behind: once more without that
            discard(model, lacking(model, wanted))
            folder = Path(
                snapshot_download(model.name, revision=model.revision, allow_patterns=list(wanted), token=self._token)
            )
            if not (damaged := without(model, wanted)):
                return folder
        HfApi(token=self._token).repo_info(model.name, revision=model.revision)  # says why it could not be looked at
        raise unusable(model.name, damaged[0])

    def _check_sizes(self, model: ModelInfo, wanted: Sequence[str]) -> None:
        """Refuse a model with a file that is too large to be read, before that is fetched.

        Raises:
            ModelUnavailable: It has one.
        """
        found = listed(model) or {}
        if not found:
            with contextlib.suppress(Exception):  # which the download meets, too, and then it is told
                tree = HfApi(token=self._token).list_repo_tree(model.name, revision=model.revision, recursive=True)
                found = {file.path: file.size for file in tree if isinstance(file, RepoFile)}
        for name in filter_repo_objects(found, allow_patterns=list(wanted)):
            if not name.endswith(".safetensors") and found[name] > most_bytes(name):
                raise unusable(model.name, name)

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


def _is_complete(model: ModelInfo, wanted: Sequence[str]) -> bool:
    """Whether all wanted files that there are of a model are on the disk."""
    return bool(model.folder) or (listed(model) is not None and not lacking(model, wanted))


def _announced(model: ModelInfo) -> int | None:
    """The bytes of a model's weights on the Hub; ``None`` if it was never asked."""
    sizes = listed(model)
    if sizes is None:
        return None
    wanted = (name for name in sizes if any(fnmatch(name, pattern) for pattern in WEIGHT_FILES))
    return sum(sizes[name] for name in wanted if name.endswith(".safetensors"))


def _refusal(model: ModelInfo, missing: Sequence[str], error: BaseException) -> ModelUnavailable:
    """What keeps the files of a model away, for people."""
    name = model.name
    if isinstance(error, GatedRepoError):
        return ModelUnavailable(
            "The model {model} is fetched only by those who accepted its terms: ask the bot's host to accept them on "
            "its page of the Hub and to set HF_TOKEN.",
            model=name,
        )
    if isinstance(error, RepositoryNotFoundError):
        return ModelUnavailable(
            "The Hub shows no model {model} to this bot: ask the bot's host to check the name, or, if the model is "
            "private, to set an HF_TOKEN that may read it.",
            model=name,
        )
    if isinstance(error, RevisionNotFoundError):
        return ModelUnavailable("The Hub has no model {model} at the pinned revision: ask the bot's host.", model=name)
    if isinstance(error, HfHubHTTPError) and error.response.status_code in REFUSED:
        return ModelUnavailable(
            "The Hub refuses this bot the model {model}: ask the bot's host to set another HF_TOKEN.", model=name
        )
    if missing and any(cached(model, file) for file in TEXT_FILES):
        return ModelUnavailable(
            "The model {model} lacks {files} on this computer, and could not be fetched from the Hub: "
            "try again later, or ask the bot's host to check the network.",
            model=name,
            files=", ".join(missing[:NAMED]),
        )
    return ModelUnavailable(
        "The model {model} is not on this computer and could not be fetched from the Hub: "
        "try again later, or ask the bot's host to check the network.",
        model=name,
    )
