"""Words and picture never contradict each other: of any result, whatever a view says is what it draws and lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.maps.difference import subtract_maps
from core.render import (
    AttributionBars,
    HeadMap,
    HeadView,
    LayerFilm,
    LensesView,
    LogitLensBars,
    NormView,
    OverviewGrid,
    RolloutView,
    SentimentBars,
    SentimentStrips,
    TokenView,
    TourView,
    UnmaskBars,
    VariantBars,
    WindowStrips,
)
from core.render.kit.drawing import text as letters
from core.results import (
    AttentionMap,
    Candidate,
    Choice,
    Explanation,
    LayerPrediction,
    LayerPredictions,
    ModelInfo,
    Norms,
    ProblemType,
    Score,
    Sentiment,
    SentimentBatch,
    Tokenization,
    Unmasked,
    Variants,
    WindowScores,
    WordContribution,
)
from tests.core.render.golden import samples
from tests.core.render.golden.samples import View

NUMBER = re.compile(r"(?<![\w.:])[<>]?[+−-]?\d+(?:\.\d+)?(?:e[+−]\d+)?%?")
CELL = re.compile(r"(?P<row>\S+) → (?P<column>\S+) (?P<weight>[+−]?\d[\d.e+−]*\d)")
MODEL = ModelInfo("m")
CHANCE = st.sampled_from([0.0, 1.0, 1e-9, 0.0004, 0.9996]) | st.floats(0, 1, width=32)
AMOUNT = st.sampled_from([0.0, -0.105, 1e-5, -1234.5]) | st.floats(-50, 50, width=32)


def drawn(view: View) -> tuple[str, str, str]:
    """The alternative text of a view, every text that is written on its picture, and every cell of its table."""
    written: list[str] = []
    draw = letters._drawn

    def noted(text: str, *rest: object) -> object:
        written.append(text)
        return draw(text, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(letters, "_drawn", noted)
        letters.line.cache_clear()
        alt = view.draw().alt
    return alt, "\n".join(written), "\n".join(cell for row in view.table().rows for cell in row)


def numbers(text: str) -> set[str]:
    """Every number that is written with decimals or as a percentage; dates and counts are words."""
    return {found for found in NUMBER.findall(text) if "%" in found or "." in found or "e" in found}


# Bars: every number that is told is on the picture, too.


@st.composite
def sentiments(draw: st.DrawFn, problem: ProblemType, labels: int) -> Sentiment:
    values = draw(st.lists(AMOUNT if problem == "regression" else CHANCE, min_size=labels, max_size=labels))
    if problem == "single_label_classification":
        values = [value / (sum(values) or 1) for value in values]
    scores = (Score(f"L{number}", value) for number, value in enumerate(values))
    return Sentiment(samples.CAT, tuple(sorted(scores, key=lambda score: -score.value)), problem=problem)


@st.composite
def bars(draw: st.DrawFn) -> View:
    """Any view of what is not attention."""
    problem: ProblemType = draw(
        st.sampled_from(["single_label_classification", "multi_label_classification", "regression"])
    )
    labels = draw(st.integers(1, 4))
    some = [draw(sentiments(problem, labels)) for _ in range(draw(st.integers(2, 4)))]
    words = st.lists(st.tuples(st.sampled_from(["ab", "cd", "ef"]), CHANCE), min_size=1, max_size=5)
    masks = [sorted(draw(words), key=lambda pair: -pair[1]) for _ in range(2)]
    candidates = tuple(tuple(Candidate(0, word, chance, word) for word, chance in mask) for mask in masks)
    windows = tuple(WindowScores(0, 9, 2, one.scores) for one in some)
    guesses = tuple(LayerPrediction("ab", draw(CHANCE), draw(CHANCE), draw(st.integers(1, 3))) for _ in range(3))
    reasons = tuple(WordContribution(word, draw(AMOUNT), draw(AMOUNT)) for word in ("ab", "cd", "ef"))
    last = (*guesses, LayerPrediction("ab", guesses[0].answer, guesses[0].answer, 1))
    return draw(
        st.sampled_from(
            [
                SentimentBars(some[0]),
                SentimentStrips(SentimentBatch(tuple(some))),
                WindowStrips(Sentiment(samples.CAT, some[0].scores, windows, problem)),
                VariantBars(Variants(("as it was", "changed"), tuple(some[:2]))),
                VariantBars(Variants(tuple(f"v{number}" for number in range(len(some))), tuple(some), "a {b|c}")),
                UnmaskBars(Unmasked(samples.MASKED, candidates)),
                AttributionBars(
                    Explanation(
                        samples.CAT, Choice(0, "L0"), reasons, draw(AMOUNT), draw(AMOUNT), "[MASK]", 16, labels=("L0",)
                    )
                ),
                LogitLensBars(LayerPredictions(samples.MASKED, (last,))),
            ]
        )
    )


@given(bars())
def test_no_number_is_told_that_is_not_drawn(view: View) -> None:
    alt, written, listed = drawn(view)
    exact = [float(cell.replace("−", "-")) for cell in listed.split("\n") if re.fullmatch(r"[+−]?\d+\.\d+", cell)]
    if isinstance(view, LogitLensBars):  # whose bars have no numbers beside them
        told = [float(share) for share in re.findall(r"ab [<>]?(\d+\.\d)%", alt)]
        assert all(min(abs(100 * value - share) for value in exact) <= 0.1 for share in told)
        return
    unsaid = numbers(alt) - numbers(written)
    strips = isinstance(view, SentimentStrips | WindowStrips)  # of several likely labels the first is drawn: "+1"
    told = [float(re.sub(r"[<>%]", "", share)) for share in unsaid]  # the table is rounded, too: a tenth either way
    assert (strips or not unsaid) and all(min(abs(100 * value - share) for value in exact) <= 0.1 for share in told)


# Maps: every link that is told is a cell of the table, and none that should have been told is larger.


def source(words: str, special: bool = True) -> Tokenization:
    found = samples.by_spelling(samples.tokenization(words, words.split(), MODEL))
    return found if special else Tokenization(words, MODEL, found.tokens[1:-1])


@st.composite
def maps(draw: st.DrawFn, words: str = "", special: bool | None = None, causal: bool | None = None) -> AttentionMap:
    """Any weights over a few words, such as many that are all the same, and perhaps nothing but special tokens."""
    words = words or " ".join("abcdefgh"[: draw(st.integers(1, 5))])
    text = source(words, draw(st.booleans()) if special is None else special)
    size, seed = len(text.tokens), draw(st.integers(0, 2**16))
    sharp = draw(st.sampled_from([0.0, 1.0, 30.0]))
    scores = np.exp(sharp * np.random.default_rng(seed).random((2, 2, size, size)))
    causal = draw(st.booleans()) if causal is None else causal
    scores = np.tril(scores) if causal else scores
    weights = scores / scores.sum(axis=-1, keepdims=True)
    norms = Norms(np.ones((2, 2, size), np.float32), weights.mean(axis=1).astype(np.float32))
    return AttentionMap(text, weights.astype(np.float16), causal, norms=norms)


@st.composite
def differences(draw: st.DrawFn) -> AttentionMap:
    one, other = draw(st.sampled_from([("a", "b"), ("a b c", "a d c"), ("a b", "a"), ("a b c d", "a c b d")]))
    special, causal = draw(st.booleans()) or len(one) == 1, draw(st.booleans())
    return subtract_maps("t", draw(maps(one, special, causal)), draw(maps(other, special, causal)))


@st.composite
def cross(draw: st.DrawFn) -> AttentionMap:
    made = draw(maps())
    rows = source("x y", draw(st.booleans()))
    count = min(len(rows.tokens), len(made.source.tokens))
    rows = Tokenization(rows.text, MODEL, rows.tokens[:count])
    return AttentionMap(made.source, made.weights[:, :, :count], rows=rows)


ANY_MAP = maps() | differences() | cross()
SQUARES: list[Callable[[AttentionMap], HeadView | NormView | RolloutView]] = [
    lambda of: HeadView(of, 2, 1),
    lambda of: HeadView(of, 1, None),
    lambda of: HeadView(of, 1, 2, shown="plain"),
    lambda of: HeadView(of, 1, 2, shown="words"),
    lambda of: NormView(of, 1, 2),
    lambda of: RolloutView(of),
]


@given(ANY_MAP, st.sampled_from(SQUARES))
def test_links_are_told_as_they_are_listed_and_drawn(attention: AttentionMap, make: Callable[..., HeadView]) -> None:
    with suppress(BadInput, ValueError):
        view = make(attention)
        if attention.is_self_attention or isinstance(view, HeadView):
            check_square(view)


def check_square(view: HeadView | NormView | RolloutView) -> None:
    alt, written, _ = drawn(view)
    full, signed = view.full(), view.map.signed
    cells = {
        (row[0], name): float(cell.replace("−", "-"))
        for row in full.rows
        for name, cell in zip(full.header[1:], row[1:], strict=True)
    }
    ordinary = {link: weight for link, weight in cells.items() if not any(name.startswith("[") for name in link)}
    eligible = cells if signed else {link: weight for link, weight in ordinary.items() if link[0] != link[1]}
    told = [(found["row"], found["column"], found["weight"]) for found in CELL.finditer(alt)]
    for row, column, weight in told:
        assert float(weight.replace("−", "-")) == pytest.approx(cells[row, column], abs=0.0051)
    largest = max(map(abs, eligible.values()), default=0.0)
    if told:
        assert abs(cells[told[0][:2]]) == pytest.approx(largest, abs=1e-3)
    else:
        assert largest < 1e-3
    if signed:
        assert ("Nothing differs" in alt) == (not told)
    percents = {text for text in written.split("\n") if re.fullmatch(r"[+−]?\d{1,3}", text)}
    for weight in cells.values():
        shown = f"{100 * weight:+.0f}".replace("-", "−") if signed else f"{100 * weight:.0f}"
        assert abs(weight) < 0.0051 or abs(100 * weight % 1 - 0.5) < 0.01 or shown in percents


@given(ANY_MAP)
def test_the_other_views_of_a_map_tell_what_they_list(attention: AttentionMap) -> None:
    views: list[View] = [LayerFilm(attention, 0), OverviewGrid(attention, 2, 1)]
    if not attention.signed:
        views.append(TokenView(attention, 2, 1, 0))
    if attention.is_self_attention:
        views += [LensesView(attention, 2, 1), HeadMap(attention)]
    with suppress(BadInput):
        views.append(TourView(attention)) if TourView(attention).draw() else None
    for view in views:
        alt, written, listed = drawn(view)
        links = CELL.findall(alt)
        if not isinstance(view, LensesView):  # whose table says of each token what it looks at most, itself included
            assert all(f"{column} {weight}" in listed for _, column, weight in links)
        if not isinstance(view, HeadMap | OverviewGrid):  # whose numbers are means, and of the heads of a tour
            assert numbers(alt) - {weight for *_, weight in links} <= numbers(written) | numbers(listed)


@given(differences())
def test_a_film_of_a_difference_says_what_differs(attention: AttentionMap) -> None:
    view = LayerFilm(attention, 0)
    for layer, row in enumerate(view.table().rows):
        differs = bool(np.abs(attention.weights[layer, :, 0].astype(np.float32).mean(axis=0)).max())
        assert bool(row[1]) == differs
