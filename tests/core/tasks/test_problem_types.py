"""What the numbers of a classifier are: against the pipeline, on a model of each kind."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BertForSequenceClassification, pipeline

from cogs.cards.layouts import layout_of
from cogs.cards.view_state import ViewState
from core import Core, CoreSettings
from core.language import ENGLISH
from core.models.metadata import problem_type
from core.render.kit.drawing.palette import DARK
from core.results import Result, Score, Sentiment, SentimentBatch, Variants, WindowScores
from tests import tiny
from tests.core.render.golden import samples

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "regression": ({"problem_type": "regression", "num_labels": 1}, "regression"),
    "one label": ({"num_labels": 1}, "multi_label_classification"),
    "one name": ({"id2label": {0: "POSITIVE"}}, "multi_label_classification"),
    "two numbers": ({"problem_type": "regression", "num_labels": 2}, "regression"),
    "several labels": ({"problem_type": "multi_label_classification", "num_labels": 3}, "multi_label_classification"),
    "one of three": ({"problem_type": "single_label_classification", "num_labels": 3}, "single_label_classification"),
    "unsaid": ({}, "single_label_classification"),
}
TEXTS = ["i love this film", "the cat sat on the mat.", "bad"]


@pytest.fixture(scope="module", params=list(KINDS))
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    options, problem = KINDS[request.param]
    folder = tmp_path_factory.mktemp("classifier")
    torch.manual_seed(0)
    tiny.save(folder, BertForSequenceClassification(tiny.bert(**options)), tiny.word_piece())
    return folder, problem


async def test_numbers_are_those_of_the_pipeline_and_called_what_they_are(kind: tuple[Path, str]) -> None:
    folder, problem = kind
    made: Any = pipeline
    plain = made("text-classification", model=str(folder), dtype=torch.float32, device="cpu")
    roles = ("sentiment_model", "tokens_model", "attention_model")
    async with Core.open(CoreSettings(**{role: str(folder) for role in roles}, threads=1, device="cpu")) as core:
        for text in TEXTS:
            found = await core.sentiment(text)
            expected = {one["label"]: one["score"] for one in plain(text, top_k=None)}
            assert {score.label: score.value for score in found.scores} == pytest.approx(expected, abs=1e-5)
            assert found.problem == problem
        changed, several = await core.changed(*TEXTS[:2]), await core.several("\n".join(TEXTS))
        long = await core.sentiment("the cat sat " * 30)
        why, ablated = await core.why(TEXTS[0]), await core.ablate_label(TEXTS[0])
    assert {one.problem for one in (changed, several, long, why, ablated)} == {problem}
    alt = layout_of(ablated).picture(ENGLISH, ablated, ViewState()).draw().alt
    assert ("the number of" in alt) == (problem == "regression") and ("%" in alt) == (problem != "regression")
    (best, *_) = plain(TEXTS[0], top_k=None)
    given = ablated.answer.log_odds if problem == "regression" else ablated.answer.probability
    assert (ablated.answer.word, given) == (best["label"], pytest.approx(best["score"], abs=1e-5))
    alt = layout_of(why).picture(ENGLISH, why, ViewState()).draw().alt
    assert ("a logit here is the model's number" in alt) == (problem == "regression")
    assert ("%" in layout_of(found).headline(ENGLISH, found, ViewState())) == (problem != "regression")
    (highest, *_) = plain(TEXTS[0], top_k=None, function_to_apply="none")
    assert (why.answer.name, why.logit) == (highest["label"], pytest.approx(highest["score"], abs=1e-5))
    assert len(long.windows) > 1


async def test_labels_that_are_all_certain_keep_their_numbers(tmp_path: Path) -> None:
    """Scores of 1.0 are alike where logits are not: what is asked about by a number is what its name says."""
    torch.manual_seed(0)
    names = dict(enumerate("ABC"))
    model = BertForSequenceClassification(tiny.bert(problem_type="multi_label_classification", id2label=names))
    torch.nn.init.zeros_(model.classifier.weight)
    model.classifier.bias.data = torch.tensor([50.0, 70.0, 60.0])
    tiny.save(tmp_path, model, tiny.word_piece())
    roles = ("sentiment_model", "tokens_model", "attention_model")
    async with Core.open(CoreSettings(**{role: str(tmp_path) for role in roles}, threads=1, device="cpu")) as core:
        found = await core.why("the cat")
        asked = {name: await core.why("the cat", answer=name) for name in names.values()}
    assert [(one.number, one.name, one.value) for one in found.choices] == [(1, "B", 1.0), (2, "C", 1.0), (0, "A", 1.0)]
    assert (found.answer.name, found.logit) == ("B", 70)
    assert {name: (one.answer.name, one.logit) for name, one in asked.items()} == {
        "A": ("A", 50),
        "B": ("B", 70),
        "C": ("C", 60),
    }


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"num_labels": 1}, "multi_label_classification"),
        ({"id2label": {"0": "score"}, "problem_type": None}, "multi_label_classification"),
        ({"id2label": {"0": "score"}, "problem_type": "regression"}, "regression"),
        ({"num_labels": 1, "problem_type": "multi_label_classification"}, "multi_label_classification"),
        ({"num_labels": 2}, "single_label_classification"),
    ],
)
def test_numbers_are_only_those_of_a_model_that_says_so(config: dict[str, Any], problem: str) -> None:
    assert problem_type(config) == problem


def answer(problem: Any, *values: float) -> Sentiment:
    scores = (Score(f"label{number}", value) for number, value in enumerate(values))
    return Sentiment(samples.CAT, tuple(sorted(scores, key=lambda score: -score.value)), problem=problem)


def told(result: Result) -> tuple[str, str, str]:
    """The headline of a card, the notes below it and the alternative text of its picture."""
    layout = layout_of(result)
    drawing = layout.picture(ENGLISH, result, ViewState()).draw()
    return layout.headline(ENGLISH, result, ViewState()), "\n".join(layout.notes(ENGLISH, result)), drawing.alt


NUMBERS: list[Result] = [
    answer("regression", -0.105),
    answer("regression", 3.81, -12.5),
    SentimentBatch((answer("regression", -0.105), answer("regression", 2.25))),
    Variants(("a", "b"), (answer("regression", -0.105), answer("regression", 2.25)), "{a|b}"),
    Variants(("as it was", "changed"), (answer("regression", -0.105), answer("regression", 2.25))),
    Sentiment(
        samples.CAT,
        (Score("label0", -0.105),),
        (WindowScores(0, 9, 2, (Score("label0", -0.105),)), WindowScores(5, 20, 2, (Score("label0", 2.25),))),
        "regression",
    ),
]


@pytest.mark.parametrize("result", NUMBERS, ids=lambda result: type(result).__name__)
def test_numbers_are_never_shares(result: Result) -> None:
    said = told(result)
    for sentence in said:
        assert "%" not in sentence
        assert "probab" not in sentence.replace("no probability", "")
    assert "−0.105" in said[2] or "−12.500" in said[2]
    assert "no probability" in said[2]


def bars(png: bytes) -> list[tuple[int, int]]:
    """Where the bars begin and end, from top to bottom, in pixels."""
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    ink = np.any([(picture == colour).all(axis=-1) for colour in DARK.others], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], ink.any(axis=1), [0]])))
    middles = [(start + end) // 2 for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [(int(np.flatnonzero(ink[y])[0]), int(np.flatnonzero(ink[y])[-1]) + 1) for y in middles]


def test_bars_of_numbers_begin_at_zero_and_go_to_the_side_of_their_sign() -> None:
    result = Variants(("a", "b"), (answer("regression", -1.0), answer("regression", 2.0)), "{a|b}")
    (left, zero), (also, right) = bars(layout_of(result).picture(ENGLISH, result, ViewState()).draw().png)
    assert zero == pytest.approx(also, abs=3)
    assert right - also == pytest.approx(2 * (zero - left), abs=4)


def test_labels_that_are_judged_on_their_own_need_half_to_be_given() -> None:
    unlikely = answer("multi_label_classification", 0.005, 0.001)
    headline, _, alt = told(unlikely)
    assert headline == "No label reaches 50% · highest: label0 0.5%"
    assert "No label reaches 50%" in alt
    several = answer("multi_label_classification", 0.9, 0.2, 0.61)
    assert told(several)[0] == "The model says label0 90.0%, label2 61.0%"
    assert "judged on its own" in told(several)[2]
    assert not several.uncertain
    assert not answer("multi_label_classification", 0.55, 0.5).uncertain


def test_texts_without_a_likely_label_are_counted_for_none() -> None:
    batch = SentimentBatch(
        tuple(answer("multi_label_classification", *pair) for pair in ((0.9, 0.8), (0.1, 0.7), (0.2, 0.1)))
    )
    assert batch.label_counts == "2 label1, 1 label0"
    headline, notes, alt = told(batch)
    assert headline.startswith("3 texts: 2 label1, 1 label0; highest: label0 90.0% for `The cat ")
    assert "none" in notes.splitlines()[2]
    assert "none" in alt
    view = layout_of(batch).picture(ENGLISH, batch, ViewState())
    assert [row[1] for row in view.table().rows] == ["label0, label1", "label1", "none"]
    unlikely = SentimentBatch((answer("multi_label_classification", 0.1, 0.2),) * 2)
    assert told(unlikely)[0].startswith("2 texts: no label reaches 50%; highest: label1 20.0% for ")


def test_of_two_labels_that_do_not_add_up_both_are_drawn() -> None:
    pair = (answer("multi_label_classification", 0.9, 0.8), answer("multi_label_classification", 0.1, 0.7))
    alt = told(Variants(("a", "b"), pair, "{a|b}"))[2]
    assert re.search(r"label0 \(−80\.0 points\)", alt)
    assert re.search(r"label1 \(−10\.0 points\)", alt)


def test_a_strip_of_labels_judged_on_their_own_is_as_long_as_the_highest() -> None:
    batch = SentimentBatch(tuple(answer("multi_label_classification", *pair) for pair in ((0.8, 0.8), (0.1, 0.4))))
    (start, end), (_, second) = bars(layout_of(batch).picture(ENGLISH, batch, ViewState()).draw().png)
    assert second - start == pytest.approx((end - start) / 2, abs=2)
