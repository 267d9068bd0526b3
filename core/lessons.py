"""What a course asks to show one thing: each question has one picture in `core.render.lessons`."""

from __future__ import annotations

import asyncio

from core.errors import BadInput
from core.lab import SEED, SEEDS
from core.maps.saturation import saturate
from core.results import Saturation
from core.service import Service


class Lessons(Service):
    """Questions of a course; `model` and `tenant` as in `core.answers`."""

    async def saturation(self, *, seed: int = SEED) -> Saturation:
        """What becomes of the same random scores with and without the division by √d; no model is asked."""
        self._check_open()
        if not 0 <= seed < SEEDS:
            raise BadInput("A seed goes from 0 to {most:,}: choose one of these.", most=SEEDS - 1)
        return await asyncio.to_thread(saturate, seed)
