"""What changes the meaning of a picture is in the picture, for pictures travel alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.render import (
    AblationGrid,
    AttributionBars,
    ComparisonView,
    LensGrid,
    LogitLensBars,
    PatchingGrid,
    SentimentBars,
    SentimentStrips,
    SurprisalStrip,
    UnmaskBars,
    VariantBars,
    WindowStrips,
)
from core.render.kit.drawing import text as letters
from core.results import (
    Choice,
    Explanation,
    LayerPredictions,
    ModelInfo,
    SentimentBatch,
    TokenizerComparison,
    Unmasked,
    Variants,
    WindowScores,
)
from tests.core.render.golden import samples

SCORED = replace(samples.mood(0.9), source=samples.PIECES)
KNOWN = samples.mood(0.3)
UNKNOWN: dict[str, Any] = {
    "sentiment": SentimentBars(SCORED),
    "several": SentimentStrips(SentimentBatch((KNOWN, KNOWN, SCORED))),
    "windows": WindowStrips(replace(SCORED, windows=(WindowScores(0, 10, 3, SCORED.scores),) * 2)),
    "what if": VariantBars(Variants(("as it was", "changed"), (KNOWN, SCORED))),
    "fillings": VariantBars(Variants(("cat", "dog"), (KNOWN, SCORED), "{cat|dog}")),
    "why": AttributionBars(
        Explanation(samples.PIECES, Choice(0, "POSITIVE"), samples.reasons(samples.PIECES), 1.0, 0.0, "[MASK]", 16)
    ),
    "surprisal": SurprisalStrip(samples.surprised(samples.PIECES)),
    "unmask": UnmaskBars(Unmasked(samples.PIECES, samples.unmasked((("a", 0.5),)).masks)),
    "ablation": AblationGrid(samples.ablated(2, 2, source=samples.PIECES)),
    "lens": LensGrid(samples.lens(samples.PIECES, 2, (3,))),
    "patching": PatchingGrid(
        samples.patching(
            samples.PIECES,
            replace(
                samples.PIECES, tokens=samples.PIECES.tokens[:3] + samples.CAT.tokens[1:2] + samples.PIECES.tokens[4:]
            ),
            2,
            2,
            4,
        )
    ),
    "layers": LogitLensBars(LayerPredictions(samples.PIECES, (samples.guesses(2, 1, 1),))),
}


def written(view: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is written on a picture."""
    found, draw = list[str](), letters._drawn
    letters.line.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(letters, "_drawn", lambda text, *rest: found.append(text) or draw(text, *rest))
        view.draw()
    return found


@pytest.mark.parametrize("name", UNKNOWN)
def test_words_that_the_model_could_not_see_are_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The model saw only “unknown” for “great🎉”"
    assert f"⚠ {said}" in written(UNKNOWN[name], monkeypatch)
    assert said in UNKNOWN[name].draw().alt


def test_nothing_is_said_where_everything_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sentiment", "several", "what-if", "why", "unmask", "layers-light", "ablation"):
        assert not [text for text in written(samples.PICTURES[name](), monkeypatch) if "⚠" in text]


def test_what_was_not_read_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    view = samples.PICTURES["windows-light"]()
    assert "⚠ 10 characters at the end were not read." in written(view, monkeypatch)
    assert "10 characters at the end were not read." in view.draw().alt


def test_the_caution_below_fillings_is_true_of_any_words() -> None:
    """Not only of names: with and without “not”, say, where the answer is meant to move."""
    alt = samples.PICTURES["variants"]().draw().alt
    assert "Where a word that should not matter moves the answer" in alt and "A name" not in alt


def test_a_comparison_names_what_each_tokenizer_lacks_and_shows_every_token(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"word{number}" for number in range(80)]
    long = [samples.tokenization(" ".join(words), words, ModelInfo(f"m{number}")) for number in range(3)]
    texts = written(ComparisonView(TokenizerComparison((samples.PIECES, *long))), monkeypatch)
    assert "⚠ Unknown to its vocabulary: “great🎉”." in texts
    assert {*words, "[CLS]", "[SEP]", "believ", "great🎉"} <= set(texts)
    assert not [text for text in texts if text.startswith("showing")]
    endless = samples.tokenization(" ".join(words * 9), words * 9)
    cut = written(ComparisonView(TokenizerComparison((samples.CAT, endless, endless))), monkeypatch)
    assert len([text for text in cut if text.startswith("showing 1–")]) == 1  # the same line twice is drawn once
    assert {"tired", "[SEP]"} <= set(cut)  # the short one has all its rows


def test_a_picture_has_one_caution_and_says_nothing_of_small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    small = ModelInfo("bundled/minilm", bundled=True)
    view = SentimentBars(replace(KNOWN, source=replace(samples.CAT, model=small)))
    plain = SentimentBars(replace(KNOWN, source=replace(samples.CAT, model=ModelInfo("bundled/minilm"))))
    assert written(view, monkeypatch) == written(plain, monkeypatch)
