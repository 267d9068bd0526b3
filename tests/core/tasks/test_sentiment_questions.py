"""Which words speak for a label, and what is too close to call."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from PIL import Image
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from core import Core, CoreSettings
from core.errors import BadInput
from core.render import AttributionBars, SentimentBars
from core.render.kit.drawing.palette import DARK
from core.results import Choice, Explanation, Score, Sentiment, WordContribution
from core.tasks.explaining.attribution import integrate
from tests.core.render.golden import samples

CLASSIFIERS = ["bert-classifier", "distilbert-classifier"]
TEXT = "i love this film, very good!"


def settings(models: Path, name: str) -> CoreSettings:
    roles = ("sentiment_model", "unmask_model", "tokens_model", "attention_model")
    return CoreSettings(**{role: str(models / name) for role in roles}, threads=1, device="cpu")


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.floats(-10, 10), min_size=2, max_size=8), st.integers(1, 9))
def test_a_linear_function_is_explained_completely_and_exactly(weights: list[float], steps: int) -> None:
    weight = torch.tensor([weights], dtype=torch.float64)
    start, end = torch.full_like(weight, 0.25), torch.linspace(-1, 2, len(weights), dtype=torch.float64)[None]
    found = integrate(lambda points: weight.expand(len(points), -1), start, end, steps)
    assert found == pytest.approx(weight * (end - start), abs=1e-12)


def test_the_midpoint_rule_is_exact_for_a_square_and_lets_no_end_out() -> None:
    """F(x) = x²; a rule that uses one end of the line would be wrong by a step's worth."""
    start, end = torch.zeros(1, 1), torch.full((1, 1), 3.0)
    for steps in (1, 2, 16):
        assert float(integrate(lambda points: 2 * points, start, end, steps)) == pytest.approx(9)


class Plain:
    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()

    def logits(self, ids: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            return self.model(torch.tensor([ids])).logits[0]


@pytest.mark.parametrize("name", CLASSIFIERS)
async def test_a_label_is_explained_in_logits(models: Path, name: str) -> None:
    plain = Plain(models / name)
    async with Core.open(settings(models, name)) as core:
        found = await core.why(TEXT)
        scores = (await core.sentiment(TEXT)).scores
    ids, blank = found.source.ids, plain.tokenizer.mask_token_id
    logits = plain.logits(ids)
    label = int(logits.argmax())
    assert found.answer.name == scores[0].label == plain.model.config.id2label[label]
    assert found.baseline == "[MASK]"
    assert found.logit == pytest.approx(float(logits[label]), abs=1e-5)
    empty = [ids[0], *[blank] * (len(ids) - 2), ids[-1]]
    assert found.start == pytest.approx(float(plain.logits(empty)[label]), abs=1e-5)
    assert [reason.word for reason in found.reasons] == ["i", "love", "this", "film", ",", "very", "good", "!"]
    for places, reason in zip(found.source.words, found.reasons, strict=True):
        masked = [blank if place in places else id for place, id in enumerate(ids)]
        assert reason.masked == pytest.approx(found.logit - float(plain.logits(masked)[label]), abs=1e-5)


@pytest.mark.parametrize("name", CLASSIFIERS)
async def test_steps_are_added_until_the_sum_is_right_or_it_is_said(models: Path, name: str) -> None:
    async with Core.open(settings(models, name)) as core:
        found = [await core.why(text) for text in (TEXT, "the cat sat", "bad", "of hate 10")]
    for one in found:
        assert one.steps in (16, 32, 64, 128)
        assert one.error <= 0.05 or one.steps == 128
        total = sum(reason.gradients for reason in one.reasons)
        assert one.error == pytest.approx(abs(total - (one.logit - one.start)) / abs(one.logit - one.start))
        assert ("too large to rely on" in AttributionBars(one).draw().alt) == (one.error > 0.05)
    assert len({one.steps for one in found}) > 1, "these texts should need different numbers of steps"


async def test_the_pieces_of_a_word_are_added_up(models: Path) -> None:
    async with Core.open(settings(models, "bert-classifier")) as core:
        found = await core.why("lovely film")
    assert [reason.word for reason in found.reasons] == ["lovely", "film"]
    assert len(found.source.tokens) > 4


async def test_a_long_text_is_not_explained(models: Path) -> None:
    async with Core.open(settings(models, "bert-classifier")) as core:
        with pytest.raises(BadInput, match="48"):
            await core.why("the cat " * 30)


def explained(*amounts: tuple[str, float, float]) -> Explanation:
    reasons = tuple(WordContribution(*one) for one in amounts)
    return Explanation(samples.CAT, Choice(0, "POSITIVE"), reasons, 2.0, 0.5, "[MASK]", 16, labels=samples.LABELS)


def test_reasons_are_drawn_on_the_side_of_their_sign_to_one_scale() -> None:
    picture = Image.open(io.BytesIO(AttributionBars(explained(("good", 1.0, -0.5), ("bad", -0.25, 0.5))).draw().png))
    pixels = np.asarray(picture.convert("RGB"))

    ink, track = ((pixels == colour).all(axis=-1) for colour in (DARK.bar, DARK.track))
    rows = ink[track.sum(axis=1) > 100]  # of the bars: the text above them has marks of its own
    assert sorted({int(width) for width in rows.sum(axis=1)}) == pytest.approx([54, 64, 108, 129], abs=4)
    assert not (pixels == DARK.second).all(axis=-1).any()  # one label, one colour: what is against it is hatched


def test_reasons_are_told_with_signs() -> None:
    view = AttributionBars(explained(("good", 1.0, -0.5), ("bad", -0.25, 0.0), ("so", 0.00002, 0.001)))
    assert view.table().rows == (("good", "+1.00", "−0.50"), ("bad", "−0.25", "0"), ("so", "+2e−05", "+0.001"))
    alt = view.draw().alt
    assert "good +1.00 / −0.50" in alt
    assert "error 50.0%" in alt
    assert alt.startswith("Masked alone, “good” counts most: it speaks against POSITIVE (−0.50).")
    assert "The gradients do not add up" in alt


def test_of_many_words_the_strongest_are_drawn_and_all_are_told() -> None:
    view = AttributionBars(explained(*((f"w{number}", number / 100, 0.0) for number in range(60))))
    assert view.draw().height < 1800
    assert len(view.table().rows) == 60


@pytest.mark.parametrize(
    ("probabilities", "uncertain"), [((0.69, 0.31), True), ((0.71, 0.29), False), ((0.4, 0.35, 0.25), False)]
)
def test_only_two_labels_can_be_too_close_to_call(probabilities: tuple[float, ...], uncertain: bool) -> None:
    labels = ("POSITIVE", "NEGATIVE", "NEUTRAL")
    scores = tuple(Score(*pair) for pair in zip(labels, probabilities, strict=False))
    result = Sentiment(samples.CAT, scores)
    assert result.uncertain == uncertain
    alt = SentimentBars(result).draw().alt
    assert ("unsure" in alt) == ("less than 40 points apart" in alt) == uncertain
