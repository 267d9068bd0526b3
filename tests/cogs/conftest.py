"""The real bot with tiny models and no network."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from core import Core

from .inprocess import Discord


@pytest.fixture
async def discord(core: Core) -> AsyncGenerator[Discord, None]:
    async with Discord(core).logged_in() as discord:
        yield discord
