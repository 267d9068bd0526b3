"""One text, two models: what each would answer alone, asked at once, and which of them something goes wrong with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, pipeline

from core import Core, CoreSettings, show
from core.errors import BadInput, Busy, CoreError, DeviceFailed, ModelUnavailable, OfModel
from core.language import ENGLISH, Language
from core.results import AttentionMap, TwoModels

TEXT = "The cat sat on the mat."
NAMES = ("bert-classifier", "distilbert-classifier", "distilbert-masked-lm", "roberta-masked-lm", "gpt2", "bart")


@pytest.fixture
async def both(settings: CoreSettings, models: Path) -> AsyncGenerator[Core, None]:
    async with Core.open(replace(settings, allowed_models=tuple(str(models / name) for name in NAMES))) as core:
        yield core


def oracle(task: Any, folder: Path) -> Any:
    return pipeline(task, model=str(folder), dtype=torch.float32, device="cpu")


def plain_attention(folder: Path, text: str) -> np.ndarray[Any, Any]:
    """What transformers says, ``(layers, heads, N, N)``."""
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        found = model(**AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt"), output_attentions=True)
    return torch.stack(found.attentions)[:, 0].numpy()


async def test_each_classifier_answers_as_it_does_alone(both: Core, models: Path) -> None:
    found = await both.sentiment_with(TEXT, other="distilbert-classifier")
    for answer in found.answers:
        (expected,) = oracle("text-classification", models / answer.source.model.name)([TEXT], top_k=None)
        assert [score.label for score in answer.scores] == [one["label"] for one in expected]
        assert [score.value for score in answer.scores] == pytest.approx([one["score"] for one in expected], abs=1e-5)
    assert [model.name for model in found.models] == ["bert-classifier", "distilbert-classifier"]
    assert not found.comparable  # NEGATIVE and POSITIVE are none of A, B, C
    assert set(found.columns()["label"]) == {"NEGATIVE", "POSITIVE", "A", "B", "C"}


@pytest.mark.parametrize("mask", ["[MASK]", "<mask>", "___"])
async def test_each_reads_the_mask_as_its_own(both: Core, models: Path, mask: str) -> None:
    found = await both.unmask_with(f"The {mask} sat.", other="roberta-masked-lm", top=3)
    for answer, own in zip(found.answers, ("[MASK]", "<mask>"), strict=True):
        expected = oracle("fill-mask", models / answer.source.model.name)(f"The {own} sat.", top_k=3)
        (words,) = answer.masks
        assert [one.id for one in words] == [one["token"] for one in expected]
        assert [one.probability for one in words] == pytest.approx([one["score"] for one in expected], abs=1e-5)


async def test_the_weights_of_both_are_those_of_transformers(both: Core, models: Path) -> None:
    found = await both.attention_with(TEXT, other="distilbert-masked-lm")
    assert found.comparable
    for seen in found.maps:
        assert np.allclose(seen.to_numpy(), plain_attention(models / seen.source.model.name, TEXT), atol=1e-3)


async def test_a_causal_model_fills_the_same_gap_from_what_stands_before_it(both: Core) -> None:
    found = await both.unmask_with("The cat ___ on the mat.", other="gpt2")
    alone = await both.unmask("The cat", model="gpt2")
    masked, causal = found.answers
    assert masked.source.masks and not causal.source.masks
    assert [one.id for one in causal.masks[0]] == [one.id for one in alone.masks[0]]


async def test_of_a_model_with_a_decoder_the_encoder_is_compared(both: Core) -> None:
    found = await both.attention_with(TEXT, other="bart")
    alone = await both.attention(TEXT, model="bart")
    assert found.comparable and np.array_equal(found.maps[1].weights, alone.related["encoder"].weights)
    assert "bart, its encoder" in show(found, layer=1, head=1).draw().alt


async def test_other_tokens_are_not_compared(both: Core) -> None:
    assert not (await both.attention_with("unbelievable", other="roberta-masked-lm")).comparable


async def test_both_are_asked_at_once_and_no_more_than_twice(both: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    await both.attention_with("The mat.", other="distilbert-masked-lm")  # both tokenizers are read
    submit, come = both._executor.submit, asyncio.Barrier(2)
    asked: list[str] = []

    async def noted(job: Any, *args: Any, **options: Any) -> Any:
        asked.append(job.folder)
        await asyncio.wait_for(come.wait(), 60)  # for ever, if one were asked after the other
        return await submit(job, *args, **options)

    monkeypatch.setattr(both._executor, "submit", noted)
    await both.attention_with(TEXT, other="distilbert-masked-lm")
    assert sorted(Path(folder).name for folder in asked) == ["bert-masked-lm", "distilbert-masked-lm"]


REFUSED = [
    ("unmask", "the ___", {"other": "bert-masked-lm"}, BadInput, "That would be bert-masked-lm twice"),
    ("unmask", "the ___", {"other": ""}, BadInput, "That would be bert-masked-lm twice"),
    ("unmask", "the ___", {"other": "bert-maskd-lm"}, OfModel, "with: That model is not among .* did you mean"),
    ("unmask", "the cat", {"other": "gpt2"}, OfModel, "bert-masked-lm: There is no mask"),
    ("unmask", "a ___ b ___", {"other": "gpt2"}, OfModel, "gpt2: The model gpt2 fills one gap"),
    ("unmask", "___", {"model": "gpt2", "other": "roberta-masked-lm"}, OfModel, "gpt2: .* left to right: write"),
    ("attention", "cat [VS] mat", {"other": "gpt2"}, BadInput, "leave out `with:`, or `against:`"),
    ("attention", "cat [SEP] mat", {"other": "bart"}, BadInput, "leave out `second:`, or `with:`"),
    (
        "attention",
        "z " * 60,
        {"model": "gpt2", "other": "roberta-masked-lm"},
        OfModel,
        "^(gpt2|roberta-m.*): That",
    ),
    ("sentiment", " ", {"other": "distilbert-classifier"}, BadInput, "^That text is empty"),
    ("sentiment", "good", {"other": "gpt2"}, OfModel, "with: The model gpt2 does not fit /sentiment"),
]


@pytest.mark.parametrize(("command", "text", "options", "kind", "says"), REFUSED)
async def test_what_cannot_be_right_is_refused_with_the_name_of_the_model(
    both: Core, command: str, text: str, options: dict[str, str], kind: type[CoreError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        await getattr(both, f"{command}_with")(text, **options)


async def test_what_can_be_refused_at_once_is(both: Core) -> None:
    with pytest.raises(BadInput, match="twice"):
        both.check("unmask_with", "the ___", other="bert-masked-lm")
    with pytest.raises(OfModel, match=r"^bert-masked-lm: This model has 3 layers"):
        both.check("attention_with", TEXT, other="distilbert-masked-lm", layer=4)
    both.check("attention_with", TEXT, "distilbert-masked-lm", other="bert-masked-lm", layer=2, head=4)
    both.check("attention_with", TEXT)  # without a second model it is checked as any other way


@pytest.mark.parametrize(("failure", "says"), [(DeviceFailed(), "gpt2: The model failed"), (Busy(3), "^Too many")])
async def test_one_that_fails_is_named_unless_nothing_can_be_asked(
    both: Core, monkeypatch: pytest.MonkeyPatch, failure: CoreError, says: str
) -> None:
    submit = both._executor.submit

    async def failing(job: Any, *args: Any, **options: Any) -> Any:
        if job.folder.endswith("gpt2"):
            raise failure
        return await submit(job, *args, **options)

    monkeypatch.setattr(both._executor, "submit", failing)
    with pytest.raises(CoreError, match=says):
        await both.attention_with(TEXT, other="gpt2")


def test_what_went_wrong_is_told_in_one_language() -> None:
    error = OfModel("gpt2", BadInput("There are {count} of them.", count=3))
    german = Language(
        "de", {"There are {count} of them.": "Das sind {count}.", "{model}: {reason}": "{model} – {reason}"}
    )
    assert str(error) == ENGLISH.error(error) == "gpt2: There are 3 of them." and error.mendable
    assert german.error(error) == "gpt2 – Das sind 3."
    assert not OfModel("gpt2", ModelUnavailable("No.")).mendable


def test_two_models_the_other_way_round() -> None:
    one, other = (AttentionMap.of([[0.5, 0.5], [0.1, 0.9]], ["a", "b"], model=name) for name in ("one", "other"))
    found: TwoModels[AttentionMap] = TwoModels((one, other))
    assert [model.name for model in found.swapped.models] == ["other", "one"]
    assert found.columns()["model"] == ["one"] * 4 + ["other"] * 4
    assert repr(found) == "<TwoModels: one · other · “a b”>"
