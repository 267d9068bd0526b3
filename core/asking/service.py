"""The way of every question: look up its model, tokenise, queue, device, and back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Hashable
from functools import partial
from typing import Any, Literal

from core.asking.sources import source_of
from core.commands import COMMAND_TASKS, Command, command_of
from core.errors import CoreClosed, CoreError, DeviceFailed, OutOfService
from core.maps.selection import check_head
from core.models.config_file import no_tokenizer
from core.models.hub import ModelFiles
from core.models.registry import ModelEntry, ModelRegistry
from core.questions import SerialisedTokenizer, TokenizerFiles
from core.reading.checks import check_question
from core.reading.comparison import require_several, split_names
from core.reading.tokenizers.bundled import read_bundled
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.reading.tokenizers.trial import try_out
from core.reading.validation import validate_text
from core.reading.versions import require_alike
from core.results import ModelInfo, Tokenization
from core.serving.deduplication import Deduplicator
from core.serving.executor import Executor
from core.serving.metrics import Metrics, Snapshot
from core.serving.once import Once
from core.serving.runners import Job
from core.serving.tenants import Member
from core.settings import CoreSettings

CANARY = 5.0
"""Seconds within which a device must answer to count as ready."""

READING_SECONDS = 1.5
"""That a device's side takes to read a large tokenizer."""

READING_TIMEOUT = 120.0
"""Seconds after which that is given up, at least: until then it is known if a tokenizer makes devices hang."""

UNKNOWN = sys.maxsize
"""As many layers or heads as there may be of a model of which it is not known."""

PADDED = ("attention", "causal")
"""Tasks that pad the texts of a batch; for others see `core.tasks.engine.packing`."""


