"""What several rooms of tests share: models of a few thousand weights, and a core that answers with them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from cogs.requests import progress
from core import Core, CoreSettings

# How fast a computer is, is no property of the code; half of the usual examples keep a run within four minutes.
hypothesis.settings.register_profile("house", deadline=None, max_examples=50)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that a model is being loaded, however slow this computer is; tests about that set it anew."""
    monkeypatch.setattr(progress, "PAUSES", (600,))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each model of `tests.tiny`, built once."""
    import torch  # here, so that a run of other tests need not load it
    from transformers.utils import logging

    from tests import tiny

    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    folder = tmp_path_factory.mktemp("models")
    tiny.build(folder)
    return folder


@pytest.fixture(scope="session")
def settings(models: Path) -> CoreSettings:
    """The settings of a core on the tiny BERT models."""
    return CoreSettings(
        sentiment_model=str(models / "bert-classifier"),
        unmask_model=str(models / "bert-masked-lm"),
        tokens_model=str(models / "bert-masked-lm"),
        attention_model=str(models / "bert-masked-lm"),
        device="cpu",
        threads=1,
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def core(settings: CoreSettings) -> AsyncGenerator[Core, None]:
    """A core on the tiny BERT models, for every test that only asks it."""
    async with Core.open(settings) as core:
        yield core
