"""Every picture says what there is to see: its own largest value, in its title, its words and on the card alike."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.cards.layouts import layout_of
from cogs.cards.markdown import code_span
from cogs.cards.view_state import ViewState
from core.language import ENGLISH
from core.render import (
    AblationGrid,
    AttributionBars,
    ComparisonView,
    LabView,
    LensGrid,
    LogitLensBars,
    PatchingGrid,
    SentimentBars,
    SentimentStrips,
    TokenStrip,
    UnmaskBars,
    VariantBars,
    WindowStrips,
)
from core.render.fillings import display_token
from core.render.kit.drawing import text as letters
from core.render.kit.squares.matrices import named, written
from core.render.kit.wording.scores import amount
from core.render.kit.wording.words import percent, precise
from core.results import (
    Ablation,
    Candidate,
    Choice,
    Explanation,
    Guess,
    JudgedToken,
    LayerPrediction,
    LayerPredictions,
    LensMap,
    ModelInfo,
    Part,
    Removal,
    Result,
    Score,
    Sentiment,
    SentimentBatch,
    Surprisal,
    Target,
    Token,
    Tokenization,
    TokenizerComparison,
    Unmasked,
    Variants,
    WindowScores,
    WordContribution,
    WordPath,
)
from core.results.sentiment import ProblemType
from tests.core.render.golden import samples
from tests.core.render.golden.samples import PICTURES

CHANCE = st.floats(0, 1)
AMOUNT = st.floats(-50, 50, width=32)
WORD = st.sampled_from(["ab", "cd", "ef", "great🎉", "عولم", "你好", "**bold**", "`tick", "@everyone", "a" * 90])
PROBLEMS: tuple[ProblemType, ...] = ("single_label_classification", "multi_label_classification", "regression")


@st.composite
def answers(draw: st.DrawFn, problem: ProblemType, labels: int = 3, text: str = "the cat") -> Sentiment:
    values = draw(st.lists(AMOUNT if problem == "regression" else CHANCE, min_size=labels, max_size=labels))
    if problem == "single_label_classification":
        values = [(value + 1e-6) / (sum(values) + labels * 1e-6) for value in values]
    scores = sorted((Score(f"L{number}", value) for number, value in enumerate(values)), key=lambda one: -one.value)
    return Sentiment(Tokenization(text, samples.MODEL, ()), tuple(scores), problem=problem)


@given(st.data(), st.sampled_from(PROBLEMS), st.integers(1, 4))
def test_of_one_text_the_highest_label_is_named(data: st.DataObject, problem: ProblemType, labels: int) -> None:
    answer = data.draw(answers(problem, labels))
    top = answer.scores[0]
    assert f"{top.label} {amount(ENGLISH, top.value, problem)}" in SentimentBars(answer).finding()


@given(st.data(), st.sampled_from(PROBLEMS))
def test_of_several_texts_the_one_with_the_highest_value(data: st.DataObject, problem: ProblemType) -> None:
    batch = SentimentBatch(tuple(data.draw(answers(problem, text=f"text {number}")) for number in range(5)))
    highest = max(answer.scores[0].value for answer in batch.answers)
    told = {
        f"{answer.scores[0].label} {amount(ENGLISH, highest, problem)} for “{answer.source.text}”"
        for answer in batch.answers
        if answer.scores[0].value == highest
    }
    assert any(SentimentStrips(batch).finding().endswith(end) for end in told)


@given(st.data(), st.sampled_from(PROBLEMS))
def test_of_windows_the_one_in_which_the_label_is_highest(data: st.DataObject, problem: ProblemType) -> None:
    whole, *parts = (data.draw(answers(problem)) for _ in range(4))
    windows = tuple(WindowScores(0, 3, 1, part.scores) for part in parts)
    view = WindowStrips(Sentiment(whole.source, whole.scores, windows, problem))
    label = whole.scores[0].label
    values = [{one.label: one.value for one in part.scores}[label] for part in parts]
    assert view.finding().endswith(f"window {values.index(max(values)) + 1}: {amount(ENGLISH, max(values), problem)}")


@given(st.data(), st.sampled_from(PROBLEMS), st.integers(2, 4))
def test_of_a_changed_text_the_label_that_moved_most(data: st.DataObject, problem: ProblemType, labels: int) -> None:
    before, after = (data.draw(answers(problem, labels)) for _ in range(2))
    result = Variants(("as it was", "changed"), (before, after))
    moved = {label: abs(result.values(label)[1] - result.values(label)[0]) for label in result.labels}
    said = VariantBars(result).finding()
    (named,) = [label for label in moved if label in said]
    assert moved[named] == pytest.approx(max(moved.values()), abs=1e-6)
    for value in result.values(named):
        assert amount(ENGLISH, value, problem) in said


@given(st.data(), st.sampled_from(PROBLEMS), st.integers(2, 6))
def test_of_fillings_the_highest_and_the_lowest(data: st.DataObject, problem: ProblemType, count: int) -> None:
    found = tuple(data.draw(answers(problem, 3)) for _ in range(count))
    result = Variants(tuple(f"name{number}" for number in range(count)), found, "{a|b}")
    said = VariantBars(result).finding()
    values = result.values(next(label for label in result.labels if said.startswith(label)))
    assert f"highest with “name{values.index(max(values))}” ({amount(ENGLISH, max(values), problem)})" in said
    assert f"lowest with “name{values.index(min(values))}” ({amount(ENGLISH, min(values), problem)})" in said


@given(st.lists(st.tuples(AMOUNT, AMOUNT), max_size=6), st.booleans())
def test_of_reasons_the_strongest_word_and_which_way(amounts: list[tuple[float, float]], whole: bool) -> None:
    reasons = tuple(WordContribution(f"w{number}", *pair) for number, pair in enumerate(amounts))
    total = sum(one.gradients for one in reasons) + (0 if whole else 1e4)
    result = Explanation(samples.CAT, Choice(0, "L0"), reasons, total, 0.0, "[MASK]", 16, labels=("L0",))
    said = AttributionBars(result).finding()
    values = [one.gradients if result.error <= 0.05 else one.masked for one in reasons]
    if not any(values):
        assert said == "No word counts for or against L0"
        return
    most = max(values, key=abs)
    assert f"“w{values.index(most)}”" in said and said.endswith(
        f"counts most: it speaks {'for' if most > 0 else 'against'} L0 ({precise(ENGLISH, most)})"
    )
    assert said.startswith("Masked alone, ") == (result.error > 0.05)


@given(st.lists(st.floats(-9, 9), min_size=4, max_size=4), st.floats(-9, 9), st.none() | st.integers(0, 3))
def test_without_a_head_what_becomes_of_the_answer(odds: list[float], other: float, chosen: int | None) -> None:
    """Of two layers with two heads; without one in particular, the head whose log-odds move most."""
    answer, second = Guess("A", 1.0), Guess("B", other)
    left = [Guess("A", one) for one in odds]
    removals = tuple(
        Removal(Part("", place // 2, "head", place % 2), one, tuple(sorted((one, second), key=lambda g: -g.log_odds)))
        for place, one in enumerate(left)
    )
    whole = Removal(Part("", 0, "attention"), Guess("A", 99.0), (Guess("A", 99.0),))  # which is no head
    result = Ablation(samples.CAT, answer, (answer,), (*removals, whole), labels=("A", "B"))
    said = AblationGrid(result, None if chosen is None else (chosen // 2 + 1, chosen % 2 + 1)).finding()
    moved = [abs(one - 1.0) for one in odds]
    place = moved.index(max(moved)) if chosen is None else chosen
    before, after = (percent(ENGLISH, 1 / (1 + math.exp(-one))) for one in (1.0, odds[place]))
    how = f"falls from {before} to" if odds[place] < 1 else f"rises from {before} to"
    if before == after and chosen is None:
        assert said.startswith(f"No head alone changes much: A stays at {after}")
    else:
        assert said.startswith(f"Without layer {place // 2 + 1}, head {place % 2 + 1}, A ")
    assert f"A {'stays at' if before == after else how} {after}" in said
    top = removals[place].top[0]
    assert said.endswith(f"; on top then: B ({percent(ENGLISH, top.probability)})") == (top.word == "B")


@given(st.lists(st.lists(CHANCE, min_size=1, max_size=5), min_size=1, max_size=3), st.booleans())
def test_of_words_for_gaps_the_most_probable_ones(masks: list[list[float]], masked: bool) -> None:
    words = tuple(tuple(Candidate(0, f"w{n}", chance, "") for n, chance in enumerate(mask)) for mask in masks)
    source = samples.MASKED if masked else samples.CAT
    said = UnmaskBars(Unmasked(source, words)).finding()
    assert said.startswith("Likeliest here: " if masked else "Likeliest next: ")
    for mask in masks:
        assert f"“w{mask.index(max(mask))}” ({percent(ENGLISH, max(mask))})" in said


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=4))
def test_of_compared_words_the_likeliest(chances: list[float]) -> None:
    targets = tuple(Target(f"t{n}", (f"t{n}",), chance) for n, chance in enumerate(chances))
    said = UnmaskBars(Unmasked(samples.MASKED, samples.unmasked((("a", 0.9),)).masks, targets=(targets,))).finding()
    place = chances.index(max(chances))
    if len(chances) == 1:  # which nothing was compared with
        assert said == "Likeliest here: “a” (90.0%)"
    else:
        assert said == f"Of the compared words, “t{place}” is likeliest: {percent(ENGLISH, chances[place])}"


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6))
def test_of_layers_the_one_from_which_the_answer_stays(ranks: list[int]) -> None:
    mask = tuple(LayerPrediction(f"w{rank}", 0.5, 0.5, rank) for rank in (*ranks, 1))
    said = LogitLensBars(LayerPredictions(samples.MASKED, (mask,))).finding()
    first = max((place + 1 for place, rank in enumerate(ranks) if rank > 1), default=0)
    last = first == len(ranks)
    since = "only after the last layer" if last else f"from {f'layer {first}' if first else 'input'} on"
    assert said == f"“w1” is on top {since}"


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_of_a_word_that_is_followed_how_near_to_the_top_it_comes(ranks: list[int]) -> None:
    path = WordPath(4, "w", tuple(ranks), (0.5,) * len(ranks))
    lens = samples.lens(samples.MASKED, len(ranks), (4,))
    said = LensGrid(replace(lens, best=lens.best[: len(ranks)], paths=(path,))).finding()
    first = max((place + 1 for place, rank in enumerate(ranks) if rank > 1), default=0)
    best = ranks.index(min(ranks))
    name = f"layer {best}" if best else "input"
    if ranks[-1] > 1:
        near = (
            f"is on top at {name}, but" if min(ranks) == 1 else f"gets no higher than rank {min(ranks)} ({name}), and"
        )
        assert said == f"“w” {near} ends on rank {ranks[-1]}"
    elif first == len(ranks) - 1:
        assert said == "“w” is on top only after the last layer"
    else:
        assert said == f"“w” is on top from {f'layer {first}' if first else 'input'} on"


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4))
def test_of_heads_that_are_copied_the_one_that_moves_the_answer_farthest(shares: list[float]) -> None:
    """Of two layers with two heads."""
    patching = samples.patching(samples.MASKED, samples.ROME, 2, 2, 4)
    first, second = patching.whole
    heads = (first - (first - second) * np.array(shares, np.float32)).reshape(2, 2).astype(np.float32)
    result = replace(patching, heads=heads)
    found = result.shares(heads).ravel().tolist()
    assert found == pytest.approx(shares, abs=1e-5)
    place, said = found.index(max(found)), PatchingGrid(result).finding()
    share = f"{100 * max(found):.0f}%".replace("-", "−")
    if max(found) < 0.01:
        assert said == f"No head alone moves the answer from “capital” to “city”: {share} of the way at most"
    else:
        assert said.startswith(
            f"Copied from the second text, layer {place // 2 + 1}, head {place % 2 + 1} alone moves "
        )
        assert said.endswith(f"the answer {share} of the way from “capital” to “city”")


def cut(pieces: list[int], name: str = "a/b") -> Tokenization:
    """A text of words `w0 w1 …`, each cut into so many pieces."""
    text, tokens, at = " ".join(f"w{number}" for number in range(len(pieces))), list[Token](), 0
    for word, count in enumerate(pieces):
        end = at + len(f"w{word}")
        tokens += [Token(1, "x", at, end, word=word)] * count
        at = end + 1
    return Tokenization(text, ModelInfo(name), (Token(0, "[CLS]", 0, 0, special=True), *tokens))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_of_tokens_how_many_and_the_word_with_most(pieces: list[int]) -> None:
    most, count = max(pieces), sum(pieces) + 1
    end = f"most for “w{pieces.index(most)}”: {most}" if most > 1 else "no word is cut"
    assert TokenStrip(cut(pieces)).finding() == f"{count} tokens; {end}"


@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=2, max_size=4))
def test_of_tokenizers_the_one_that_cuts_the_text_itself_least(texts: list[list[int]]) -> None:
    """Every other one adds no tokens, which makes it no better."""
    sources = [cut(pieces, f"m{number}") for number, pieces in enumerate(texts)]
    sources[1::2] = [replace(source, tokens=source.tokens[1:]) for source in sources[1::2]]
    counts = [sum(pieces) for pieces in texts]
    first = [f"m{number}" for number, count in enumerate(counts) if count == min(counts)]
    view = ComparisonView(TokenizerComparison(tuple(sources)))
    said, fewest = view.finding(), f"{min(counts)} token{'s' * (min(counts) > 1)}"
    if len(first) == len(counts):
        assert said == f"{'Both' if len(first) == 2 else 'All'} need equally many: {fewest}"
    else:
        assert said == f"{', '.join(first)} {'needs' if len(first) == 1 else 'need'} fewest: {fewest}"
    assert [row[2] for row in view.table().rows] == list(map(str, counts))
    assert "Counted without added tokens." in view.draw().alt


def test_of_tokenizers_one_that_does_not_know_the_text_is_not_praised() -> None:
    view = ComparisonView(TokenizerComparison((samples.PIECES, cut([1, 1, 9]))))
    assert view.finding().endswith("needs fewest: 9 tokens, 1 unknown")
    equal = cut([1] * 9, "knows")
    view = ComparisonView(TokenizerComparison((samples.PIECES, equal, cut([1] * 40))))
    assert view.finding() == "knows needs fewest: 9 tokens"


@pytest.mark.parametrize("name", [name for name, made in PICTURES.items() if hasattr(made(), "finding")])
def test_the_title_is_the_finding_and_the_words_begin_with_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written, line = list[str](), letters._drawn
    monkeypatch.setattr(letters, "_drawn", lambda text, *rest: written.append(text) or line(text, *rest))
    letters.line.cache_clear()
    view: Any = PICTURES[name]()
    said, alt = view.finding(), view.draw().alt
    assert said.replace(" ", "") in "".join(written).replace(" ", "")  # it may be wrapped
    assert said in alt[: len(said) + 80]


@st.composite
def squares(draw: st.DrawFn) -> list[list[float]]:
    """Scores of up to five tokens, some of them alike."""
    count, scores = draw(st.integers(1, 5)), draw(st.sampled_from([AMOUNT, st.sampled_from([0.0, 1.0, 2.0])]))
    return draw(st.lists(st.lists(scores, min_size=count, max_size=count), min_size=count, max_size=count))


@given(squares())
def test_of_an_exercise_the_largest_weight_and_all_keys_that_have_it(scores: list[list[float]]) -> None:
    scaled = np.array(scores, np.float32)
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    given = dict.fromkeys(("query", "key", "value", "scores", "scaled"), scaled)
    said = LabView(samples.stepped({**given, "weights": weights, "output": weights})).finding()
    if np.ptp(weights) < 1e-6:
        assert said == "Every query looks at all keys alike"
        return
    several = [row for row in weights if row.max() < 1] or list(weights)
    row, column = next(
        place for place in np.argwhere(weights == np.max(several)) if weights[place[0]].max() <= np.max(several)
    )
    share = written(ENGLISH, float(weights[row, column]), 3)
    alike = [named("k", n) for n, weight in enumerate(weights[row]) if weights[row].max() - weight < 1e-6]
    told = f"looks most at {', '.join(alike)}" if len(alike) < len(weights) else "looks at all keys alike"
    assert said == f"{named('q', int(row))} {told}: {share}{' each' * (len(alike) > 1)}"


def test_of_several_heads_the_keys_that_share_the_largest_weight() -> None:
    query, key = "0 0 1 0", "0 0 1 0; 0 0 1 0; 0 0 0 1"
    said = LabView(samples.exercise(query=query, key=key, value=key, heads=2)).finding()
    assert said == "Head 2 · q₁ looks most at k₁, k₂: 0.401 each"


@pytest.fixture
def lines_written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that pictures write, as they are drawn."""
    lines, line = list[str](), letters._drawn
    monkeypatch.setattr(letters, "_drawn", lambda text, *rest: lines.append(text) or line(text, *rest))
    letters.line.cache_clear()
    return lines