class Service:
    """What all questions share: models, their tokenizers, and the devices.

    Attributes:
        settings: What the host chose.
        models: Which models may be asked.
        metrics: What is counted.
    """

    def __init__(self, settings: CoreSettings, executor: Executor, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        self.models = ModelRegistry(settings)
        self._executor = executor
        self._hub = ModelFiles(settings.models_mib, settings.hub_token)
        self._tokenizers = Once[ModelInfo, ModelTokenizer]()
        self._deduplicator = Deduplicator(settings.repeats_mib << 20)
        self._closed = False

    def check(
        self,
        way: str,
        text: str,
        model: str = "",
        *,
        read: bool = True,
        others: str = "",
        compare: str = "",
        layer: int | None = None,
        head: int | None = None,
    ) -> None:
        """Refuse what can be refused without waiting for anything.

        Args:
            way: How it is asked: see `core.commands`.
            text: What is asked about.
            model: Which model is asked; the command's own if empty.
            read: Whether to cut the text into tokens, too, which takes milliseconds for a long one.
            others: As for `Answers.compare`.
            compare: As for `Answers.unmask`.
            layer: Which layer shall be looked at, from 1.
            head: Which head of it.

        Raises:
            BadInput: There is no such way to ask, or the text or an option is not for it.
            ModelUnavailable: There is no such model for that command.
        """
        chosen = self.models.get(command_of(way), model)
        texts = check_question(way, text, compare, causal=self.models.kind(chosen) in ("decoder", ""))
        layers, heads = self.models.map_size(chosen)
        check_head(layers or UNKNOWN, heads or UNKNOWN, layer or 1, head)
        if way == "compare":
            self.models_to_compare(model, others)
        if not (read and (tokenizer := self._tokenizers.known(chosen))):
            return
        if way == "decode":
            tokenizer.parse_ids(text)
        sources = [source_of(way, tokenizer, one, layers, heads) for one in texts]
        if way == "patch":
            require_alike(*sources)

    def models_to_compare(self, model: str, others: str) -> list[ModelInfo]:
        """The models whose tokenizers are compared: `model`, or the command's own, and those that `others` names.

        Raises:
            BadInput: There are too few or too many, or one is there twice.
            ModelUnavailable: There is none of such a name.
        """
        found = [self.models.get("tokens", name) for name in (model, *split_names(others))]
        require_several(found)
        return found

    async def ready(self) -> bool:
        """Whether a device answers: its last batch succeeded, or a text of a few tokens does now."""
        if self.snapshot().healthy:
            return True
        try:
            source = await self._source("sentiment", "Ready.", "")
            async with asyncio.timeout(CANARY):
                await self._submit("sentiment", source.text, source, "canary")
        except (CoreError, TimeoutError):
            return False
        return True

    def missing(self, way: str, model: str = "") -> tuple[Literal["fetching", "loading"], ModelInfo] | None:
        """What a request waits for before its model can be asked, and which model that is; ``None`` for nothing.

        Raises:
            CoreError: As for `check`.
        """
        command = command_of(way)
        chosen = self.models.get(command, model)
        if command == "tokens":  # which needs no weights
            folder = chosen.folder or self._hub.found(chosen, weights=False)
            ready = bool(self._tokenizers.known(chosen))
        else:
            folder = chosen.folder or self._hub.found(chosen)
            ready = any(Job(task, str(folder)) in self._executor.loaded() for task in COMMAND_TASKS[command])
        if ready:
            return None
        return "loading" if folder else "fetching", chosen

    def precision(self, command: Command, model: ModelInfo) -> str:
        """What the devices compute in when they ask a model for a command; empty if it is not loaded for that."""
        folder, loaded = str(model.folder or self._hub.found(model)), self._executor.loaded()
        found = (loaded.get(Job(task, folder)) for task in COMMAND_TASKS[command])
        return next((one.precision for one in found if one), "")

    def entries(self, preferred: str = "") -> list[ModelEntry]:
        """All models, and what is known of each, where `preferred` is the default wherever it fits."""
        folders = {job.folder for job in self._executor.loaded()}
        loaded = [model for model, folder in self._hub.all_found() if str(folder) in folders]
        return self.models.preferring(preferred).entries(loaded)

    def devices(self) -> str:
        """What the devices are called; as the settings name them until that is known."""
        return ", ".join(self._executor.names()) or self.settings.device

    def snapshot(self) -> Snapshot:
        """How busy the devices are."""
        return self._executor.snapshot()

    async def _source(self, way: str, text: str, model: str) -> Tokenization:
        command = command_of(way)
        text = validate_text(text, command)
        tokenizer = await self._tokenizer_for(command, model)
        return await asyncio.to_thread(source_of, way, tokenizer, text, *self.models.map_size(tokenizer.model))

    async def _tokenizer_for(self, command: Command, model: str) -> ModelTokenizer:
        tokenizer = await self._tokenizer(self.models.get(command, model))
        self.models.get(command, model)  # what its files say is known by now
        return tokenizer

    def _check_open(self) -> None:
        """Refuse what is asked after the end.

        Raises:
            CoreClosed: This is closed.
        """
        if self._closed:
            raise CoreClosed

    async def _tokenizer(self, model: ModelInfo) -> ModelTokenizer:
        self._check_open()
        return await self._tokenizers.get(model, partial(self._read_tokenizer, model))

    async def _read_tokenizer(self, model: ModelInfo) -> ModelTokenizer:
        folder = await self._hub.folder(model, weights=False)
        await asyncio.to_thread(self.models.update_metadata, model, folder)
        read = await asyncio.to_thread(read_bundled, folder) if model.bundled else None
        if read is None:
            if not model.bundled:
                await try_out(model.name, folder)
            read = await self._read_on_device(TokenizerFiles(str(folder), model.name))
        return await asyncio.to_thread(ModelTokenizer.load, model, folder, read)

    async def _read_on_device(self, files: TokenizerFiles) -> SerialisedTokenizer:
        """What a device's side reads.

        Raises:
            ModelUnavailable: It does not, or the device died of it, which is not to be done to the next one at once.
        """
        job, wait = Job("tokenizer", ""), max(self.settings.timeout, READING_TIMEOUT)
        try:
            return await self._executor.submit(job, files, size=1, timeout=wait, padded=False, expected=READING_SECONDS)
        except OutOfService:
            raise
        except DeviceFailed:
            raise no_tokenizer(files.model) from None

    async def _run(
        self, command: Command, payload: Any, source: Tokenization, tenant: Hashable, times: int = 1, task: str = ""
    ) -> Any:
        """The answer of a device, or that of somebody who just asked the same; see `_submit`."""
        request = partial(self._submit, command, payload, source, tenant, times, task)
        return await self._deduplicator.run((task or command, source.model, payload), Member.of(tenant).tenant, request)

    async def _submit(
        self, command: Command, payload: Any, source: Tokenization, tenant: Hashable, times: int = 1, task: str = ""
    ) -> Any:
        """Ask a device; `times` is how often the text goes through the model, `task` whom if not the command's own."""
        known = self._hub.found(source.model)
        folder = known or await self._hub.folder(source.model, weights=True)
        if not known:
            await asyncio.to_thread(self.models.update_metadata, source.model, folder)  # how large it is, too
        job = Job(task or command, str(folder))
        size = min(times * len(source.tokens), self.settings.queue_tokens)
        return await self._executor.submit(
            job, payload, size=size, tenant=tenant, timeout=self.settings.timeout, padded=job.task in PADDED
        )
