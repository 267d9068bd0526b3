"""A weight in the making: what is told is what the vectors give, whatever they are."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.render import WeightView
from core.results import AttentionRow
from tests.core.render.golden import samples

TOKENS = len(samples.CAT.tokens)
FOUND = re.compile(r"(\d+) dimensions pull together, (\d+) against: (.*) → (\S+) of the row")
NUMBER = re.compile(r"[−+]?\d+\.\d+")


def number(text: str) -> float:
    return float(text.replace("−", "-"))


@st.composite
def rows(draw: st.DrawFn) -> AttentionRow:
    """Any query and keys, perhaps with what a model adds for positions."""
    width, seed = draw(st.sampled_from([1, 2, 10, 11, 64])), draw(st.integers(0, 2**16))
    random, size = np.random.default_rng(seed), draw(st.sampled_from([0.0, 0.1, 2.0]))
    query, key = (size * random.standard_normal(shape).astype(np.float32) for shape in (width, (TOKENS, width)))
    added = random.standard_normal(TOKENS).astype(np.float32) if draw(st.booleans()) else np.zeros(TOKENS, np.float32)
    scale = draw(st.sampled_from([1.0, 0.3, width**-0.5]))
    weights = np.exp(scale * key @ query + added)
    norms = draw(st.sampled_from([None, np.ones(TOKENS, np.float32)]))
    return AttentionRow(samples.CAT, 0, 0, 3, query, key, scale, added, weights / weights.sum(), norms)


@given(rows(), st.integers(0, TOKENS - 1))
def test_the_finding_is_what_the_vectors_give(row: AttentionRow, position: int) -> None:
    view = WeightView(row, position)
    found = FOUND.search(view.finding())
    assert found
    products = row.query.astype(float) * row.key[position]
    assert [int(found[1]), int(found[2])] == [(products > 0).sum(), (products < 0).sum()]
    told = [number(one) for one in NUMBER.findall(found[3])]
    assert told[0] == pytest.approx(products.sum(), abs=0.006)
    assert told[-1] == pytest.approx(row.scale * products.sum() + row.added[position], abs=0.006)
    assert ("÷ √" in found[3]) == (row.scale == pytest.approx(row.query.size**-0.5))
    drawing = view.draw()
    assert drawing.alt.startswith(view.finding())
    assert len(view.table().rows) == len(row.query)


@given(rows(), st.integers(0, TOKENS - 1))
def test_the_sum_of_the_products_is_that_of_the_table(row: AttentionRow, position: int) -> None:
    view = WeightView(row, position)
    listed = [number(cells[3]) for cells in view.table().rows]
    assert sum(listed) == pytest.approx(row.products[position].sum(), abs=0.001 * len(listed))


def test_a_hidden_key_gets_nothing_whatever_comes_out() -> None:
    row = samples.attention_row(samples.CAT, 4, causal=True)
    view = WeightView(row, 6)
    assert view.finding() == "“on” cannot see “mat”: it is hidden, so its weight is 0"
    assert "Hidden: whatever comes out, it gets nothing: −∞." in view.draw().alt
    assert "mat" not in WeightView(row).draw().alt.partition("Text:")[0]


def test_what_a_model_adds_for_positions_is_a_step_of_its_own() -> None:
    row = samples.attention_row(samples.CAT, 4, biased=True)
    assert re.search(r": −?[\d.]+ − 0\.50 = −?[\d.]+ →", WeightView(row, 6).finding())
    assert "With −0.50 for their positions" in WeightView(row, 6).draw().alt
    assert "for their positions" not in WeightView(row, 4).draw().alt


def test_without_a_token_it_is_about_the_other_word_that_is_looked_at_most() -> None:
    row = samples.attention_row(samples.CAT, 8)
    weights = np.zeros(TOKENS, np.float32)
    weights[[0, 8, 3]] = 0.5, 0.3, 0.2  # a special token, itself, another word
    assert WeightView(replace(row, weights=weights)).key == 3
    weights[3] = 0
    assert WeightView(replace(row, weights=weights)).key == 0


@pytest.mark.parametrize("position", [-1, TOKENS])
def test_there_is_no_such_token(position: int) -> None:
    with pytest.raises(BadInput, match="choose one from 0 to"):
        WeightView(samples.attention_row(samples.CAT, 8), position)
