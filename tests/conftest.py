"""What several rooms of tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


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
