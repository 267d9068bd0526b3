"""What models compute in: half precision where it was asked for or proved harmless, and float32 elsewhere."""

from __future__ import annotations

import copy
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertForSequenceClassification, PretrainedConfig, pipeline

from core.questions import WordAttribution
from core.serving import devices
from core.tasks import TASKS
from core.tasks.engine import loading
from core.tasks.engine.fused_layers import JOINED
from core.tasks.engine.packed_linear import PackedLinear, is_supported, pack_linear
from core.tasks.engine.precision import (
    DTYPES,
    GOLDEN,
    Deciding,
    convert,
    faster_than_float32,
    has_bfloat16,
    lower_precision,
)
from core.tasks.sentiment import SentimentTask
from core.tasks.unmask import UnmaskTask
from tests.core.tasks.questions import IDS, QUESTIONS, lowers_scores_but_no_attention_map, numbers

TEXTS = ["good", "The cat sat on the mat because it was tired.", "i love this film! very good, not bad"]
DECIDING = ("sentiment", "unmask", "causal")  # those whose models half precision is for
HALF = [name for name in faster_than_float32("cpu") if name != "int8"]  # what this CPU has of it
needs_bfloat16 = pytest.mark.skipif(not has_bfloat16(), reason="this CPU has no bfloat16")


def dtypes(model: Any) -> set[torch.dtype]:
    return {module.dtype for module in model.modules() if isinstance(module, PackedLinear)}


@pytest.fixture
def unpacked(models: Path) -> SentimentTask:
    """As on a GPU, where weights are not packed."""
    task = SentimentTask(str(models / "bert-classifier"), "cpu")
    task.model = BertForSequenceClassification.from_pretrained(models / "bert-classifier")
    return task


@pytest.fixture
def classifier(models: Path) -> SentimentTask:
    return SentimentTask(str(models / "bert-classifier"), "cpu")


def test_the_golden_texts_are_a_thousand_different_ones() -> None:
    assert len(set(GOLDEN)) == 1000


def test_decisions_are_the_pipelines_first_answers(models: Path, classifier: SentimentTask) -> None:
    plain: Any = pipeline("text-classification", model=str(models / "bert-classifier"), device="cpu")
    assert classifier.decisions(TEXTS) == [one["label"] for one in plain(TEXTS)]
    words: Any = pipeline("fill-mask", model=str(models / "bert-masked-lm"), device="cpu")
    task = UnmaskTask(str(models / "bert-masked-lm"), "cpu")
    assert task.decisions(["the cat sat.", "it was very good."]) == [
        words(text)[0]["token"] for text in ("the cat [MASK].", "it was very [MASK].")
    ]


@pytest.mark.parametrize("half", HALF)
def test_half_precision_by_setting_is_for_products_only_and_never_for_attention_maps(half: str, models: Path) -> None:
    lowers_scores_but_no_attention_map("cpu", half, models, within=0.03)


@pytest.mark.parametrize("half", HALF)
def test_a_model_is_lowered_in_place_and_its_other_numbers_stay_float32(half: str, classifier: SentimentTask) -> None:
    assert isinstance(classifier, Deciding)
    assert dtypes(classifier.model) == {torch.float32}
    lower_precision(classifier, half)
    assert dtypes(classifier.model) == {DTYPES[half], torch.float32}
    assert classifier.model.classifier.dtype is torch.float32  # nothing evens out what its few outputs lose
    assert {parameter.dtype for parameter in classifier.model.parameters()} == {torch.float32}


@needs_bfloat16
def test_bfloat16_stays_from_product_to_product_and_goes_no_further(classifier: SentimentTask) -> None:
    lower_precision(classifier, "bfloat16")
    seen: dict[str, torch.dtype] = {}

    def note(name: str) -> Any:
        return lambda _module, inputs, _output: seen.update({name: inputs[0].dtype})

    for name, module in classifier.model.named_modules():
        if isinstance(module, PackedLinear | torch.nn.LayerNorm) and "encoder" in name:
            module.register_forward_hook(note(name.partition(".layer.")[2]))
    classifier.decisions(TEXTS)
    kept = {name.partition(".")[2] for name, dtype in seen.items() if dtype == torch.bfloat16}
    assert kept == {"attention.output.dense", "output.dense"}
    assert {name.rpartition(".")[2] for name in seen} == {JOINED, "dense", "LayerNorm"}


