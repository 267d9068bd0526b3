"""No picture is taller than people can look at, however much there is to show; what is left out is in the table."""

from __future__ import annotations

import numpy as np
import pytest

from core.render import (
    AblationGrid,
    AttributionBars,
    ComparisonView,
    HeadMap,
    HeadView,
    LabView,
    LayerFilm,
    LensesView,
    LensGrid,
    LogitLensBars,
    NormView,
    OverviewGrid,
    PatchingGrid,
    SentimentBars,
    SentimentStrips,
    SurprisalStrip,
    TokenStrip,
    TokenView,
    TourView,
    TwoHeads,
    TwoHeadsDifference,
    TwoSentimentBars,
    TwoUnmaskBars,
    UnmaskBars,
    VariantBars,
    WeightView,
    WindowStrips,
    WritingView,
)
from core.results import (
    AttentionMap,
    Candidate,
    Chance,
    Choice,
    Explanation,
    LayerPredictions,
    ModelInfo,
    NextToken,
    Sampling,
    Score,
    Sentiment,
    SentimentBatch,
    Target,
    Tokenization,
    TokenizerComparison,
    TwoFillings,
    TwoMaps,
    TwoSentiments,
    Unmasked,
    Variants,
    WindowScores,
    WordContribution,
    WorkedExercise,
    Written,
)
from tests.core.render.golden import samples
from tests.core.render.golden.samples import MODEL, View

TALLEST = 4096
LABELS = 200
LONG_TEXT = "word " * 400
LONG = samples.tokenization(LONG_TEXT, ["word"] * 400, ModelInfo("someone/" + "a-long-name-" * 8, bundled=True))


def scored(labels: int, problem: str = "multi_label_classification") -> Sentiment:
    scores = tuple(Score(f"label {number} " + "x" * 40, 1 / (number + 1)) for number in range(labels))
    return Sentiment(LONG, scores, problem=problem)  # type: ignore[arg-type]


def unmasked(masks: int, top: int, targets: int) -> Unmasked:
    words = tuple(Candidate(number, f"word{number}", 1 / (number + 2), LONG_TEXT) for number in range(top))
    compared = tuple(Target(f"target {number}", ("a", "b"), 1 / (number + 2)) for number in range(targets))
    return Unmasked(LONG, (words,) * masks, targets=(compared,) * masks if targets else ())


def attention(layers: int, heads: int, tokens: int) -> AttentionMap:
    return samples.with_norms(samples.attention(samples.first(LONG, tokens), layers, heads))


def worked(size: int) -> WorkedExercise:
    matrix = np.full((size, size), -999.25, np.float32)
    steps = ("query", "key", "value", "scores", "scaled", "masked", "weights", "output")
    return samples.stepped(dict.fromkeys(steps, matrix))


def reasons(count: int) -> tuple[WordContribution, ...]:
    return tuple(WordContribution(f"word{number}", number / 100, 0.0) for number in range(count))


def written(count: int, word: str) -> Written:
    source = samples.tokenization(f"{word} " * 80, [word] * 80)
    tokens = source.tokens[1 : 11 + count]
    following = tuple(NextToken(number, f"word{number}", 1 / 2**number, 0.0) for number in range(1, 51))
    chances = (Chance(1e-9, 99),) * count
    source = Tokenization(source.text[: tokens[-1].end], MODEL, tokens)
    return Written(source, source.text[: tokens[9].end], chances, Sampling(), following, (50, 50), 10**5)


def windows(count: int) -> Sentiment:
    whole = scored(LABELS)
    parts = tuple(WindowScores(0, 40, 9, whole.scores) for _ in range(count))
    return Sentiment(whole.source, whole.scores, parts, whole.problem)


