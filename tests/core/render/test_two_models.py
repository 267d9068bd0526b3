"""Two models in one picture: nothing is set against anything that is not the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core import show
from core.errors import BadInput
from core.maps.two_models import common_tokens, counterpart, nearest_place
from core.render import HeadView, TwoHeads, TwoHeadsDifference, TwoSentimentBars, TwoUnmaskBars
from core.results import AttentionMap, ModelInfo, Sentiment, Tokenization, TwoFillings, TwoMaps, TwoSentiments
from tests.core.render.golden import samples

CAUSAL = replace(samples.CAT, model=ModelInfo("someone/gpt"), tokens=samples.CAT.tokens[1:-1])


def maps(second: Tokenization = samples.CAT, layers: int = 3, heads: int = 2) -> TwoMaps:
    other = replace(second, model=ModelInfo("someone/other"))
    return TwoMaps((samples.attention(samples.CAT), samples.attention(other, layers, heads)))


def by(name: str, one: Sentiment) -> Sentiment:
    return replace(one, source=replace(one.source, model=ModelInfo(name)))


def columns(view: TwoSentimentBars | TwoUnmaskBars) -> Sequence[str]:
    return view.table().header


def test_equal_labels_stand_side_by_side_with_their_difference() -> None:
    view = TwoSentimentBars(TwoSentiments((by("a/one", samples.mood(0.9)), by("b/two", samples.mood(0.75)))))
    assert view.finding() == "Both agree · one: POSITIVE 90.0% · two: POSITIVE 75.0%"
    assert columns(view) == ("label", "a/one", "b/two", "difference")
    assert view.table().rows[0] == ("POSITIVE", "0.900000", "0.750000", "−0.150000")
    other = TwoSentimentBars(TwoSentiments((by("a/one", samples.mood(0.9)), by("b/two", samples.mood(0.35)))))
    assert other.finding() == "They disagree · one: POSITIVE 90.0% · two: NEGATIVE 65.0% (unsure)"


@pytest.mark.parametrize(
    "other",
    [
        samples.feeling("joy"),
        samples.sentiment(("positive", 0.9), ("negative", 0.1)),  # spelt otherwise, it may be another label
        replace(samples.mood(0.9), problem="regression"),
    ],
)
def test_other_labels_stay_with_their_model(other: Sentiment) -> None:
    view = TwoSentimentBars(TwoSentiments((by("a/one", samples.mood(0.9)), by("b/two", other))))
    assert columns(view) == ("model", "label", "value") and len(view.table().rows) == 2 + len(other.scores)
    assert "agree" not in view.finding() and "Their labels are not the same" in view.draw().alt


def test_models_that_are_called_alike_are_named_in_full() -> None:
    view = TwoSentimentBars(TwoSentiments((by("a/same", samples.mood(0.9)), by("b/same", samples.mood(0.8)))))
    assert "a/same: " in view.finding() and "b/same: " in view.finding()


def test_words_are_the_same_whatever_their_case() -> None:
    one = samples.unmasked((("Capital", 0.7), ("city", 0.2)))
    other = samples.unmasked(((" capital", 0.4), ("seat", 0.2)))
    assert TwoUnmaskBars(TwoFillings((one, other))).finding().startswith("Both agree · ")
    other = samples.unmasked((("city", 0.4), ("capital", 0.2)))
    assert TwoUnmaskBars(TwoFillings((one, other))).finding().startswith("They disagree · ")


def test_each_square_is_that_of_its_head() -> None:
    found = maps()
    view = TwoHeads(found, (4, 2), (3, None), shown="words")
    rows = view.full().rows
    for model, seen, place in zip(found.models, found.maps, (view.first, view.second), strict=True):
        alone = HeadView(seen, *place, shown="words").full().rows
        own = [weight for name, _, _, weight in rows if name == model.name]
        assert own == [cell for row in alone for cell in row[1:]]
    assert "layer 4 of 4 · head 2 of 4" in view.draw().alt and "layer 3 of 3 · mean of 2 heads" in view.draw().alt


def test_the_difference_is_the_second_minus_the_first() -> None:
    found = maps()
    view = TwoHeadsDifference(found, (2, 1), (3, 2))
    first, second = (one.to_numpy() for one in found.maps)
    assert np.array_equal(view.weights, second[2, 1] - first[1, 0])
    assert np.abs(view.weights.sum(axis=1)).max() < 0.01
    back = TwoHeadsDifference(found.swapped, (3, 2), (2, 1))
    assert np.array_equal(back.weights, -view.weights)
    named = re.search(r"in (\S+) than in (\S+)", view.finding())
    assert named and back.finding() == view.finding()  # it says in which there is more, whichever comes first
    nothing = TwoMaps((found.maps[0], found.maps[0]))
    assert TwoHeadsDifference(nothing, (1, 1), (1, 1)).finding() == "Nothing differs."


@pytest.mark.parametrize("other", [CAUSAL, samples.first(samples.CAT, 9), samples.DOG])
def test_there_is_no_difference_between_other_tokens(other: Tokenization) -> None:
    found = maps(other)
    assert not found.comparable and "They cut the text into different tokens" in TwoHeads(found).draw().alt
    with pytest.raises(BadInput, match="different tokens, so there is no difference"):
        TwoHeadsDifference(found)


def test_special_tokens_are_spelt_as_both_have_them() -> None:
    first, last = replace(samples.CAT.tokens[0], piece="<s>"), samples.CAT.tokens[-1]
    found = maps(replace(samples.CAT, tokens=(first, *samples.CAT.tokens[1:-1], last)))
    assert [common_tokens(found).tokens[n].piece for n in (0, 1, -1)] == ["[CLS]/<s>", "the", "[SEP]"]


def test_the_word_is_found_where_it_stands_in_the_other_cut() -> None:
    for position, token in enumerate(samples.CAT.tokens):
        there = counterpart(samples.CAT, CAUSAL, position)
        assert there is None if token.special else there == position - 1
    view = TwoHeads(maps(CAUSAL), (1, 1), (1, 1), query=8)
    assert view.finding().startswith("Of the other words, “it” looks most at ")
    assert " in other (" in view.finding()


def test_the_word_is_found_from_a_cut_whose_tokens_hold_the_space_before_them() -> None:
    spaced = [token.start > 0 and CAUSAL.text[token.start - 1] == " " for token in CAUSAL.tokens]
    assert sum(spaced) > 5
    tokens = [replace(token, start=token.start - space) for token, space in zip(CAUSAL.tokens, spaced, strict=True)]
    other = replace(CAUSAL, tokens=tuple(tokens))
    for position in range(len(tokens)):
        assert counterpart(other, samples.CAT, position) == position + 1
        assert counterpart(samples.CAT, other, position + 1) == position


def test_a_head_that_one_model_lacks_is_refused_and_the_nearest_is_its_last() -> None:
    found = maps()
    with pytest.raises(BadInput, match="3 layers"):
        TwoHeads(found, (4, 1), (4, 1))
    with pytest.raises(BadInput, match="2 heads"):
        TwoHeadsDifference(found, (1, 1), (1, 3))
    assert nearest_place(found.maps[1], (4, 4)) == (3, 2) and nearest_place(found.maps[1], (2, None)) == (2, None)
    assert "layer 3 of 3 · head 2 of 2" in show(found, layer=4, head=4).draw().alt


def test_a_causal_map_beside_another_is_blank_above_its_diagonal_only() -> None:
    causal: AttentionMap = samples.attention(CAUSAL, 2, 2, causal=True)
    found = TwoMaps((samples.attention(samples.CAT), causal))
    assert found.maps[1].causal
    alone = replace(found, answers=(causal, found.maps[0]))
    assert TwoHeads(found).draw().png != TwoHeads(alone).draw().png


@pytest.mark.parametrize("count", [3, 60, 200])
def test_long_texts_have_room(count: int) -> None:
    long = samples.first(samples.LONG, count)
    found = TwoMaps((samples.attention(long, 2, 2), samples.attention(samples.first(samples.LONG, count - 1), 2, 2)))
    drawing = TwoHeads(found).draw()
    assert drawing.height <= 4096 and len(TwoHeads(found).table().rows) == 2 * count - 1
