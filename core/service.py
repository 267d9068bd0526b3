"""The way of every question: look up its model, tokenise, queue, device, and back."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from functools import partial
from typing import Any, Literal

from core.commands import TASKS, Command, command_of
from core.errors import CoreError
from core.maps import extraction as looking
from core.models.hub import Hub
from core.models.registry import Entry, Models
from core.reading import masks as gaps
from core.reading import validation as texts
from core.reading.tokenizer import Reader
from core.results import ModelInfo, Tokenization
from core.serving.deduplication import Sharing
from core.serving.executor import Executor
from core.serving.metrics import Signals, Snapshot
from core.serving.runners import Job
from core.serving.tenants import Member
from core.settings import CoreSettings

CANARY = 5.0
"""Seconds within which a device must answer to count as ready."""


PADDED = ("attention", "causal")
"""Tasks that pad the texts of a batch; for others see `core.tasks.packing`."""


class Service:
    """What all questions share: models, their tokenizers, and the devices.

    Attributes:
        settings: What the host chose.
        models: Which models may be asked.
        signals: What is counted.
    """

    def __init__(self, settings: CoreSettings, executor: Executor, signals: Signals) -> None:
        self.settings, self.signals = settings, signals
        self.models = Models(settings)
        self._executor = executor
        self._hub = Hub(settings.models_mib)
        self._readers: dict[ModelInfo, Reader] = {}
        self._sharing = Sharing(settings.repeats_mib << 20)

    def check(self, way: str, text: str, model: str = "", *, read: bool = True) -> None:
        """Refuse what can be refused without waiting for anything.

        Args:
            way: How it is asked: see `core.commands`.
            text: What is asked about.
            model: Which model is asked; the command's own if empty.
            read: Whether to cut the text into tokens, too, which takes milliseconds for a long one.

        Raises:
            BadInput: There is no such way to ask, or the text is empty, too long, or lacks a mask.
            ModelUnavailable: There is no such model for that command.
        """
        command = command_of(way)
        text = texts.checked(text, command)
        if command == "unmask":
            gaps.require_mask(text)
        chosen = self.models.get(command, model)
        if read and (reader := self._readers.get(chosen)):
            self._prepare(command, reader, text)

    async def ready(self) -> bool:
        """Whether a device answers: its last batch succeeded, or a text of a few tokens does now."""
        if self.snapshot().good:
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
        if command == "tokens":
            return None
        folder = chosen.folder or self._hub.found(chosen)
        if not folder:
            return "fetching", chosen
        jobs = {Job(task, str(folder)) for task in TASKS[command]}
        return None if jobs & self._executor.held().keys() else ("loading", chosen)

    def entries(self) -> list[Entry]:
        """All models, and what is known of each."""
        folders = {job.folder for job in self._executor.held()}
        return self.models.entries([model for model, folder in self._hub.all_found() if str(folder) in folders])

    def devices(self) -> str:
        """What the devices are called; as the settings name them until that is known."""
        return ", ".join(self._executor.names()) or self.settings.device

    def snapshot(self) -> Snapshot:
        """How busy the devices are."""
        return self._executor.snapshot()

    async def _source(self, command: Command, text: str, model: str) -> Tokenization:
        text = texts.checked(text, command)
        reader = await self._reader_for(command, model)
        return await asyncio.to_thread(self._prepare, command, reader, text)

    @staticmethod
    def _prepare(command: Command, reader: Reader, text: str) -> Tokenization:
        match command:
            case "tokens":
                return reader.read(text)
            case "unmask":
                return gaps.read(reader, text)
            case "attention":
                return looking.asked(reader, text)[0].source
            case "sentiment":
                return reader.read_within_limit(text, cut=True)

    async def _reader_for(self, command: Command, model: str) -> Reader:
        reader = await self._reader(self.models.get(command, model))
        self.models.get(command, model)  # what its files say is known by now
        return reader

    async def _reader(self, model: ModelInfo) -> Reader:
        if model not in self._readers:
            folder = await self._hub.folder(model, weights=False)
            await asyncio.to_thread(self.models.learn, model, folder)
            self._readers[model] = await asyncio.to_thread(Reader.load, model, folder)
        return self._readers[model]

    async def _run(
        self, command: Command, payload: Any, source: Tokenization, tenant: Hashable, times: int = 1, task: str = ""
    ) -> Any:
        """The answer of a device, or that of somebody who just asked the same; see `_submit`."""
        request = partial(self._submit, command, payload, source, tenant, times, task)
        return await self._sharing.ask((task or command, source.model, payload), Member.of(tenant).tenant, request)

    async def _submit(
        self, command: Command, payload: Any, source: Tokenization, tenant: Hashable, times: int = 1, task: str = ""
    ) -> Any:
        """Ask a device; `times` is how often the text goes through the model, `task` whom if not the command's own."""
        known = self._hub.found(source.model)
        folder = known or await self._hub.folder(source.model, weights=True)
        if not known:
            await asyncio.to_thread(self.models.learn, source.model, folder)  # how large it is, too
        job = Job(task or command, str(folder))
        size = min(times * len(source.tokens), self.settings.queue_tokens)
        return await self._executor.submit(
            job, payload, size=size, tenant=tenant, timeout=self.settings.timeout, padded=job.task in PADDED
        )
