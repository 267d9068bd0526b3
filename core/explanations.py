"""What can be asked about an answer: why it is so, what it is without a part of the model, how a number was made."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import BadInput
from core.maps.requests import WRITING_COST, build_row, build_row_request
from core.questions import LogitLens, PartAblation, PatchedRun, SentenceLens, WordAttribution
from core.reading.masks import answer_positions, filling_task
from core.reading.targets import one_piece, parse_targets, tokenize_targets
from core.reading.validation import validate_text
from core.reading.versions import joined, require_alike, require_versions
from core.results import (
    Ablation,
    AttentionRow,
    Explanation,
    Guess,
    HeadsOff,
    LayerPrediction,
    LayerPredictions,
    LensMap,
    Patching,
    Removal,
    Tokenization,
    WordContribution,
    WordPath,
)
from core.service import FURTHER_PASSES, Progress, Service

SMALLEST = 0.01
"""Logits: a smaller difference between two texts is none to divide by."""

FOLLOWED = 4
"""Words of the last layer that are followed through all, for each gap."""


class Explanations(Service):
    """Questions that go deeper into what `core.answers` answers; `model` and `tenant` as there."""

    async def why(self, text: str, *, model: str = "", tenant: Hashable = None) -> Explanation:
        """Which words of a text of at most `core.service.EXPLAINED_TOKENS` tokens speak for its most probable label."""
        source = await self._source("why", text, model)
        tokenizer = await self._tokenizer(source.model)
        words = source.words
        question = WordAttribution(tuple(source.ids), tuple(words))
        labels, baseline, found = await self._run("sentiment", question, source, tenant, times=32 + len(words))
        label, logit, start, gradients, masked, steps = found
        reasons = tuple(
            WordContribution(source.written(word).strip() or source.written(word), *amounts)
            for word, *amounts in zip(words, gradients, masked, strict=True)
        )
        problem = tokenizer.problem
        return Explanation(source, labels[label], reasons, logit, start, baseline, steps, problem, labels)

    async def ablate_label(
        self, text: str, *, mean: bool = False, model: str = "", tenant: Hashable = None
    ) -> Ablation:
        """What becomes of a text's most probable label without each head and each whole part of the classifier.

        A part's output is set to zero, or with `mean` to its mean over the text's positions.
        """
        source = await self._source("ablate_label", text, model)
        tokenizer = await self._tokenizer(source.model)
        question = PartAblation(tuple(source.ids), 0, mean)
        labels, found = await self._run("sentiment", question, source, tenant, self._passes(source.model))
        return replace(_ablation(source, mean, *found), problem=tokenizer.problem, labels=labels)

    async def ablate_word(self, text: str, *, mean: bool = False, model: str = "", tenant: Hashable = None) -> Ablation:
        """The same for the most probable word at the only mask of a text, or for what a causal model writes next."""
        source = await self._source("ablate_word", text, model)
        question = PartAblation(tuple(source.ids), answer_positions(source)[0], mean)
        times, task = self._passes(source.model), filling_task(source)
        return _ablation(source, mean, *await self._run("unmask", question, source, tenant, times, task))

    async def layers(self, text: str, *, model: str = "", tenant: Hashable = None) -> LayerPredictions:
        """What each layer of the language model would put at each mask of a text, or at its gap."""
        source = await self._source("unmask", text, model)
        question = LogitLens(tuple(source.ids), answer_positions(source))
        masks = await self._run("unmask", question, source, tenant, task=filling_task(source))
        return LayerPredictions(source, tuple(tuple(LayerPrediction(*row) for row in mask) for mask in masks))

    async def lens(self, text: str, *, compare: str = "", model: str = "", tenant: Hashable = None) -> LensMap:
        """What each layer of the language model would put at every token of a text of at most `LENS_TOKENS`.

        The likeliest words at each gap, and those that `compare` names, separated by commas, are followed through the
        layers.
        """
        source = await self._source("lens", text, model)
        tokenizer, named, places = await self._tokenizer(source.model), parse_targets(compare), answer_positions(source)
        spelt = [tokenize_targets(tokenizer, source, place, named) for place in places]
        whole = tuple(tuple(tokens[0].id for _, tokens in at if len(tokens) == 1) for at in spelt)
        split = dict.fromkeys(word for at in spelt for word, tokens in at if len(tokens) > 1)
        question = SentenceLens(tuple(source.ids), places, whole, FOLLOWED)
        times = self._lens_passes(source.model)
        best, chances, found = await self._run("unmask", question, source, tenant, times, filling_task(source))
        paths = tuple(
            WordPath(place, word, tuple(ranks), tuple(odds))
            for place, rows in zip(places, found, strict=True)
            for word, ranks, odds in rows
        )
        return LensMap(source, tuple(map(tuple, best)), np.array(chances, np.float32), paths, named, tuple(split))

    async def patch(
        self,
        text: str,
        *,
        compare: str = "",
        model: str = "",
        tenant: Hashable = None,
        progress: Progress | None = None,
    ) -> Patching:
        """How far each part of the run over a second text moves the answer to a first one towards that to the second.

        Args:
            text: Two texts of as many tokens with ``[VS]`` between them, each with a gap for a masked model.
            compare: Two words to weigh against each other, separated by a comma; the likeliest of each text by default.
            model: A name, or empty.
            tenant: Whom it is for.
            progress: Is told how many parts are done, and of how many.
        """
        versions = require_versions(validate_text(text, "unmask"))
        first, second = [await self._source("patch", one, model) for one in versions]
        require_alike(first, second)
        words = await self._weighed(first, compare)
        place, task, tokens = answer_positions(first)[0], filling_task(first), len(first.tokens)

        async def ask(start: int, stop: int) -> Any:
            question = PatchedRun(tuple(first.ids), tuple(second.ids), place, words, start, stop)
            return await self._run("unmask", question, first, tenant, stop - start + FURTHER_PASSES, task)

        async def found(start: int, stop: int) -> list[float]:
            return (await ask(start, stop))[-1]

        answers, whole, (layers, heads), _ = await ask(0, 0)
        _require_difference(answers, whole)
        count = layers * heads + (layers + 1) * tokens
        differences = np.array(await self._in_turns(count, tokens, found, progress), np.float32)
        by_head, by_place = np.split(differences, [layers * heads])
        source = replace(first, text=joined(first, second))
        grids = by_head.reshape(layers, heads), by_place.reshape(layers + 1, tokens)
        return Patching(source, second, answers, whole, *grids, parse_targets(compare))

    async def _weighed(self, source: Tokenization, compare: str) -> tuple[int, ...]:
        """The ids of two words that were named; none if none were.

        Raises:
            BadInput: There is another number of them, or one has several tokens.
        """
        named = parse_targets(compare)
        if not named:
            return ()
        if len(named) != 2:
            raise BadInput(
                "Patching weighs two words against each other, and those are {count}: name two as `targets`, or none.",
                count=len(named),
            )
        tokenizer = await self._tokenizer(source.model)
        return one_piece(tokenize_targets(tokenizer, source, answer_positions(source)[0], named))

    async def attention_row(
        self,
        text: str,
        *,
        layer: int,
        head: int,
        position: int,
        side: str = "",
        model: str = "",
        tenant: Hashable = None,
    ) -> AttentionRow:
        """How the weights of one row of `attention` were made: query, keys, and what comes between them and a weight.

        Args:
            text: As for `attention`.
            layer: From 0, as arrays count.
            head: Which head of that layer, from 0.
            position: The token that looks, from 0.
            side: Which map, where there are several: "encoder" or "decoder" for what these do within themselves;
                "first" or "second" of two texts with ``[VS]`` between them.
            model: A name, or empty.
            tenant: Whom it is for.
        """
        text = validate_text(text)
        tokenizer = await self._tokenizer_for("attention", model)
        asked = await asyncio.to_thread(build_row_request, tokenizer, text, side, layer, head, position)
        times = WRITING_COST if tokenizer.is_encoder_decoder else 1
        found = await self._run("attention", asked.question, asked.source, tenant, times, asked.task)
        return build_row(tokenizer, asked, found)


def _require_difference(answers: tuple[str, str], whole: tuple[float, float]) -> None:
    """Refuse two texts between which an answer has no way to go.

    Raises:
        BadInput: Both have the same answer, or the two words are as likely after one as after the other.
    """
    if answers[0] == answers[1]:
        raise BadInput(
            "Both texts get the same answer, so there is no difference to bring back: change another word, or name two "
            "words as `targets`."
        )
    if abs(whole[0] - whole[1]) < SMALLEST:
        raise BadInput("Between those two words the texts make no difference: change another word, or name others.")


def _ablation(source: Tokenization, mean: bool, answer: tuple[str, float], top: Any, *found: Any) -> Ablation:
    """What a device found out about the parts of a model: see `core.tasks.explaining.ablation.Ablated`."""
    parts, together = ([(of, Guess(answer[0], odds), _guesses(best)) for of, (odds, best) in some] for some in found)
    removals, several = (Removal(*one) for one in parts), (HeadsOff(*one) for one in together)
    return Ablation(source, Guess(*answer), _guesses(top), tuple(removals), tuple(several), mean)


def _guesses(rows: Iterable[tuple[str, float]]) -> tuple[Guess, ...]:
    return tuple(Guess(*row) for row in rows)