@pytest.mark.parametrize("off", [None, (2, 1)])
@pytest.mark.parametrize(
    ("switched", "others", "most"), [([], 0.4, 50), ([0, 2], 0.4, 1), ([0, 2], 3.0, 5), ([0, 2], -700.0, 1000)]
)
def test_the_bars_of_numbers_are_on_the_scale_of_what_they_show(
    switched: list[int], others: float, most: int, off: tuple[int, int] | None, lines_written: list[str]
) -> None:
    result = samples.ablated(2, 3, problem="regression", labels=("capital",))

    def left(number: int, value: float) -> Removal:
        guess = Guess("capital", value)
        return replace(result.removals[number], answer=guess, top=(guess,))

    far = {number: left(number, 40.0) for number in (1, 5)}  # 5 is layer 2, head 1, behind two whole parts
    removals = tuple(far.get(number, one) for number, one in enumerate(result.removals))
    picked = tuple(left(number, others) for number in switched)
    whole = (Guess("capital", 0.9),)
    AblationGrid(replace(result, answer=whole[0], top=whole, removals=removals, picked=picked), off).draw()
    assert {f"−{most}", f"{most}"} <= set(lines_written)


@pytest.mark.parametrize("off", [None, (2, 1)])
@pytest.mark.parametrize("switched", [[], [0], [3], [5, 1], [0, 1, 2, 3, 4], range(6)], ids=str)
def test_the_other_heads_are_all_but_those_of_the_title(
    switched: list[int], off: tuple[int, int] | None, lines_written: list[str]
) -> None:
    result = samples.ablated(2, 3)
    view = AblationGrid(replace(result, picked=tuple(result.heads[number] for number in switched)), off)
    view.draw()
    titled = [result.heads[number] for number in switched] or [view.removal]
    others = [one.answer.probability for one in result.heads if one not in titled]
    told, said = "without any other head: ", " ".join(lines_written)
    assert (told in said) == bool(others)
    assert not others or f"{told}{percent(ENGLISH, min(others))} to {percent(ENGLISH, max(others))}" in said


