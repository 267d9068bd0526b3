"""What can be asked about an answer: why it is so, how it came about layer by layer, how a number was made."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from core.asking.interventions import Interventions
from core.asking.passes import lens_passes
from core.maps.requests import WRITING_COST, build_row, build_row_request
from core.questions import LogitLens, SentenceLens, TokenSurprisal, WordAttribution
from core.reading.masks import answer_position, answer_positions, filling_task, judged_words
from core.reading.targets import parse_targets, read_choice, single_tokens, tokenize_targets
from core.reading.validation import validate_text
from core.results import (
    AttentionRow,
    Choice,
    Explanation,
    JudgedToken,
    LayerPrediction,
    LayerPredictions,
    LensMap,
    Surprisal,
    Tokenization,
    WordContribution,
    WordPath,
    explained_words,
)

FOLLOWED = 4
"""Words of the last layer that are followed through all, for each gap."""

EXPLAINING_COST = 32
"""Passes that the gradients of a text mostly take."""

EXPECTED = 5
"""The most probable tokens that are kept for each place in a text."""


class Explanations(Interventions):
    """Questions that go deeper into what `core.asking.answers` answers; `model` and `tenant` as there."""

    async def why(
        self,
        text: str,
        *,
        answer: str | int = "",
        rather: str | int = "",
        model: str = "",
        tenant: Hashable = None,
    ) -> Explanation:
        """Which words of a text of at most `core.asking.passes.EXPLAINED_TOKENS` tokens speak for a label.

        Args:
            text: As for `sentiment`.
            answer: The label, or its number; the most probable if it is left out.
            rather: Another label: then what is explained is by how much the first one's logit is above its.
            model: A name, or empty.
            tenant: Whom it is for.
        """
        source = await self._source("why", text, model)
        tokenizer = await self._tokenizer(source.model)
        chosen, other = (None if one == "" else one for one in (answer, rather))
        question = WordAttribution(tuple(source.ids), explained_words(source), answer=chosen, rather=other)
        times = EXPLAINING_COST + len(question.words)
        labels, found = await self._run("sentiment", question, source, tenant, times)
        return replace(_explanation(source, question, *found), problem=tokenizer.problem, labels=labels)

    async def why_word(
        self,
        text: str,
        *,
        mask: int = 1,
        answer: str | int = "",
        rather: str | int = "",
        compare: str = "",
        model: str = "",
        tenant: Hashable = None,
    ) -> Explanation:
        """Which words of such a text speak for what a language model puts at a mask of it, or writes next.

        Args:
            text: As for `unmask`.
            mask: Which of several masks, from 1; the others stay.
            answer: The word, or the id of its token; if it is left out, the most probable, or the most probable of
                those to compare.
            rather: Another one: then what is explained is by how much the first one's logit is above its.
            compare: As for `unmask`; words of several pieces have no logit of their own and are left out.
            model: A name, or empty.
            tenant: Whom it is for.
        """
        source = await self._source("why_word", text, model)
        tokenizer = await self._tokenizer(source.model)
        place = answer_position(source, mask)
        chosen, other = (read_choice(tokenizer, source, place, one) for one in (answer, rather))
        compared = single_tokens(tokenizer, source, place, parse_targets(compare))
        question = WordAttribution(
            tuple(source.ids), explained_words(source), place, chosen, other, tuple(compared.values())
        )
        times, task = EXPLAINING_COST + len(question.words), filling_task(source)
        found = await self._run("unmask", question, source, tenant, times, task)
        return replace(_explanation(source, question, *found), mask=mask, compared=compare)

    async def surprisal(self, text: str, *, model: str = "", tenant: Hashable = None) -> Surprisal:
        """How probable each token of a text is to a language model where it stands, and what it expected there.

        A causal model judges each token by those before it; a model that fills masks, those of a word by all others.
        """
        source = await self._source("surprisal", text, model)
        tokenizer = await self._tokenizer(source.model)
        causal, mask = tokenizer.causal, tokenizer.entry(tokenizer.mask or "")
        words = judged_words(source, causal=causal)
        question = TokenSurprisal(tuple(source.ids), words, None if causal or mask is None else mask.id, EXPECTED)
        times, task = (1, "causal") if causal else (len(words), "unmask")
        found = await self._run("unmask", question, source, tenant, times, task)
        judged = (JudgedToken(place, bits, tuple((word, chance) for word, chance in top)) for place, bits, top in found)
        return Surprisal(source, tuple(judged), not causal)

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


def _explanation(
    source: Tokenization, question: WordAttribution, choices: Any, baseline: str, found: Any
) -> Explanation:
    """What a device found out about words: see `core.tasks.explaining.attribution.Attribution`."""
    answer, rather, logit, start, gradients, masked, steps = found
    known = {number: Choice(number, name, value) for number, name, value in choices}
    reasons = tuple(
        WordContribution(source.written(word).strip() or source.written(word), *amounts)
        for word, *amounts in zip(question.words, gradients, masked, strict=True)
    )
    other, ranked = (None if rather is None else known[rather]), tuple(known.values())
    return Explanation(source, known[answer], reasons, logit, start, baseline, steps, rather=other, choices=ranked)
