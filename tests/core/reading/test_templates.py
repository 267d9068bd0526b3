"""Templates, and versions of a text side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Core
from core.errors import BadInput
from core.reading.templates import expand_template, is_template
from core.render import VariantBars
from core.results import Score, Sentiment, Variants
from tests.core.render.golden import samples
from tests.core.tasks.test_sentiment_questions import settings as core_settings


def test_a_slot_gives_a_text_for_each_filling() -> None:
    assert expand_template("in { France |Iceland|France}.") == [("France", "in France."), ("Iceland", "in Iceland.")]
    assert expand_template("a {very|} good film") == [("very", "a very good film"), ("", "a good film")]


@pytest.mark.parametrize("text", ["", "a {b} c", "a | b", "{", "{}", "a {b} | {c}"])
def test_braces_and_bars_alone_are_no_slot(text: str) -> None:
    assert not is_template(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{a|b} and {c|d}", "only one"),
        ("none", "only one"),
        ("{a|a}", r"slot: 1\."),
        ("{" + "|".join(map(str, range(21))) + "}", r"slot: 21\."),
    ],
)
def test_templates_that_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        expand_template(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        found = expand_template(text)
    except BadInput:
        return
    assert is_template(text)
    assert 2 <= len(found) == len({filling for filling, _ in found}) <= 20


async def test_every_filling_is_scored_as_a_text_of_its_own(models: Path) -> None:
    async with Core.open(core_settings(models, "distilbert-classifier")) as core:
        found = await core.variants("the {good|bad|} film")
        alone = [await core.sentiment(text) for text in ("the good film", "the bad film", "the film")]
        with pytest.raises(BadInput, match="changed"):
            await core.changed("the cat", "the cat")
        with pytest.raises(BadInput, match="empty"):
            await core.changed("the cat", " ")
    assert found.names == ("good", "bad", "")
    for answer, expected in zip(found.answers, alone, strict=True):
        assert answer.source.text == expected.source.text
        assert [score.label for score in answer.scores] == [score.label for score in expected.scores]
    for label in found.labels:
        expected_shares = [{s.label: s.value for s in one.scores}[label] for one in alone]
        assert found.values(label) == pytest.approx(expected_shares, abs=1e-5)


def variants(*shares: float, template: str = "") -> Variants:
    answers = tuple(Sentiment(samples.CAT, (Score("POSITIVE", p), Score("NEGATIVE", 1 - p))) for p in shares)
    return Variants(tuple(f"v{number}" for number in range(len(shares))), answers, template)


def test_a_change_is_told_for_every_label() -> None:
    view = VariantBars(variants(0.9, 0.4))
    alt = view.draw().alt
    assert "POSITIVE (−50.0 points): as it was 90.0%, changed 40.0%." in alt
    assert "NEGATIVE (+50.0 points)" in alt
    assert view.table().rows[-1] == ("difference", "−0.500000", "+0.500000")


def test_a_template_of_a_binary_model_needs_one_chart() -> None:
    view = VariantBars(variants(0.9, 0.4, 0.05, template="the {v0|v1|v2}"))
    alt = view.draw().alt
    assert "POSITIVE (from 5.0% to 90.0%): v0 90.0%, v1 40.0%, v2 5.0%." in alt
    assert "NEGATIVE (" not in alt
    assert len(view.table().rows) == 3
