"""A question has one right option, and says nothing of it."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Expired, TooLong
from core.maps import measures
from core.quiz import KINDS, NoQuestion, Question, judge
from core.quiz.hidden_word import AHEAD, SURE
from core.quiz.label import AHEAD as LABEL_AHEAD
from core.quiz.looking import LEAST
from core.quiz.which_head import BROAD, FITS, FITS_NOT, NARROW, PATTERNS, heads_of
from core.results import AttentionMap, Candidate, ModelInfo, Score, Sentiment, Token, Tokenization, Unmasked

MODEL = ModelInfo("m")
SEEDS = st.integers(0, 2**64 - 1)
WORDS = st.lists(st.text("abcdé", min_size=1, max_size=4), min_size=1, max_size=12)


def tokenization(words: list[str], special: bool = True) -> Tokenization:
    text, tokens, place = " ".join(words), list[Token](), 0
    for number, word in enumerate(words):
        tokens.append(Token(10 + number, word, place, place + len(word), word=number))
        place += len(word) + 1
    if special:
        around = Token(1, "[CLS]", 0, 0, special=True), Token(2, "[SEP]", len(text), len(text), special=True)
        tokens = [around[0], *tokens, around[1]]
    return Tokenization(text, MODEL, tuple(tokens))


@st.composite
def maps(draw: Any) -> AttentionMap:
    """Heads that follow a pattern more or less clearly."""
    source = tokenization(draw(WORDS))
    count, flags = len(source.tokens), [*measures.patterns(source.tokens).values()]
    layers, heads, causal = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.booleans())
    numbers = np.random.default_rng(draw(st.integers(0, 999)))
    weights = np.empty((layers, heads, count, count))
    for place in np.ndindex(layers, heads):
        weights[place] = numbers.random((count, count)) ** 6 + 9 * numbers.random() ** 2 * flags[numbers.integers(8)]
    weights = np.tril(weights) if causal else weights
    weights = weights + 1e-3 * np.eye(count)
    return AttentionMap(source, (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float16), causal)


@st.composite
def unmasked(draw: Any) -> Unmasked:
    words = draw(
        st.lists(st.sampled_from([" cat", "cat", "Cat", "dog", "mat", "##s", ".", "ox", "hen", "é"]), max_size=10)
    )
    chances = sorted((draw(st.floats(0, 1)) for _ in words), reverse=True)
    found = [Candidate(n, word, chance, "") for n, (word, chance) in enumerate(zip(words, chances, strict=True))]
    return Unmasked(tokenization(["a", "[MASK]"]), (tuple(found),))


@st.composite
def sentiments(draw: Any) -> Sentiment:
    labels = draw(st.lists(st.text("abc", min_size=1), min_size=2, max_size=6, unique=True))
    values = sorted((draw(st.floats(0, 1)) for _ in labels), reverse=True)
    return Sentiment(tokenization(["a"]), tuple(map(Score, labels, values)))


def asked(kind: Any, result: Any, seed: int, truth: str = "") -> Question | None:
    """What is asked; the same numbers ask the same."""
    numbers = KINDS[kind].choose(result, Random(seed), truth)
    assert numbers == KINDS[kind].choose(result, Random(seed), truth)
    question = Question(kind, numbers) if numbers else None
    assert question is None or Question.parse(str(question)) == question
    return question


@given(result=unmasked(), seed=SEEDS, truth=st.sampled_from(["", "dog", "MAT"]))
def test_a_hidden_word_is_clearly_first_among_four_others(result: Unmasked, seed: int, truth: str) -> None:
    if question := asked("word", result, seed, truth):
        options, mask = judge(question, result), result.masks[0]
        assert len({name.casefold() for name in options.names}) == 4 and all(map(str.isalpha, options.names))
        assert options.names[options.right] == mask[0].word.strip()
        assert mask[0].probability >= SURE and mask[0].probability - mask[1].probability >= AHEAD
        known = {one.word.strip().casefold() for one in mask[:8] if len(one.word.strip()) > 1}
        assert not truth or truth.casefold() not in known or truth.casefold() in {n.casefold() for n in options.names}


def test_a_model_that_is_not_sure_of_a_word_is_not_asked() -> None:
    words = "dog", "cat", "hen", "owl", "fox"
    for first, second in ((0.3, 0.29), (0.1, 0.01)):
        chances = [first, second, 0.0, 0.0, 0.0]
        found = tuple(Candidate(n, *one, "") for n, one in enumerate(zip(words, chances, strict=True)))
        assert asked("word", Unmasked(tokenization(["a", "[MASK]"]), (found,)), 1) is None


def test_several_gaps_are_refused() -> None:
    with pytest.raises(NoQuestion, match="one gap"):
        asked("word", Unmasked(tokenization(["a"]), ((), ())), 1)


@given(words=WORDS, special=st.booleans(), seed=SEEDS)
def test_of_four_numbers_of_tokens_one_is_right(words: list[str], special: bool, seed: int) -> None:
    result = tokenization(words, special)
    question = asked("tokens", result, seed)
    assert question
    options = judge(question, result)
    assert len({*options.names}) == 4 and [*map(int, options.names)] == sorted(map(int, options.names))
    assert int(options.names[options.right]) == len(result.tokens) and int(options.names[0]) > 0
    with pytest.raises(Expired):
        judge(question, tokenization([*words, *"abcdefgh"], special))


@given(result=sentiments(), seed=SEEDS)
def test_a_label_is_clearly_first(result: Sentiment, seed: int) -> None:
    first, second = result.scores[:2]
    question = asked("label", result, seed)
    assert bool(question) == (first.value - second.value >= LABEL_AHEAD)
    if question:
        options = judge(question, result)
        assert len({*options.names}) == min(4, len(result.scores)) == question.count
        assert options.names[options.right] == first.label


@pytest.mark.parametrize("problem", ["regression", "multi_label_classification"])
def test_a_classifier_that_does_not_choose_is_refused(problem: Any) -> None:
    scores = (Score("a", 0.9), Score("b", 0.1))
    with pytest.raises(NoQuestion, match="does not choose"):
        asked("label", Sentiment(tokenization(["a"]), scores, problem=problem), 1)


@given(attention=maps(), seed=SEEDS)
def test_one_of_four_heads_fits_and_the_others_clearly_do_not(attention: AttentionMap, seed: int) -> None:
    if question := asked("head", attention, seed):
        name, heads = PATTERNS[question.numbers[0]], heads_of(question.numbers)
        options, scores = judge(question, attention), measures.fits(attention)[name]
        fitting, others = (BROAD, NARROW) if name == "broad" else (FITS, FITS_NOT)
        assert len({*heads}) == 4
        assert [scores[head] >= fitting for head in heads].count(True) == 1 and scores[heads[options.right]] >= fitting
        assert [scores[head] <= others for head in heads].count(True) == 3


def test_a_text_too_long_for_small_pictures_is_refused() -> None:
    source = tokenization(["a"] * 40)
    with pytest.raises(TooLong, match="at most 32"):
        asked("head", AttentionMap(source, np.full((1, 4, 42, 42), 1 / 42, np.float16)), 1)


@given(attention=maps(), seed=SEEDS)
def test_a_word_looks_at_one_of_four_words_more_than_at_anything_else(attention: AttentionMap, seed: int) -> None:
    if question := asked("look", attention, seed):
        options, (layer, head, query, *keys) = judge(question, attention), question.numbers
        assert len({name.casefold() for name in options.names}) == 4 and query != keys[options.right]
        row = attention.weights[layer, head, query].astype(float)  # words have one token each
        assert int(row.argmax()) == keys[options.right] and row.max() >= LEAST
        assert [attention.source.tokens[key].piece for key in keys] == [*options.names]


KNOWN: dict[str, Any] = {
    "word": Unmasked(tokenization(["a", "[MASK]"]), (tuple(Candidate(n, "abcd", 0.1, "") for n in range(5)),)),
    "tokens": tokenization(["a", "b"]),
    "label": Sentiment(tokenization(["a"]), (Score("a", 0.9), Score("b", 0.1))),
    "head": AttentionMap(tokenization(["a", "b"]), np.full((2, 2, 4, 4), 0.25, np.float16)),
    "look": AttentionMap(tokenization(["a", "b"]), np.full((2, 2, 4, 4), 0.25, np.float16)),
}


@given(kind=st.sampled_from([*KINDS]), numbers=st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_questions_that_are_made_up_have_expired_or_are_about_the_result(kind: Any, numbers: list[int]) -> None:
    question = Question(kind, tuple(numbers))
    try:
        options = judge(question, KNOWN[kind])
    except Expired:
        return
    assert 0 <= options.right < len(options.names) == question.count


@pytest.mark.parametrize("written", ["", "word", "word-", "x-1", "word-1-x", "word-1--2", "WORD-1", "word-1234567890"])
def test_what_is_no_question_has_expired(written: str) -> None:
    with pytest.raises(Expired):
        Question.parse(written)
