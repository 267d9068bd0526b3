"""What a course asks to show one thing: each question has one picture in `core.render.lessons`."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from core.asking.side_by_side import SideBySide
from core.errors import BadInput
from core.lab import SEED, SEEDS
from core.maps.bottleneck import WAYS, beginnings, written_rows
from core.maps.requests import MAX_TOKENS, WRITING_COST, ids_of
from core.maps.saturation import saturate
from core.models.architectures import Kind
from core.questions import PartMoves, PositionVectors, WritingWithout
from core.reading.masks import hide_last_word
from core.reading.validation import validate_text
from core.results import BlockMoves, Bottleneck, FillOrContinue, ModelInfo, Positions, Saturation

POSITIONS = 64
"""Whose embeddings are compared: a picture of more would have no cells to see."""

REVERSER = "bundled/reverser"
"""The model whose right answer is known for every sentence: its words in reverse order."""


class Lessons(SideBySide):
    """Questions of a course; `model` and `tenant` as in `core.asking.answers`."""

    async def saturation(self, *, seed: int = SEED) -> Saturation:
        """What becomes of the same random scores with and without the division by √d; no model is asked."""
        self._check_open()
        if not 0 <= seed < SEEDS:
            raise BadInput("A seed goes from 0 to {most:,}: choose one of these.", most=SEEDS - 1)
        return await asyncio.to_thread(saturate, seed)

    async def positions(self, *, model: str = "", tenant: Hashable = None) -> Positions:
        """What a model of `/attention` adds to tokens at its first `POSITIONS` positions.

        Raises:
            BadInput: It adds nothing: its positions are rotary or relative, for one.
        """
        source = await self._source("attention", "Where am I?", model)
        task = "across" if (await self._tokenizer(source.model)).is_encoder_decoder else "attention"
        question, times = PositionVectors(POSITIONS), -(-POSITIONS // len(source.tokens))
        vectors, learned = await self._run("attention", question, source, tenant, times, task)
        return Positions(source.model, vectors, learned)

    async def moves(self, text: str, *, model: str = "", tenant: Hashable = None) -> BlockMoves:
        """How far attention and feed-forward move each token of a text, or of a pair, in a model of `/attention`.

        Raises:
            BadInput: The model has an encoder and a decoder, or it is not known where its parts are.
        """
        text = validate_text(text)
        tokenizer = await self._tokenizer_for("attention", model)
        if tokenizer.is_encoder_decoder:
            raise BadInput(
                "The parts of an encoder with a decoder are not followed: choose a model such as BERT or GPT-2."
            )
        source = await asyncio.to_thread(tokenizer.encode_within_limit, text, MAX_TOKENS, pair=True)
        asked = PartMoves(ids_of(tokenizer, source))
        return BlockMoves(source, *await self._run("attention", asked, source, tenant))

    async def bottleneck(self, text: str, *, tenant: Hashable = None) -> Bottleneck:
        """What a decoder writes that looks back at a sentence, or sees one vector for all of it, or nothing.

        `REVERSER` is asked about more and more words of the text.

        Raises:
            BadInput: The text is a single word.
            TooLong: It has more tokens than that model reads.
        """
        text = validate_text(text)
        tokenizer = await self._tokenizer_for("attention", REVERSER)
        read = await asyncio.to_thread(beginnings, tokenizer, text)
        question = WritingWithout(tuple(tuple(source.ids) for source in read), tokenizer.limit - 1)
        times = WAYS * WRITING_COST * len(read)
        written = await self._run("attention", question, read[-1], tenant, times, "across")
        return Bottleneck(read[-1].model, await asyncio.to_thread(written_rows, tokenizer, read, written))

    async def fill_or_continue(self, text: str, *, top: int = 5, tenant: Hashable = None) -> FillOrContinue:
        """What a masked model puts at the gap of a text, and what a causal one writes next after what stands before it.

        Of a text without a gap its last word is hidden. The models are those of `/unmask` that read so, its default
        first.
        """
        text, hidden = hide_last_word(validate_text(text, "unmask"))
        asked = (
            self.unmask(text, model=self._reading(kind).name, top=top, tenant=tenant) for kind in ("encoder", "decoder")
        )
        filled, continued = await asyncio.gather(*asked)
        return FillOrContinue(filled, continued, hidden)

    def _reading(self, kind: Kind) -> ModelInfo:
        """The first model of `/unmask` that reads in that way; among the bundled ones there is one for each."""
        return next(model for model in self.models.for_command("unmask") if self.models.kind(model) == kind)
