"""What a course asks to show one thing: each question has one picture in `core.render.lessons`."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from core.errors import BadInput
from core.lab import SEED, SEEDS
from core.maps.saturation import saturate
from core.questions import PositionVectors
from core.results import Positions, Saturation
from core.service import Service

POSITIONS = 64
"""Whose embeddings are compared: a picture of more would have no cells to see."""


class Lessons(Service):
    """Questions of a course; `model` and `tenant` as in `core.answers`."""

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