DEEP = [(80, 8), (96, 1), (96, 96), (48, 25)]
TALL: dict[str, tuple[View, int]] = {
    "a label for everything": (SentimentBars(scored(LABELS)), LABELS),
    "what if 28 labels": (VariantBars(Variants(("as it was", "changed"), (scored(28),) * 2)), 3),
    "20 fillings of 28 labels": (
        VariantBars(Variants(tuple(map(str, range(20))), (scored(28),) * 20, LONG_TEXT)),
        20,
    ),
    "10 texts": (SentimentStrips(SentimentBatch((scored(LABELS),) * 10)), 10),
    "16 windows": (WindowStrips(windows(16)), 17),
    "10 targets": (UnmaskBars(unmasked(6, 5, 10)), 6 * 5 + 6 * 10),
    "six gaps": (UnmaskBars(unmasked(6, 20, 0)), 6 * 20),
    "six gaps and 10 targets": (UnmaskBars(unmasked(6, 20, 10)), 6 * 30),
    "three gaps and 10 targets": (UnmaskBars(unmasked(3, 20, 10)), 3 * 30),
    "a deep model": (LogitLensBars(LayerPredictions(LONG, (samples.guesses(*range(97, 0, -1)),) * 6)), 6 * 97),
    **{
        f"without each of {layers} × {heads}": (AblationGrid(samples.ablated(layers, heads)), layers * (heads + 2))
        for layers, heads in DEEP
    },
    "a lens over 256 tokens": (LensGrid(samples.lens(samples.first(LONG, 256), 5, (200,))), 6 * 256 + 2 * 6),
    "a lens through a deep model": (LensGrid(samples.lens(samples.first(LONG, 20), 96, (3,))), 97 * 20 + 2 * 97),
    **{
        f"patching of {layers} × {heads}": (
            PatchingGrid(samples.patching(samples.FORTY, samples.exchanged(samples.FORTY), layers, heads, 30)),
            layers * heads + (layers + 1) * 44,
        )
        for layers, heads in DEEP
    },
    "without each of three stacks": (
        AblationGrid(samples.ablated(24, 16, ("encoder", "decoder", "cross"))),
        24 * (3 * 17 + 2),
    ),
    "28 labels of two": (TwoSentimentBars(TwoSentiments((scored(28),) * 2)), 28),
    "all labels of two": (TwoSentimentBars(TwoSentiments((scored(LABELS), scored(LABELS - 1)))), 2 * LABELS - 1),
    "six gaps, two models": (TwoUnmaskBars(TwoFillings((unmasked(6, 20, 10),) * 2)), 2 * 6 * 30),
    "256 tokens of two": (TwoHeads(TwoMaps((attention(2, 2, 256), attention(2, 2, 255)))), 511),
    "their difference": (TwoHeadsDifference(TwoMaps((attention(2, 2, 256),) * 2)), 256),
    "64 tokens written": (WritingView(written(64, "internationalisation")), 64 + 50),
    "many words": (AttributionBars(Explanation(LONG, Choice(0, "A"), reasons(300), 1, 0, "[MASK]", 16)), 300),
    "many improbable tokens": (SurprisalStrip(samples.surprised(LONG)), 402),
    "many tokens": (TokenStrip(LONG), 402),
    "four tokenizers": (ComparisonView(TokenizerComparison((LONG,) * 4)), 4),
    "the largest exercise": (LabView(worked(8)), 8 * 8),
    "256 tokens": (HeadView(attention(2, 2, 256), 1, 1), 256),
    "a weight of 256 dimensions": (WeightView(samples.attention_row(LONG, 3, 256), 399), 256),
    "80 tokens": (NormView(attention(2, 2, 80), 1, 1), 80),
    "one of many": (TokenView(attention(2, 2, 256), 1, 1, 3), 256),
    "a long film": (LayerFilm(attention(3, 2, 120), 7), 3),
    "many lenses": (LensesView(attention(2, 2, 256), 1, 1), 256),
    "a long tour": (TourView(attention(4, 4, 256)), 1),
    **{
        f"all of {layers} × {heads}": (OverviewGrid(attention(layers, heads, 6), 1, 1), layers)
        for layers, heads in DEEP
    },
    **{f"map of {layers} × {heads}": (HeadMap(attention(layers, heads, 6)), layers * heads) for layers, heads in DEEP},
}


@pytest.mark.parametrize("name", TALL)
def test_no_picture_is_too_tall_and_the_table_has_all(name: str) -> None:
    view, rows = TALL[name]
    assert view.draw().height <= TALLEST
    assert len(view.table().rows) >= rows


def test_what_is_left_out_is_counted() -> None:
    """By what the picture says: a row of dim letters below the bars that are there."""
    few, many = (SentimentBars(scored(count)).draw().height for count in (60, 61))
    assert many - few == 46
    assert SentimentBars(scored(100)).draw().height == SentimentBars(scored(LABELS)).draw().height
