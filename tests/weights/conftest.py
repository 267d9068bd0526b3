"""The real models of `tests.weights.fetch`; what could not be fetched is skipped with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.weights.fetch import WEIGHTS


def folder(name: str) -> Path:
    if not (WEIGHTS / name / "config.json").exists():
        pytest.skip(f"{name} is not here: make test-weights fetches it")
    return WEIGHTS / name


@pytest.fixture(scope="session")
def minilm() -> Path:
    return folder("minilm")


@pytest.fixture(scope="session")
def smollm2() -> Path:
    return folder("smollm2")
