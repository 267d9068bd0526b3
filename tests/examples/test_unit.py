"""The notebook of the course unit runs from the first cell to the last, and shows what the kept one shows."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 1_500_000
"""Bytes, so that a forge shows it."""


@pytest.fixture(scope="module", name="cells")
def each_cell() -> list[tuple[Any, Any]]:
    """Each code cell as it is kept and as it runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how Jupyter's own packages talk to each other
        import nbformat

        from benchmarks.notebook import NOTEBOOK, executed

        kept = nbformat.read(NOTEBOOK, as_version=4)
        ran = executed()
    return [pair for pair in zip(kept.cells, ran.cells, strict=True) if pair[0].cell_type == "code"]


def test_every_cell_runs_and_shows_the_same_kinds_of_things(cells: list[tuple[Any, Any]]) -> None:
    for kept, ran in cells:
        assert [set(one.data) for one in kept.outputs] == [set(one.data) for one in ran.outputs], kept.source


def test_pictures_have_alternative_texts_and_nothing_floods_the_page(cells: list[tuple[Any, Any]]) -> None:
    pictures = 0
    for _, ran in cells:
        for output in ran.outputs:
            assert len(output.data["text/plain"]) < 2000, ran.source
            if "image/png" in output.data:
                pictures += 1
                assert output.metadata["image/png"]["alt"] == output.data["text/plain"]
    assert pictures > 10


def test_the_kept_one_is_small_and_free_of_this_computer() -> None:
    text = (ROOT / "examples" / "unit.ipynb").read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert str(ROOT) not in text and "site-packages" not in text and "Traceback" not in text


def test_by_hand_as_the_lab_does_it(cells: list[tuple[Any, Any]]) -> None:
    (by_hand,) = (ran for _, ran in cells if "scaled_dot_product_attention(query" in ran.source)
    (drawn,) = (ran for _, ran in cells if ran.source.startswith("show(weights"))
    assert "tensor" in by_hand.outputs[0].data["text/plain"]
    assert "3 tokens" in drawn.outputs[0].data["text/plain"]
