"""`Core`: what can be asked. How a question reaches a device is the business of `core.service`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Protocol, Self

from core import comparing, gaps, looking, slots, targets, texts
from core.devices import open_runners
from core.errors import BadInput, DeviceFailed, TimedOut, TooLong
from core.executor import Executor
from core.lab import LARGEST, Exercise
from core.questions import ByLayer, InWindows, Jointly, Next, Why
from core.recall import Recall, Result
from core.results import (
    AttentionMap,
    Candidate,
    Comparison,
    Decoded,
    Drawing,
    Explained,
    Filling,
    Guess,
    Layered,
    Reason,
    Sentiment,
    Several,
    Table,
    Target,
    Tokenization,
    Unmasked,
    Variants,
    Window,
    Worked,
)
from core.runners import Job, Runner
from core.service import Service
from core.settings import CoreSettings
from core.signals import Signals
from core.windows import scored, windows

logger = logging.getLogger(__name__)

EXPLAINED_TOKENS = 128
"""The most tokens of a text whose label is explained: the model runs forwards and backwards dozens of times."""

MOST_CANDIDATES = 20
"""Per mask."""

WAYS = ("each on its own", "surest first", "beam of 4")
"""How several masks are filled: see `core.tasks.filling`."""

DRAIN = 10.0
"""Seconds that running requests get when a core closes."""

TRIES = 10
"""Times that the models are asked at the start: devices that cannot be used say so before."""


class View(Protocol):
    """A picture that can be drawn: see `core.render`."""

    def draw(self) -> Drawing:
        """Draw it."""
        ...

    def table(self) -> Table:
        """Give its numbers as text."""
        ...


class Core(Service):
    """Answers requests. Open one with `Core.open`; its methods may be awaited by many tasks at once.

    Every method raises a `CoreError` with a sentence for the person who asked. `model` is one of `Models.fitting`, or
    empty for the command's default. `tenant` is whom the request is for, perhaps a `core.tenants.Member`: tenants share
    the devices fairly, and their people take turns.
    """

    def __init__(
        self, settings: CoreSettings, executor: Executor, drawing: ThreadPoolExecutor, signals: Signals
    ) -> None:
        super().__init__(settings, executor, signals)
        self._drawing = drawing
        self._recall = Recall(settings.keep_mib << 20)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: CoreSettings | None = None, runners: Sequence[Runner] = ()
    ) -> AsyncGenerator[Self, None]:
        """A core that works until the block ends; then what runs is finished and the devices are closed.

        Args:
            settings: What the host chose.
            runners: Devices to take in the place of those that the settings name.
        """
        settings = settings or CoreSettings()
        with ThreadPoolExecutor(1, thread_name_prefix="drawing") as drawing:
            signals = Signals()
            executor = Executor(
                runners or open_runners(settings),
                budget=settings.batch_tokens,
                capacity=settings.queue_tokens,
                signals=signals,
            )
            watching = asyncio.create_task(signals.watch())
            try:
                yield cls(settings, executor, drawing, signals)
            finally:
                watching.cancel()
                await executor.close(DRAIN)

    async def warm_up(self) -> None:
        """Fetch and load every model, and run each once, so that nobody has to wait for that later.

        Raises:
            DeviceFailed: The devices are still not ready after `TRIES` times as long as a request may take.
        """
        for _ in range(TRIES):
            asks = (
                self.sentiment("Ready."),
                self.unmask("This is ___."),
                self.tokens("Ready."),
                self.attention("Ready."),
            )
            failures = [
                one for one in await asyncio.gather(*asks, return_exceptions=True) if isinstance(one, Exception)
            ]
            if not failures:
                return
            if worse := [one for one in failures if not isinstance(one, TimedOut)]:
                raise worse[0]
            logger.warning("The models are still being loaded.")
        raise DeviceFailed

    async def sentiment(self, text: str, *, model: str = "", tenant: Hashable = None) -> Sentiment:
        """Score a text with every label of the classifier, in windows if it is too long to be read at once."""
        source = await self._source("sentiment", text, model)
        parts = windows(source, (await self._reader(source.model)).limit)
        if len(parts) == 1:
            return Sentiment(source, scored(await self._run("sentiment", source.text, source, tenant)))
        question = InWindows(tuple(part.ids for part in parts), tuple(part.tokens for part in parts))
        whole, *rows = await self._run("sentiment", question, source, tenant)
        read = (Window(one.start, one.end, one.tokens, scored(row)) for one, row in zip(parts, rows, strict=True))
        return Sentiment(source, scored(whole), tuple(read))

    async def several(self, text: str, *, model: str = "", tenant: Hashable = None) -> Several:
        """Score each line of a text, at most `texts.MOST_LINES`."""
        lines = texts.lines(texts.checked(text, "sentiment"))
        return Several(
            tuple(await asyncio.gather(*(self.sentiment(line, model=model, tenant=tenant) for line in lines)))
        )

    async def variants(self, template: str, *, model: str = "", tenant: Hashable = None) -> Variants:
        """Score every filling of a text with a slot such as ``{France|Iceland}``."""
        names, versions = zip(*slots.expand(texts.checked(template)), strict=True)
        answers = await asyncio.gather(*(self.sentiment(version, model=model, tenant=tenant) for version in versions))
        return Variants(names, tuple(answers), template)

    async def changed(self, before: str, after: str, *, model: str = "", tenant: Hashable = None) -> Variants:
        """Score a text and a changed version of it."""
        if before == after:
            raise BadInput("Nothing was changed in that text: change a word, and see what it does.")
        answers = await asyncio.gather(*(self.sentiment(text, model=model, tenant=tenant) for text in (before, after)))
        return Variants(("as it was", "changed"), tuple(answers))

    async def why(self, text: str, *, model: str = "", tenant: Hashable = None) -> Explained:
        """Which words of a text of at most `EXPLAINED_TOKENS` tokens speak for its most probable label."""
        source = await self._source("sentiment", text, model)
        limit = min(EXPLAINED_TOKENS, (await self._reader(source.model)).limit)
        if len(source.tokens) > limit:
            raise TooLong(len(source.tokens), limit)
        words = source.words
        question = Why(tuple(source.ids), tuple(words))
        label, baseline, found = await self._run("sentiment", question, source, tenant, times=32 + len(words))
        _, logit, start, gradients, masked, steps = found
        reasons = tuple(
            Reason(source.written(word), *amounts) for word, *amounts in zip(words, gradients, masked, strict=True)
        )
        return Explained(source, label, reasons, logit, start, baseline, steps)

    async def unmask(
        self, text: str, *, model: str = "", top: int = 5, compare: str = "", tenant: Hashable = None
    ) -> Unmasked:
        """Find the `top` most probable words for each ``[MASK]``, ``<mask>`` or ``___`` of a text.

        A causal model reads what stands before the only one, and says which token it would write next.
        `compare` names words, separated by commas, whose probabilities at each mask are wanted too.
        """
        if not 1 <= top <= MOST_CANDIDATES:
            raise BadInput("The number of words per mask goes from 1 to {most}: choose one.", most=MOST_CANDIDATES)
        source = await self._source("unmask", text, model)
        words = targets.read(compare)
        compared = [await self._compared(source, place, words, tenant) for place in gaps.places(source) if words]
        question = (source.text, top) if source.masks else Next(tuple(source.ids), top)
        masks = await self._run("unmask", question, source, tenant, task=gaps.task(source))
        candidates = tuple(tuple(Candidate(*row) for row in mask) for mask in masks)
        return Unmasked(source, candidates, await self._fillings(source, tenant), tuple(compared))

    async def layers(self, text: str, *, model: str = "", tenant: Hashable = None) -> Layered:
        """What each layer of the language model would put at each mask of a text, or at its gap."""
        source = await self._source("unmask", text, model)
        question = ByLayer(tuple(source.ids), gaps.places(source))
        masks = await self._run("unmask", question, source, tenant, task=gaps.task(source))
        return Layered(source, tuple(tuple(Guess(*row) for row in mask) for mask in masks))

    async def tokens(self, text: str, *, model: str = "", tenant: Hashable = None) -> Tokenization:
        """Cut a text into tokens. No device is needed."""
        return await self._source("tokens", text, model)

    async def compare(self, text: str, *, model: str = "", others: str = "", tenant: Hashable = None) -> Comparison:
        """Cut a text with several tokenizers: that of `model`, and those whose names `others` lists."""
        names = comparing.read(", ".join([self.models.get("tokens", model).name, others]))
        return Comparison(tuple([await self._source("tokens", text, name) for name in names]))

    async def decode(self, text: str, *, model: str = "", tenant: Hashable = None) -> Decoded:
        """Turn a list of token ids such as ``[101, 7592, 102]`` back into text."""
        reader = await self._reader_for("tokens", model)
        source = await asyncio.to_thread(reader.decode, texts.checked(text))
        again = await asyncio.to_thread(reader.read, source.text)
        return Decoded(source, source.ordinary == again.ordinary)

    async def attention(self, text: str, *, model: str = "", tenant: Hashable = None) -> AttentionMap:
        """Every attention weight of the model on a text of at most `looking.ATTENTION_TOKENS` tokens.

        Two texts with ``[SEP]`` between them are read as a pair. A model with a decoder writes the second, or one of
        its own, and its cross-attention is what is found. Of two with ``[VS]`` between them, the difference is.
        """
        text = texts.checked(text)
        reader = await self._reader_for("attention", model)
        asked = await asyncio.to_thread(looking.asked, reader, text)
        times = looking.GOES if reader.writes else 1
        runs = (self._run("attention", one.question, one.source, tenant, times, one.task) for one in asked)
        return await asyncio.to_thread(looking.answered, reader, text, asked, await asyncio.gather(*runs))

    async def lab(self, exercise: Exercise, *, tenant: Hashable = None) -> Worked:
        """Work attention out over small matrices, step by step."""
        job = Job("lab", "")
        return await self._executor.submit(job, exercise, size=LARGEST, tenant=tenant, timeout=self.settings.timeout)

    async def draw(self, view: View) -> Drawing:
        """Draw a picture, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._drawing, view.draw)

    def keep(self, result: Result, key: str = "") -> str:
        """Keep a result for later, within bounds, under `key` if it had one before; returns the key for `recall`."""
        return self._recall.keep(result, key)

    def recall(self, key: str) -> Result:
        """A kept result.

        Raises:
            Expired: It is no longer kept.
        """
        return self._recall.get(key)

    async def _fillings(self, source: Tokenization, tenant: Hashable) -> tuple[Filling, ...]:
        """Ways to fill several masks together; none for one mask."""
        if len(source.masks) < 2:
            return ()
        question = Jointly(tuple(source.ids), tuple(source.masks))
        rows = await self._run("unmask", question, source, tenant, times=5 * len(source.masks))
        return tuple(
            Filling(method, tuple(words), tuple(order), chances, sentence)
            for method, (words, order, chances, sentence) in zip(WAYS, rows, strict=True)
        )

    async def _compared(
        self, source: Tokenization, place: int, words: Sequence[str], tenant: Hashable
    ) -> tuple[Target, ...]:
        """The probabilities of some words at a mask, the others still masked; the most probable first."""
        reader = await self._reader(source.model)
        spelt = [targets.spell(reader, source, place, word) for word in words]
        question = targets.ask(source, place, [tuple(token.id for token in tokens) for tokens in spelt])
        times = sum(map(len, spelt))
        chances = await self._run("unmask", question, source, tenant, times=times, task=gaps.task(source))
        rows = zip(words, spelt, chances, strict=True)
        found = (Target(word, tuple(token.piece for token in tokens), chance) for word, tokens, chance in rows)
        return tuple(sorted(found, key=lambda target: -target.probability))
