"""What can be asked about an answer: why it is so, how it came about layer by layer, how a number was made."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

import numpy as np

from core.interventions import Interventions
from core.maps.requests import WRITING_COST, build_row, build_row_request
from core.passes import lens_passes
from core.questions import LogitLens, SentenceLens, WordAttribution
from core.reading.masks import answer_positions, filling_task
from core.reading.targets import parse_targets, tokenize_targets
from core.reading.validation import validate_text
from core.results import (
    AttentionRow,
    Explanation,
    LayerPrediction,
    LayerPredictions,
    LensMap,
    WordContribution,
    WordPath,
)

FOLLOWED = 4
"""Words of the last layer that are followed through all, for each gap."""


class Explanations(Interventions):
    """Questions that go deeper into what `core.answers` answers; `model` and `tenant` as there."""

    async def why(self, text: str, *, model: str = "", tenant: Hashable = None) -> Explanation:
        """Which words of a text of at most `core.passes.EXPLAINED_TOKENS` tokens speak for its most probable label."""
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
        times = lens_passes(self.models.map_size(source.model)[0])
        best, chances, found = await self._run("unmask", question, source, tenant, times, filling_task(source))
        paths = tuple(
            WordPath(place, word, tuple(ranks), tuple(odds))
            for place, rows in zip(places, found, strict=True)
            for word, ranks, odds in rows
        )
        return LensMap(source, tuple(map(tuple, best)), np.array(chances, np.float32), paths, named, tuple(split))

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