HOSTILE = "**b** `t` @everyone <@1> [x](http://y) \u202eevil"


@given(WORD | st.just(HOSTILE))
def test_a_card_quotes_what_people_wrote(word: str) -> None:
    reasons = (WordContribution(word, 1.0, 1.0),)
    source = Tokenization(
        word, samples.MODEL, (Token(1, "x", 0, len(word), word=0), Token(2, "y", 0, len(word), word=0))
    )
    results: list[Result] = [
        Explanation(samples.CAT, Choice(0, "L0"), reasons, 1.0, 0.0, "[MASK]", 16),
        Explanation(samples.CAT, Choice(0, word), reasons, 1.0, 0.0, "[MASK]", 16, rather=Choice(1, word)),
        Surprisal(source, (JudgedToken(0, 3.0, ((word, 0.5),)),), True),
        Unmasked(samples.MASKED, ((Candidate(0, word, 0.5, ""),),)),
        LayerPredictions(samples.MASKED, ((LayerPrediction(word, 0.5, 0.5, 1),) * 3,)),
        source,
        Variants((word, "b"), (samples.mood(0.9), samples.mood(0.2)), "{a|b}"),
        SentimentBatch((Sentiment(source, samples.mood(0.9).scores),) * 2),
    ]
    for result in results:
        assert code_span(word.strip(), 40) in layout_of(result).headline(ENGLISH, result, ViewState())
    words = code_span(display_token(word), 40)
    path = WordPath(4, word, (2, 1), (0.1, 0.5))
    lens = LensMap(samples.MASKED, (("a",) * 9,) * 2, np.ones((2, 9), np.float32), (path,))
    patching = replace(samples.patching(samples.MASKED, samples.ROME, 2, 2, 4), answers=(word, "b"))
    assert all(words in layout_of(one).headline(ENGLISH, one, ViewState()) for one in (lens, patching))
