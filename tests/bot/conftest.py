"""A local Discord, and the environment in which the bot runs on tiny models."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.playground import Limits, LocalDiscord


@pytest.fixture
async def local() -> AsyncGenerator[LocalDiscord]:
    async with LocalDiscord.open(limits=Limits(acknowledge=30, token=120, silence=0.3)) as local:
        yield local


@pytest.fixture
def tiny_models(models: Path) -> dict[str, str]:
    lm = str(models / "bert-masked-lm")
    return {
        "SENTIMENT_MODEL": str(models / "bert-classifier"),
        "UNMASK_MODEL": lm,
        "TOKENS_MODEL": lm,
        "ATTENTION_MODEL": lm,
    }
