"""What one word looks at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.maps.word_links import check_word, find_word, link_worth_seeing, looked_at, strongest_link, word_link
from core.results import AttentionMap, ModelInfo, Token, Tokenization

TEXT = "The animal didn't cross the street because it was tired."
PIECES = "The anim ##al didn ' t cross the street because it was tired .".split()
WORDS = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
CLS, SEP = Token(101, "[CLS]", 0, 0, special=True), Token(102, "[SEP]", len(TEXT), len(TEXT), special=True)


def tokenized() -> Tokenization:
    tokens, at = [CLS], 0
    for piece, word in zip(PIECES, WORDS, strict=True):
        start = TEXT.index(piece.removeprefix("##"), at)
        at = start + len(piece.removeprefix("##"))
        tokens.append(Token(1, piece, start, at, word=word))
    return Tokenization(TEXT, ModelInfo("a"), (*tokens, SEP))


SOURCE = tokenized()
IT, ANIMAL, STREET, TIRED, BECAUSE = 11, 2, 9, 13, 10


def attention(*links: tuple[int, int, int, int, float], layers: int = 2, heads: int = 3) -> AttentionMap:
    """Attention spread evenly but for some links: layer, head, from, to, share."""
    count = len(SOURCE.tokens)
    weights = np.full((layers, heads, count, count), 1 / count, np.float32)
    for layer, head, query, key, share in links:
        weights[layer, head, query] = (1 - share) / (count - 1)
        weights[layer, head, query, key] = share
    return AttentionMap(SOURCE, weights.astype(np.float16))


@pytest.mark.parametrize(
    ("typed", "position"),
    [
        ("it", IT),
        ("IT", IT),
        ("animal", ANIMAL),
        ("street", STREET),
        ("didn't", 4),
        ("the", 1),
        ("12", IT),
        ("tire", TIRED),
        ("a", ANIMAL),
        ("ired", TIRED),
    ],
)
def test_a_word_is_found_where_it_stands_first_and_whole_else_where_one_starts(typed: str, position: int) -> None:
    check_word(TEXT, typed)
    assert find_word(SOURCE, typed) == position


@pytest.mark.parametrize("typed", ["dog", "", "0", "99", "its", "(", "\\"])
def test_what_is_no_word_of_the_text(typed: str) -> None:
    if typed:
        with pytest.raises(BadInput):
            find_word(SOURCE, typed)
    if typed and not typed.isdecimal():
        with pytest.raises(BadInput):
            check_word(TEXT, typed)


def test_a_pronoun_opens_where_it_looks_at_a_word_before_it() -> None:
    found = attention((0, 0, IT, TIRED, 0.95), (0, 1, IT, BECAUSE, 0.9), (0, 2, IT, 0, 0.9), (1, 2, IT, ANIMAL, 0.6))
    link = link_worth_seeing(found)
    assert link and (link.layer, link.head, link.query, link.key) == (1, 2, IT, ANIMAL)
    assert link.weight == pytest.approx(0.6 + 0.4 / (len(SOURCE.tokens) - 1), abs=0.01)  # both pieces of the animal
    assert strongest_link(found, IT) == link
    assert word_link(found, found.weights[1, 2], IT) == (IT, ANIMAL, pytest.approx(link.weight))


def test_a_head_that_does_so_for_every_word_does_not_stand_out() -> None:
    everywhere = [(0, 0, query, ANIMAL, 0.9) for query in range(len(SOURCE.tokens))]
    assert link_worth_seeing(attention(*everywhere)) is None
    link = link_worth_seeing(attention(*everywhere, (1, 1, TIRED, STREET, 0.8)))
    assert link and (link.query, link.key) == (TIRED, STREET)


def test_another_word_than_a_pronoun_may_look_ahead() -> None:
    link = strongest_link(attention((0, 1, ANIMAL, TIRED, 0.7), (0, 1, ANIMAL + 1, TIRED, 0.7)), ANIMAL)
    assert link and (link.head, link.key) == (1, TIRED) and link.weight == pytest.approx(0.7, abs=0.01)


def test_special_tokens_and_a_text_of_one_word_have_no_link() -> None:
    assert strongest_link(attention(), 0) is None and word_link(attention(), attention().weights[0, 0], 0) is None
    one = Tokenization("it", ModelInfo("a"), (CLS, Token(1, "it", 0, 2, word=0), SEP))
    alone = AttentionMap(one, np.full((1, 1, 3, 3), 1 / 3, np.float16))
    assert strongest_link(alone, 1) is link_worth_seeing(alone) is word_link(alone, alone.weights[0, 0]) is None


def test_a_number_in_the_text_is_a_word_before_it_is_the_number_of_a_token() -> None:
    text = "In 2019, 3 of 12 failed."
    pieces = [(piece, text.index(piece)) for piece in "In 2019 , 3 of 12 failed .".split()]
    tokens = (CLS, *(Token(1, piece, at, at + len(piece), word=n) for n, (piece, at) in enumerate(pieces)), SEP)
    source = Tokenization(text, ModelInfo("a"), tokens)
    assert [find_word(source, typed) for typed in ("2019", "3", "12", "5")] == [2, 4, 6, 4]
    with pytest.raises(BadInput, match="from 1 to 10"):
        find_word(source, "99")


def test_a_word_is_what_is_offered_before_it_is_a_part_of_another() -> None:
    text = "It's 3.5 km to the well-known well; it is 5."
    words = "It's 3.5 km to the well-known well it is 5".split()
    ends, tokens = 0, list[Token]()
    for number, word in enumerate(words):
        ends = text.index(word, ends) + len(word)
        tokens.append(Token(1, word, ends - len(word), ends, word=number))
    source = Tokenization(text, ModelInfo("a"), tuple(tokens))
    assert [words[find_word(source, typed)] for typed in ("it", "well", "5", "3.5", "known")] == [
        "it",
        "well",
        "5",
        "3.5",
        "well-known",
    ]
    with pytest.raises(BadInput):
        find_word(source, "it (2)")


def test_nothing_is_said_where_nothing_is_given() -> None:
    causal = attention()
    first = np.zeros_like(causal.weights)
    first[..., 0] = 1  # everything on the special token
    resting = AttentionMap(SOURCE, first, causal=True)
    assert word_link(resting, resting.weights[0, 0], IT) is None and strongest_link(resting, IT) is None


def test_several_words_of_one_spelling_are_counted() -> None:
    text = "it saw it (2) and It"
    places = [0, 7, 18]
    tokens = tuple(Token(1, text[at : at + 2], at, at + 2, word=n) for n, at in enumerate(places))
    source = Tokenization(text, ModelInfo("a"), tokens)
    assert [find_word(source, typed) for typed in ("it", "it (3)", " IT (3) ")] == [0, 2, 2]
    assert find_word(Tokenization(text.replace(" (2)", ""), ModelInfo("a"), tokens[:2]), "it (2)") == 1
    for typed in ("it (4)", "it (0)", "it ()", "saw (9)"):
        with pytest.raises(BadInput):
            check_word(text, typed)


@given(seed=st.integers(0, 2**32 - 1), query=st.none() | st.integers(1, len(SOURCE.tokens) - 2))
def test_the_largest_link_between_two_words(seed: int, query: int | None) -> None:
    count = len(SOURCE.tokens)
    weights = np.random.default_rng(seed).dirichlet(np.ones(count), count).astype(np.float32)
    found = word_link(AttentionMap(SOURCE, weights[None, None].astype(np.float16)), weights, query)
    assert found
    shares = {
        (one[0], other[0]): weights[list(one)].mean(axis=0)[list(other)].sum()
        for one in SOURCE.words
        for other in SOURCE.words
        if one != other and (query is None or query in one)
    }
    assert found[2] == pytest.approx(max(shares.values()), rel=1e-4)
    assert shares[found[:2]] == pytest.approx(found[2], rel=1e-4)


def test_what_a_word_looks_at_hardest_first_without_itself_and_punctuation() -> None:
    found = looked_at(attention((1, 2, IT, ANIMAL, 0.7), (0, 0, IT, IT, 0.9)), 1, 2, IT)
    places = [place for place, _ in found]
    assert places[0] == ANIMAL and found[0][1] == pytest.approx(0.7 + 0.3 / 15, abs=0.01)  # both pieces of the word
    words = {word[0] for word in SOURCE.words if SOURCE.written(word) not in ("'", ".")}
    assert set(places) == words - {IT} and len(places) == len(words) - 1
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)
    assert looked_at(attention(), 0, 0, 0) == []  # a special token is no word
