"""What can be asked. How a question reaches a device is the business of `core.asking.service`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar, overload

from core.asking.each import each
from core.asking.explanations import Explanations
from core.asking.writing import Writing
from core.errors import BadInput
from core.lab import LARGEST, Exercise
from core.maps.requests import WRITING_COST, build_map, build_requests
from core.questions import JointFilling, NextToken, WindowedText
from core.reading.masks import answer_positions, filling_task
from core.reading.targets import parse_targets, target_question, tokenize_targets
from core.reading.templates import expand_template
from core.reading.validation import split_lines, validate_text
from core.reading.windows import split_into_windows, to_scores
from core.results import (
    AttentionMap,
    Candidate,
    DecodedText,
    Filling,
    Sentiment,
    SentimentBatch,
    Target,
    Tokenization,
    TokenizerComparison,
    Unmasked,
    Variants,
    WindowScores,
    WorkedExercise,
)
from core.serving.runners import Job

T = TypeVar("T")

MOST_CANDIDATES = 20
"""Per mask."""

FILLING_METHODS = ("each on its own", "surest first", "beam search")
"""How several masks are filled: see `core.tasks.mask_filling`."""


class Answers(Explanations, Writing):
    """Every question that there is, each a method that many tasks may await at once.

    All raise a `CoreError` with a sentence for the person who asked. `model` is a name of `ModelRegistry.for_command`,
    or empty for the command's default. `tenant` is whom the request is for, perhaps a `core.serving.tenants.Member`:
    tenants share the devices fairly, and their people take turns.
    """

    async def sentiment(self, text: str, *, model: str = "", tenant: Hashable = None) -> Sentiment:
        """Score a text with every label of the classifier, in windows if it is too long to be read at once."""
        source = await self._source("sentiment", text, model)
        tokenizer = await self._tokenizer(source.model)
        parts, problem = split_into_windows(source, tokenizer.limit), tokenizer.problem
        if len(parts) == 1:
            scores = to_scores(await self._run("sentiment", source.text, source, tenant))
            return Sentiment(source, scores, problem=problem)
        question = WindowedText(tuple(part.ids for part in parts), tuple(part.tokens for part in parts))
        whole, *rows = await self._run("sentiment", question, source, tenant)
        read = (
            WindowScores(one.start, one.end, one.tokens, to_scores(row)) for one, row in zip(parts, rows, strict=True)
        )
        return Sentiment(source, to_scores(whole), tuple(read), problem)

    async def several(self, text: str, *, model: str = "", tenant: Hashable = None) -> SentimentBatch:
        """Score each line of a text, at most `MAX_LINES`."""
        lines = split_lines(validate_text(text, "sentiment"))
        return SentimentBatch(
            tuple(await asyncio.gather(*(self.sentiment(line, model=model, tenant=tenant) for line in lines)))
        )

    async def variants(self, template: str, *, model: str = "", tenant: Hashable = None) -> Variants:
        """Score every filling of a text with a slot such as ``{France|Iceland}``."""
        names, versions = zip(*expand_template(validate_text(template, "sentiment")), strict=True)
        answers = await asyncio.gather(*(self.sentiment(version, model=model, tenant=tenant) for version in versions))
        return Variants(names, tuple(answers), template)

    async def changed(self, before: str, after: str, *, model: str = "", tenant: Hashable = None) -> Variants:
        """Score a text and a changed version of it."""
        if before == after:
            raise BadInput("Nothing was changed in that text: change a word, and see what it does.")
        answers = await asyncio.gather(*(self.sentiment(text, model=model, tenant=tenant) for text in (before, after)))
        return Variants(("as it was", "changed"), tuple(answers))

    async def unmask(
        self, text: str, *, model: str = "", top: int = 5, compare: str = "", tenant: Hashable = None
    ) -> Unmasked:
        """Find the `top` most probable words for each ``[MASK]``, ``<mask>`` or ``___`` of a text.

        A causal model reads what stands before the only one, or the whole text where there is none, and says which
        token it would write next.
        `compare` names words, separated by commas, whose probabilities at each mask are wanted too.
        """
        if not 1 <= top <= MOST_CANDIDATES:
            raise BadInput("The number of words per mask goes from 1 to {most}: choose one.", most=MOST_CANDIDATES)
        source = await self._source("unmask", text, model)
        words = parse_targets(compare)
        compared = [await self._compared(source, place, words, tenant) for place in answer_positions(source) if words]
        question = (source.text, top) if source.masks else NextToken(tuple(source.ids), top)
        masks = await self._run("unmask", question, source, tenant, task=filling_task(source))
        candidates = tuple(tuple(Candidate(*row) for row in mask) for mask in masks)
        return Unmasked(source, candidates, await self._fillings(source, tenant), tuple(compared))

    async def tokens(self, text: str, *, model: str = "", tenant: Hashable = None) -> Tokenization:
        """Cut a text into tokens. A device is needed only to read the tokenizer, once."""
        return await self._source("tokens", text, model)

    async def compare(
        self, text: str, *, model: str = "", others: str = "", tenant: Hashable = None
    ) -> TokenizerComparison:
        """Cut a text with several tokenizers: that of `model`, and those whose names `others` lists."""
        models = self.models_to_compare(model, others)
        return TokenizerComparison(tuple([await self._source("tokens", text, model.name) for model in models]))

    async def decode(self, text: str, *, model: str = "", tenant: Hashable = None) -> DecodedText:
        """Turn a list of token ids such as ``[101, 7592, 102]`` back into text."""
        tokenizer = await self._tokenizer_for("tokens", model)
        source = await asyncio.to_thread(tokenizer.decode_list, validate_text(text))
        again = await asyncio.to_thread(tokenizer.encode, source.text)
        return DecodedText(source, source.ordinary == again.ordinary)

    async def attention(self, text: str, *, model: str = "", tenant: Hashable = None) -> AttentionMap:
        """Every attention weight of the model on a text of at most `MAX_TOKENS` tokens.

        Two texts with ``[SEP]`` between them are read as a pair. A model with a decoder writes the second, or one of
        its own, and its cross-attention is what is found. Of two with ``[VS]`` between them, the difference is.
        """
        text = validate_text(text)
        tokenizer = await self._tokenizer_for("attention", model)
        asked = await asyncio.to_thread(build_requests, tokenizer, text)
        times = WRITING_COST if tokenizer.is_encoder_decoder else 1
        runs = (self._run("attention", one.question, one.source, tenant, times, one.task) for one in asked)
        return await asyncio.to_thread(build_map, tokenizer, text, asked, await asyncio.gather(*runs))

    async def lab(self, exercise: Exercise, *, tenant: Hashable = None) -> WorkedExercise:
        """Work attention out over small matrices, step by step."""
        self._check_open()
        job = Job("lab", "")
        return await self._executor.submit(job, exercise, size=LARGEST, tenant=tenant, timeout=self.settings.timeout)

    @overload
    def each(
        self, texts: Iterable[str], *, progress: bool = False, model: str = "", tenant: Hashable = None
    ) -> AsyncGenerator[Sentiment, None]: ...

    @overload
    def each(
        self, texts: Iterable[str], ask: Callable[..., Awaitable[T]], *, progress: bool = False, **options: Any
    ) -> AsyncGenerator[T, None]: ...

    def each(
        self,
        texts: Iterable[str],
        ask: Callable[..., Awaitable[Any]] | None = None,
        *,
        progress: bool = False,
        **options: Any,
    ) -> AsyncGenerator[Any, None]:
        """The answers to any number of texts, in their order; no more is asked at once than the queue has room for.

        Args:
            texts: What to ask about; an iterator is read as far as needed.
            ask: What to ask, such as ``core.unmask``; `sentiment` by default.
            progress: Whether to show a bar of how far it is.
            options: For each question, such as ``top=3``.

        Raises:
            CoreError: A text cannot be answered; a note says which.
        """
        return each(texts, partial(ask or self.sentiment, **options), progress)

    async def _fillings(self, source: Tokenization, tenant: Hashable) -> tuple[Filling, ...]:
        """Ways to fill several masks together; none for one mask."""
        if len(source.masks) < 2:
            return ()
        question = JointFilling(tuple(source.ids), tuple(source.masks))
        rows = await self._run("unmask", question, source, tenant, times=5 * len(source.masks))
        return tuple(
            Filling(method, tuple(words), tuple(order), chances, sentence)
            for method, (words, order, chances, sentence) in zip(FILLING_METHODS, rows, strict=True)
        )

    async def _compared(
        self, source: Tokenization, place: int, words: Sequence[str], tenant: Hashable
    ) -> tuple[Target, ...]:
        """The probabilities of some words at a mask, the others still masked; the most probable first."""
        tokenizer = await self._tokenizer(source.model)
        spelt = tokenize_targets(tokenizer, source, place, words)
        question = target_question(source, place, [tuple(token.id for token in tokens) for _, tokens in spelt])
        times = sum(len(tokens) for _, tokens in spelt)
        chances = await self._run("unmask", question, source, tenant, times=times, task=filling_task(source))
        rows = zip(spelt, chances, strict=True)
        found = (Target(word, tuple(token.piece for token in tokens), chance) for (word, tokens), chance in rows)
        return tuple(sorted(found, key=lambda target: -target.probability))
