"""What can be asked about an answer: why it is so, what it is without a part of the model, how a number was made."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from core.maps.requests import WRITING_COST, build_row, build_row_request
from core.questions import LogitLens, PartAblation, WordAttribution
from core.reading.masks import answer_positions, filling_task
from core.reading.validation import validate_text
from core.results import (
    Ablation,
    AttentionRow,
    Explanation,
    Guess,
    HeadsOff,
    LayerPrediction,
    LayerPredictions,
    Removal,
    Tokenization,
    WordContribution,
)
from core.service import Service


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
            layer: Which layer, from 1.
            head: Which head of that layer, from 1.
            position: The token that looks: its index among the tokens, from 0.
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


def _ablation(source: Tokenization, mean: bool, answer: tuple[str, float], top: Any, *found: Any) -> Ablation:
    """What a device found out about the parts of a model: see `core.tasks.explaining.ablation.Ablated`."""
    parts, together = ([(of, Guess(answer[0], odds), _guesses(best)) for of, (odds, best) in some] for some in found)
    removals, several = (Removal(*one) for one in parts), (HeadsOff(*one) for one in together)
    return Ablation(source, Guess(*answer), _guesses(top), tuple(removals), tuple(several), mean)


def _guesses(rows: Iterable[tuple[str, float]]) -> tuple[Guess, ...]:
    return tuple(Guess(*row) for row in rows)