@pytest.mark.parametrize("setting", ["auto", *DTYPES])
def test_a_cpu_stays_with_float32_where_nothing_else_was_asked_or_is_any_good(
    classifier: SentimentTask, setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    lower_precision(classifier, setting)
    assert (dtypes(classifier.model) == {torch.float32}) == (setting not in HALF)
    assert (f"not made for {setting}" in caplog.text) == (setting not in ("auto", "float32", *HALF))


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
@torch.no_grad()
def test_products_in_half_precision_are_about_those_of_float32(half: str) -> None:
    if not is_supported(DTYPES[half]):
        pytest.skip("not on this CPU")
    torch.manual_seed(0)
    plain = torch.nn.ModuleDict({"one": torch.nn.Linear(48, 32), "other": torch.nn.Linear(48, 32, bias=False)})
    plain.get_input_embeddings, plain.config = lambda: torch.nn.Embedding(1, 1), PretrainedConfig()
    inputs, right = torch.randn(3, 5, 48), {name: copy.deepcopy(layer) for name, layer in plain.items()}
    pack_linear(plain, DTYPES[half])
    for name, layer in plain.items():
        whole: Any = layer
        assert whole.dtype is DTYPES[half] and whole(inputs).dtype is torch.float32
        assert torch.allclose(whole(inputs), right[name](inputs), atol=0.02, rtol=0.02)
        assert torch.allclose(whole.weight, right[name].weight, atol=1e-3)
        assert (whole.bias is None) == (right[name].bias is None)
        with torch.enable_grad():
            asked = inputs.clone().requires_grad_()
            whole(asked).sum().backward()
            assert torch.allclose(asked.grad[0, 0], right[name].weight.sum(0), atol=1e-2)


@pytest.mark.parametrize("half", HALF)
def test_weights_too_large_for_half_precision_stay_as_they_are(half: str, classifier: SentimentTask) -> None:
    layers = classifier.model.bert.encoder.layer
    with torch.no_grad():
        layers[0].output.dense = torch.nn.Linear(*reversed(layers[0].output.dense.weight.shape))
        layers[0].output.dense.weight[0, 0] = 2.0 * torch.finfo(DTYPES[half]).max if half == "float16" else 1e38
    lower_precision(classifier, half)
    assert (layers[0].output.dense.dtype is torch.float32) == (half == "float16")
    assert layers[1].output.dense.dtype is DTYPES[half]
    assert layers[0].output.dense.weight.isfinite().all()


@pytest.mark.parametrize(("task", "model", "payloads"), [one for one in QUESTIONS if one[0] in DECIDING])
def test_every_question_can_be_answered_in_half_precision(
    models: Path, task: str, model: str, payloads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "pack_linear", lambda model: None)  # as on a GPU
    loaded: Any = TASKS[task](str(models / model), "cpu")
    with torch.inference_mode():
        exact = numbers(loaded.run(payloads))
    convert(loaded, torch.bfloat16)
    assert loaded.model.dtype == torch.bfloat16
    with torch.inference_mode():
        half = numbers(loaded.run(payloads))
    assert half != exact and len(half) == len(exact)


@pytest.mark.parametrize("half", HALF)
@pytest.mark.parametrize(("task", "model", "payloads"), [one for one in QUESTIONS if one[0] in ("sentiment", "unmask")])
def test_every_question_can_be_answered_with_products_in_half_precision(
    models: Path, task: str, model: str, payloads: list[Any], half: str
) -> None:
    loaded: Any = TASKS[task](str(models / model), "cpu")
    with torch.inference_mode():
        exact = numbers(loaded.run(payloads))
        lower_precision(loaded, half)
        found = numbers(loaded.run(payloads))
    assert found != exact and len(found) == len(exact)


def test_reasons_in_half_precision_are_about_those_of_float32(unpacked: SentimentTask) -> None:
    why = WordAttribution(IDS, ((1,), (2, 4)))
    ((_, (_, _, (_, _, logit, start, gradients, masked, _))),) = unpacked.run([why])
    convert(unpacked, torch.bfloat16)
    ((_, (_, _, (_, _, *amounts, _))),) = unpacked.run([why])
    assert numbers(amounts) == pytest.approx(numbers([logit, start, gradients, masked]), abs=0.1)


@pytest.mark.parametrize("half", HALF)
def test_where_half_precision_was_asked_for_nothing_is_compared(
    half: str, classifier: SentimentTask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert lower_precision(classifier, half) == half
    assert "decides" not in caplog.text


@pytest.mark.parametrize(
    ("limits", "fewest"), [("150000 100000", 1), ("50000 100000", 1), ("max 100000", 0), (None, 0)]
)
def test_a_container_has_the_cores_it_was_given(tmp_path: Path, limits: str | None, fewest: int) -> None:
    file = tmp_path / "cpu.max"
    if limits:
        file.write_text(limits)
    everything = devices.available_cores(tmp_path / "nothing")
    assert everything >= 1
    assert devices.available_cores(file) == (fewest or everything)
