"""The sentence of a picture of attention names that picture's own largest link."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.maps import measures
from core.maps.difference import subtract_maps
from core.maps.selection import PARTS
from core.maps.word_links import strongest_link
from core.reading.tokenizers.words import join_words
from core.render import (
    HeadMap,
    HeadView,
    LayerFilm,
    LensesView,
    NormView,
    OverviewGrid,
    RolloutView,
    TokenView,
    TourView,
    WordGrid,
)
from core.results import AttentionMap
from tests.core.render.golden import samples

TEXT = "The owl's nest was high, because it was shy."
PIECES = samples.tokenization(TEXT, "the owl ' s nest was high , because it was sh ##y .".split())
SOURCE = replace(PIECES, tokens=tuple(join_words(TEXT, PIECES.tokens)))
WRITTEN = samples.tokenization("Eule war scheu", "eule war scheu".split())
LAYERS, HEADS = 2, 3
PLACES = {n: SOURCE.written(places) for places in SOURCE.words for n in places}

seeds = st.integers(0, 2**32 - 1)
queries = st.sampled_from(sorted(PLACES))


def drawn(seed: int, rows: int = len(SOURCE.tokens)) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(len(SOURCE.tokens), 0.3), (LAYERS, HEADS, rows))


def made(seed: int) -> AttentionMap:
    return samples.with_norms(AttentionMap(SOURCE, drawn(seed).astype(np.float16)))


def links(weights: np.ndarray, query: int | None = None) -> dict[tuple[str, str], float]:
    """The share that each word gives to each other one: as they are written, counted where there are several."""
    return {
        (name(one), name(other)): float(weights[list(one)].mean(axis=0)[list(other)].sum())
        for one in SOURCE.words
        for other in SOURCE.words
        if one != other and (query is None or query in one)
    }


def name(places: tuple[int, ...]) -> str:
    written = [SOURCE.written(word) for word in SOURCE.words]
    mine = SOURCE.words.index(places)
    same = [n for n, word in enumerate(written) if word.casefold() == written[mine].casefold()]
    return f"<{written[mine]}>" + (f" ({same.index(mine) + 1})" if len(same) > 1 else "")


def marked(word: str) -> str:
    return f"<{word}>"


def says(sentence: str, found: dict[tuple[str, str], float]) -> bool:
    """Whether a sentence names the two words with the largest share, and the share."""
    (one, other), share = max(found.items(), key=lambda pair: pair[1])
    number = re.search(r"([\d.]+)%", sentence)
    return one in sentence and other in sentence and number is not None and abs(float(number[1]) - 100 * share) < 0.06


def test_words_of_the_example() -> None:
    assert [SOURCE.written(places) for places in SOURCE.words][:3] == ["The", "owl's", "nest"]


@given(seed=seeds, layer=st.integers(1, 2), head=st.none() | st.integers(1, 3), query=st.none() | queries)
def test_one_head_and_what_is_made_of_it(seed: int, layer: int, head: int | None, query: int | None) -> None:
    attention = made(seed)
    place = layer - 1, head if head is None else head - 1
    weights = attention.weights[place[0]].astype(np.float32)
    weights = weights.mean(axis=0) if head is None else weights[head - 1]
    sentence = HeadView(attention, layer, head, query=query).finding(marked)
    assert says(sentence, links(weights, query)) and f"layer {layer}" in sentence
    assert says(
        NormView(attention, layer, head, query=query).finding(marked),
        links(measures.norm_weighted(attention, *place), query),
    )
    assert says(RolloutView(attention, query=query).finding(marked), links(measures.rollout(attention.weights), query))
    if query is not None:
        assert TokenView(attention, layer, head, query).finding(marked) == sentence


@given(seed=seeds, how=st.sampled_from(PARTS), query=st.none() | queries)
def test_of_a_pair_only_what_is_shown_is_found(seed: int, how: str, query: int | None) -> None:
    pair = replace(SOURCE, second=8)
    attention = replace(made(seed), source=pair)
    shown = [[n for n in PLACES if (n >= 8) == (letter == "b")] for letter in how]
    asked = query if query in shown[0] else None
    views = (HeadView(attention, 2, 3, shown=how, query=query), RolloutView(attention, shown=how, query=query))
    for view, weights in zip(views, (attention.weights[1, 2], measures.rollout(attention.weights)), strict=True):
        cut = np.zeros_like(weights)
        cut[np.ix_(*shown)] = weights[np.ix_(*shown)]
        assert says(view.finding(marked), links(cut.astype(np.float32), asked))


@given(seed=seeds, query=queries)
def test_all_heads(seed: int, query: int) -> None:
    attention = made(seed)
    every = [attention.weights[layer, head].astype(np.float32) for layer in range(LAYERS) for head in range(HEADS)]
    largest = max((links(weights) for weights in every), key=lambda found: max(found.values()))
    assert says(OverviewGrid(attention, 1, 1).finding(marked), largest)
    link = strongest_link(attention, query)
    mine = links(attention.weights[link.layer, link.head].astype(np.float32), query) if link else {}
    assert says(WordGrid(attention, 1, 1, query).finding(marked), mine)
    frames = [attention.weights[layer].astype(np.float32).mean(axis=0) for layer in range(LAYERS)]
    film = max((links(weights, query) for weights in frames), key=lambda found: max(found.values()))
    assert says(LayerFilm(attention, query).finding(marked), film)


@given(seed=seeds, query=queries)
def test_the_lenses_are_about_one_word(seed: int, query: int) -> None:
    attention = made(seed)
    sentence = LensesView(attention, 2, 3, query=query).finding(marked)
    for weights in (attention.weights[1, 2].astype(np.float32), measures.norm_weighted(attention, 1, 2)):
        (one, other), share = max(links(weights, query).items(), key=lambda pair: pair[1])
        assert one in sentence and f"{other} {100 * share:.1f}%" in sentence


@given(seed=seeds)
def test_a_difference_names_its_largest_change(seed: int) -> None:
    one = AttentionMap(samples.CAT, samples.attention(samples.CAT, LAYERS, HEADS).weights)
    other = replace(one, weights=np.roll(one.weights, seed % 11 + 1, axis=-1))
    tokens = tuple(replace(token, id=token.id + 1) if n == 2 else token for n, token in enumerate(samples.CAT.tokens))
    other = replace(other, source=replace(samples.CAT, tokens=tokens))
    found = subtract_maps("a [VS] b", one, other)
    largest = np.abs(found.weights[1, 2].astype(np.float32)).max()
    sentence = HeadView(found, 2, 3).finding(marked)
    number = re.search(r"([+−])(\d\.\d+)", sentence)
    assert number and float(number[2]) == pytest.approx(largest, abs=0.006) and "layer 2, head 3" in sentence


def test_what_is_written_looks_at_what_was_read() -> None:
    weights = np.full((1, 1, 5, len(SOURCE.tokens)), 0.01, np.float16)
    weights[0, 0, 1, 2:5] = 0.25  # all pieces of “owl's”
    attention = AttentionMap(SOURCE, weights, rows=WRITTEN)
    assert HeadView(attention, 1, 1, query=1).finding() == (
        "Where “Eule” is written, it looks most at “owl's”: 75.0% in layer 1, head 1."
    )
    assert TokenView(attention, 1, None, 1).finding().endswith("in the mean of layer 1.")
    assert (
        HeadView(attention, 1, 1).finding() == "The strongest link in layer 1, head 1: “Eule” looks at “owl's”, 75.0%."
    )


def test_the_head_map_counts_what_most_heads_do() -> None:
    count = len(SOURCE.tokens)
    before = np.zeros((2, 3, count, count), np.float16)
    before[..., 0, 0] = 1
    before[..., np.arange(1, count), np.arange(count - 1)] = 1
    before[1, 2] = np.eye(count)
    found = HeadMap(AttentionMap(SOURCE, before)).finding()
    assert found == "The commonest pattern, in 5 of 6 heads: looks at the token before."


def test_the_tour_begins_with_the_word_that_people_ask_about() -> None:
    count = len(SOURCE.tokens)
    weights = np.full((1, 2, count, count), 1 / count, np.float16)
    weights[0, 1, 10, :] = 0.01
    weights[0, 1, 10, 2] = 0.85
    tour = TourView(AttentionMap(SOURCE, weights))
    assert tour.finding(marked).startswith("Layer 1, head 2 looks from <it> at <owl's>: 8")
    assert tour.draw().alt.startswith("2 heads worth seeing")


@pytest.mark.parametrize("view", [HeadView, NormView, LensesView])
def test_nothing_is_said_of_a_text_of_one_word(view: type) -> None:
    one = samples.tokenization("cat", ["cat"])
    alone = samples.with_norms(AttentionMap(one, np.full((1, 1, 3, 3), 1 / 3, np.float16)))
    assert view(alone, 1, 1).finding() == "" and "ayer 1 of 1" in view(alone, 1, 1).draw().alt


def test_a_special_token_is_no_word_and_can_be_seen() -> None:
    attention = made(3)
    assert TokenView(attention, 1, 1, 0).finding() == WordGrid(attention, 1, 1, 0).finding() == ""
    assert "[CLS]" in WordGrid(attention, 1, 1, 0).draw().alt
