"""A minimal pair: the alignment of two texts, and the identities of their difference."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Core, CoreSettings
from core.errors import BadInput
from core.maps.difference import align, subtract_maps
from core.maps.measures import total_variation
from core.reading.separators import split_versions
from core.render import HeadView, LayerFilm, OverviewGrid, TokenView, TourView
from core.render.kit.drawing.palette import SIDE
from core.render.kit.squares.cells import levels
from core.results import AttentionMap, Tokenization
from tests.core.render.golden import samples

WORDS = ("the", "cat", "dog", "sat", "un ##sure", "not")


def text_of(words: list[str]) -> Tokenization:
    pieces = [piece for word in words for piece in word.split()]
    source = samples.tokenization(" ".join(words).replace(" ##", ""), pieces)
    ids = {piece: number for number, piece in enumerate(sorted({"[CLS]", "[SEP]", *pieces, *" ".join(WORDS).split()}))}
    tokens = tuple(samples.replace(token, id=ids[token.piece]) for token in source.tokens)
    return samples.replace(source, tokens=tokens)


def pair(one: list[str], other: list[str], causal: bool = False) -> tuple[AttentionMap, AttentionMap]:
    first, second = (samples.attention(text_of(words), 2, 2, causal) for words in (one, other))
    return first, samples.replace(second, weights=second.weights[::-1])


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7)


@given(texts, texts)
def test_rows_sum_to_nothing_and_exchanged_texts_give_the_opposite(one: list[str], other: list[str]) -> None:
    first, second = pair(one, other)
    if first.source.ids == second.source.ids:
        with pytest.raises(BadInput):
            subtract_maps("", first, second)
        return
    there, back = subtract_maps("", first, second), subtract_maps("", second, first)
    assert (there.weights == -back.weights).all()
    assert there.weights.astype(float).sum(axis=-1) == pytest.approx(0, abs=0.01)
    assert (total_variation(there.weights) <= 1.001).all()


@given(texts, texts)
def test_an_alignment_uses_every_word_once_and_in_order(one: list[str], other: list[str]) -> None:
    first, second = text_of(one), text_of(other)
    found = align(first, second)
    for side, source in ((0, first), (1, second)):
        assert [place for aligned in found for place in aligned[side]] == list(range(len(source.tokens)))
    assert found == [(left, right) for right, left in align(second, first)]
    assert found[0] == ([0], [0]) and found[-1] == ([len(first.tokens) - 1], [len(second.tokens) - 1])
    kept = sum(1 for left, right in found if [first.ids[n] for n in left] == [second.ids[n] for n in right])
    assert kept >= 2 + sum(a == b for a, b in zip(one, other, strict=False)) * (len(one) == len(other)) * (one == other)


def test_words_of_several_pieces_are_one_and_new_ones_are_columns_only() -> None:
    first, second = pair(["the", "cat", "sat"], ["the", "un ##sure", "not", "sat"])
    found = subtract_maps("a [VS] b", first, second)
    assert [token.piece for token in found.source.tokens] == ["[CLS]", "the", "cat/unsure", "+not", "sat", "[SEP]"]
    assert found.rows and [token.piece for token in found.rows.tokens] == ["[CLS]", "the", "cat/unsure", "sat", "[SEP]"]
    one, other = first.weights.astype(float), second.weights.astype(float)
    row = other[..., 5, :]  # "sat"
    expected = [row[..., 0], row[..., 1], row[..., 2] + row[..., 3], row[..., 4], row[..., 5], row[..., 6]]
    before = [one[..., 3, 0], one[..., 3, 1], one[..., 3, 2], 0, one[..., 3, 3], one[..., 3, 4]]
    for column, (after, was) in enumerate(zip(expected, before, strict=True)):
        assert found.weights[..., 3, column] == pytest.approx(after - was, abs=1e-3)
    assert found.related == {"first": first, "second": second} and found.signed


def test_a_causal_pair_of_equal_length_stays_causal() -> None:
    same = subtract_maps("", *pair(["the", "cat", "sat"], ["the", "dog", "sat"], causal=True))
    assert same.causal and same.rows is None and not np.triu(same.weights[0, 0].astype(float), 1).any()
    assert not subtract_maps("", *pair(["the", "cat"], ["the", "cat", "sat"], causal=True)).causal


@given(st.floats(0, 1, width=16))
def test_more_and_less_have_colours_of_their_own(weight: float) -> None:
    up, down = levels(np.array([weight, -weight], np.float32), 1, signed=True).tolist()
    assert up <= SIDE and (up == down == 0 or down == up + SIDE)


def test_its_pictures_say_what_changed_with_signs() -> None:
    first, second = pair(["the", "cat", "sat"], ["the", "dog", "sat"])
    found = subtract_maps("the cat sat [VS] the dog sat", first, second)
    alt = HeadView(found, 1, 1).draw().alt
    assert "Largest differences: " in alt and ("+0." in alt or "−0." in alt)
    assert "orange: more in the second text" in alt and "special tokens" not in alt
    rows = HeadView(found, 1, None).table().rows
    assert all(cell.split()[-1][0] in "+−" for _, *cells in rows for cell in cells if cell)
    for view in (OverviewGrid(found, 1, 1), LayerFilm(found, 1), TourView(found)):
        assert view.draw().png and view.table().rows
    with pytest.raises(BadInput):
        TokenView(found, 1, 1, 1)


@pytest.mark.parametrize(("one", "other"), [("good", "bad"), ("the good", "the bad"), ("good", "good bad")])
async def test_texts_of_a_word_or_two_differ_in_words_as_in_the_picture(core: Core, one: str, other: str) -> None:
    found = await core.attention(f"{one} [VS] {other}")
    view = HeadView(found, 1, 1)
    alt = view.draw().alt
    largest = float(np.abs(found.weights[0, 0].astype(float)).max())
    told = re.findall(r"[+−](\d\.\d\d)", alt.partition("Largest differences: ")[2])
    assert "Nothing differs" not in alt
    assert float(told[0]) == pytest.approx(largest, abs=0.006)


def test_only_a_marker_between_two_texts_makes_a_pair() -> None:
    assert split_versions("a [VS] b") == ("a", "b")
    assert (
        split_versions("[VS] b") == ("[VS] b",)
        and split_versions("a [VS] ") == ("a [VS] ",)
        and split_versions("a") == ("a",)
    )


@pytest.mark.parametrize("name", ["bert-masked-lm", "gpt2", "bart"])
async def test_through_the_core(models: Path, settings: CoreSettings, name: str) -> None:
    async with Core.open(samples.replace(settings, attention_model=str(models / name))) as core:
        found = await core.attention("The cat was tired. [VS] The mat was tired.")
        assert found.signed and found.source.text == "The cat was tired. [VS] The mat was tired."
        assert "cat/mat" in [token.piece for token in found.source.tokens]
        alone = await core.attention("The cat was tired.")
        assert (found.related["first"].weights == alone.weights).all()
        with pytest.raises(BadInput, match="the same to the model"):
            await core.attention("The cat [VS] The cat")
