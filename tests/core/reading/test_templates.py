"""Templates, and versions of a text side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Core
from core.errors import BadInput
from core.reading.templates import expand_template, find_slots, is_template, unescape
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
    "text",
    [
        "if (x) { return a || b; }",
        "{a || b}",
        "mask = {a | b}",
        "flags {O_RDONLY | O_CREAT}",
        "names.each { |name| puts name }",
        "map(|x| { |y| y })",
        "{x|x>0}",
        "the set { x | x is even }",
        "{n ∈ ℕ | n prime}",
        "{ y | 0 ≤ y ≤ 1 }",
        r"\{x | x even\}",
        r"$\left\{ x | y \right\}$",
        r"\mathbb{x|y}",
        "E_{x|y} and p^{a|b}",
        r"\frac{p}{q|r}",
        '{"pattern": "good|bad"}',
        "{pattern: 'good|bad'}",
        "{mood:string|number}",
        "{{ name | upper }}",
        "${name|upper}",
        "write `{good|bad}` there",
        "```\n{good|bad}\n```",
        "{\n  good | bad\n}",
        "{good|print(bad)}",
        r"the \{good|bad} film",
    ],
)
def test_braces_of_code_and_mathematics_are_no_slot(text: str) -> None:
    assert not is_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "{France|Iceland}",
        "He is un{happy|lucky}.",
        "{He|She}'s a {nice} nurse",
        "at {12:30|noon}",
        "{$20|$30} is what it costs",
        "I am { very | not at all } happy {",
        "fine {:)|:(}",
        "{he/she|they} said",
        "{a|a very} good film",
        "{|very} good",
        "यह {अच्छी|बुरी} फ़िल्म है",
        "{素晴らしい|ひどい}映画",
        "{😀|😡}",
        '{"good"|"bad"}',
        "costs `5` and {good|bad} `x`",
    ],
)
def test_what_reads_as_a_slot_is_one(text: str) -> None:
    assert is_template(text) and len(expand_template(text)) == 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (r"the \{good|bad} film", "the {good|bad} film"),
        (r"\{x|x>0} \{a} \n", r"\{x|x>0} \{a} \n"),  # nothing to escape there: backslashes are what was written
        ("plain", "plain"),
    ],
)
def test_a_backslash_keeps_braces_that_would_be_a_slot(typed: str, read: str) -> None:
    assert not is_template(typed) and unescape(typed) == read


def test_a_slot_beside_braces_that_are_kept() -> None:
    assert expand_template(r"\{a|b} is {good|bad}") == [("good", "{a|b} is good"), ("bad", "{a|b} is bad")]


@settings(deadline=None)
@given(st.text(alphabet="{}| ab`=", max_size=30))
def test_every_slot_can_be_escaped(text: str) -> None:
    escaped = text
    while slots := find_slots(escaped):
        escaped = escaped[: slots[0].start()] + "\\" + escaped[slots[0].start() :]
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{a|b} ;; and", "one text"),
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
