"""Int8 on a CPU: close to float32, in a quarter of the memory, and only where decisions stay."""

from __future__ import annotations

import copy
import gc
import logging
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    GPT2Config,
)

import core.bundled
from core.questions import WordAttribution
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from core.tasks import TASKS
from core.tasks.causal import CausalTask
from core.tasks.engine import precision
from core.tasks.engine.fused_layers import fuse_layers
from core.tasks.engine.int8 import support, weights
from core.tasks.engine.int8.layers import Int8Embedding, Int8Linear, count_weights, quantise
from core.tasks.engine.int8.support import best_weights
from core.tasks.engine.int8.weights import FbgemmWeights, Int8Weights, OneDnnWeights, Weights
from core.tasks.engine.packed_linear import FEW, PackedLinear, pack_linear
from core.tasks.engine.precision import GOLDEN, lower_precision
from core.tasks.engine.varlen_attention import FIRST_POSITIONS, use_varlen_attention
from core.tasks.sentiment import SentimentTask
from core.tasks.unmask import UnmaskTask
from tests.core.tasks.engine.test_packing import config
from tests.core.tasks.questions import IDS, QUESTIONS, lowers_scores_but_no_attention_map, numbers

FOLDER = Path(core.bundled.__file__).parent
TEXTS = ["good", "The cat sat on the mat because it was tired.", "i love this film! very good, not bad"]
PRODUCTS = {Int8Weights: "_product", OneDnnWeights: "_onednn_product", FbgemmWeights: "_fbgemm_product"}
KINDS = [
    pytest.param(kind, marks=pytest.mark.skipif(not support._multiplies(kind), reason="not on this CPU"))
    for kind in PRODUCTS
]
pytestmark = pytest.mark.skipif(best_weights() is None, reason="this CPU has no int8")


@pytest.fixture
def classifier(models: Path) -> SentimentTask:
    return SentimentTask(str(models / "bert-classifier"), "cpu")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this computer can do is asked again, and afterwards once more."""
    best_weights.cache_clear()
    yield
    monkeypatch.undo()
    best_weights.cache_clear()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden texts that the tiny models can read."""
    monkeypatch.setattr(precision, "GOLDEN", TEXTS * 100)


def held(model: nn.Module) -> int:
    """Bytes of all tensors that a model holds."""
    fields: list[Any] = [*model.parameters(), *model.buffers()]
    for module in model.modules():
        matrices = [one for one in vars(module).values() if isinstance(one, Weights)]
        fields += [one for part in (module, *matrices) for one in vars(part).values() if isinstance(one, Tensor)]
        packed = [one.packed for one in matrices if isinstance(one, FbgemmWeights)]  # no tensors, but hold one
        fields += [torch.ops.quantized.linear_unpack(one)[0] for one in packed]
    return sum({id(one): one.numel() * one.element_size() for one in fields}.values())


def distance(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
@pytest.mark.parametrize("shape", [(16, 24), (24, 16), (5, 3), (768, 700)])
@pytest.mark.parametrize("rows", [0, 1, 2, 33])
def test_a_product_is_about_that_of_floats_for_each_row_alone(
    shape: tuple[int, int], rows: int, kind: type[Weights]
) -> None:
    torch.manual_seed(0)
    plain, input = nn.Linear(*shape), torch.randn(1, rows, shape[0]) * torch.logspace(-3, 3, rows)[:, None]
    whole = Int8Linear(kind(plain.weight), plain.bias)
    for row in range(rows):
        assert distance(whole(input)[0, row], plain(input)[0, row]) < 0.02
        assert torch.equal(whole(input)[0, row], whole(input[0, row]))  # whatever stands beside it
    assert whole(input).shape == plain(input).shape


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_a_row_of_zeros_gives_the_bias(kind: type[Weights]) -> None:
    plain = nn.Linear(8, 16)
    assert torch.equal(Int8Linear(kind(plain.weight), plain.bias)(torch.zeros(1, 8))[0], plain.bias)
    assert not Int8Linear(kind(torch.zeros(16, 8)), None)(torch.ones(1, 8)).any()


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=48, max_size=48), st.integers(1, 4))
def test_the_numbers_are_the_nearest_and_their_products_right(
    kind: type[Weights], values: list[float], rows: int
) -> None:
    weight, input = torch.tensor(values).view(6, 8), torch.tensor(values[: 8 * rows]).view(rows, 8)
    whole, steps = kind(weight), (weight.abs().amax(1, keepdim=True) / kind.most).clamp(min=weights.TINY)
    assert ((whole.floats() - weight).abs() <= 0.501 * steps).all()
    assert torch.allclose(whole.floats() / steps, (whole.floats() / steps).round(), atol=1e-4)
    output, scales = whole.multiply(input)
    finest = (input.abs().amax(1, keepdim=True) / weights.MOST).clamp(min=weights.TINY)
    off = finest * 0.51 * whole.floats().abs().sum(1)
    right = input.double() @ whole.floats().double().T
    assert ((output * scales - right).abs() <= off + 1e-5 * (input.abs() @ whole.floats().abs().T) + 1e-6).all()


@torch.inference_mode()
@pytest.mark.parametrize("auto", [AutoModelForSequenceClassification, AutoModelForMaskedLM])
@pytest.mark.parametrize("family", [*FIRST_POSITIONS, "albert"])
def test_every_family_of_encoders_says_about_the_same(auto: Any, family: str) -> None:
    torch.manual_seed(0)
    plain = auto.from_config(config(family)).eval()
    whole = copy.deepcopy(plain)
    use_varlen_attention(whole)
    fuse_layers(whole)
    pack_linear(whole)
    quantise(whole)
    inputs = {"input_ids": torch.arange(5, 30)[None], "attention_mask": torch.ones(1, 25)}
    assert 1e-5 < distance(whole(**inputs).logits, plain(**inputs).logits) < 0.1
    assert not any(isinstance(module, PackedLinear) and module.out_features >= FEW for module in whole.modules())


@torch.inference_mode()
@pytest.mark.parametrize("family", ["bloom", "gpt2", "gpt_neo", "gpt_neox", "llama", "mistral", "opt", "qwen2"])
def test_every_family_of_causal_models_says_about_the_same(family: str) -> None:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
    options: dict[str, Any] = {"vocab_size": 90, "max_position_embeddings": 64, "num_key_value_heads": 4}
    options |= {"attention_types": [[["global"], 2]]} if family == "gpt_neo" else {}
    options |= {"ffn_dim": 48, "word_embed_proj_dim": 32} if family == "opt" else {}
    plain: Any = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **sizes, **options)).eval()
    whole = copy.deepcopy(plain)
    pack_linear(whole)
    quantise(whole)
    assert sum(isinstance(module, Int8Linear) for module in whole.modules()) >= 2 * 4
    ids = torch.arange(5, 30)[None]
    assert 1e-5 < distance(whole(input_ids=ids).logits, plain(input_ids=ids).logits) < 0.1


@pytest.mark.parametrize("family", ["bert", "distilbert", "xlm-roberta", "gpt2"])
@pytest.mark.parametrize("language", [True, False])
def test_it_takes_at_most_two_fifths_of_the_memory(family: str, language: bool) -> None:
    """At a width of 256; the wider, the less."""
    shape: dict[str, Any] = {"hidden_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
    if family == "gpt2":
        auto: Any = AutoModelForCausalLM if language else AutoModelForSequenceClassification
        made = GPT2Config(n_embd=256, n_layer=2, n_head=4, vocab_size=6000, n_positions=64)
    else:
        auto = AutoModelForMaskedLM if language else AutoModelForSequenceClassification
        made = AutoConfig.for_model(family, **shape, vocab_size=6000, max_position_embeddings=64)
    model = auto.from_config(made).eval()
    before = held(model)
    assert before == sum(4 * one.numel() for one in model.parameters()) + sum(
        one.numel() * one.element_size() for one in model.buffers()
    )
    quantise(model)
    assert held(model) <= 0.4 * before


def test_a_head_that_shares_the_embeddings_shares_their_int8_weights_where_rows_are_multiplied_fast(
    models: Path,
) -> None:
    model = UnmaskTask(str(models / "bert-masked-lm"), "cpu").model
    quantise(model)
    head, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    assert isinstance(embeddings, Int8Embedding) and isinstance(head, Int8Linear)
    assert (head.weights is embeddings.weights) == (best_weights() is OneDnnWeights)
    assert distance(head.weight, embeddings.weight) < 0.02


def test_the_weights_of_float32_are_let_go_of(short: None, models: Path) -> None:
    task = SentimentTask(str(models / "bert-classifier"), "cpu")
    layer = task.model.bert.encoder.layer[0].output
    gone = [weakref.ref(layer.dense), weakref.ref(task.model.get_input_embeddings())]
    del layer
    assert lower_precision(task, "int8") == "int8"
    gc.collect()
    assert not any(one() for one in gone)


@pytest.fixture
def unfit(models: Path, tmp_path: Path) -> UnmaskTask:
    """A model with large weights for neurons that are always 0: beside them the others are too small for 8 bits."""
    shutil.copytree(models / "bert-masked-lm", tmp_path, dirs_exist_ok=True)
    model = AutoModelForMaskedLM.from_pretrained(tmp_path)
    with torch.no_grad():
        for layer in model.bert.encoder.layer:
            layer.intermediate.dense.weight[0], layer.intermediate.dense.bias[0] = 0, 0
            layer.output.dense.weight[:, 0] = 1e4
    model.save_pretrained(tmp_path)
    return UnmaskTask(str(tmp_path), "cpu")


@pytest.mark.parametrize("setting", ["auto", "int8"])
def test_a_model_that_does_not_fit_stays_as_it_was_and_says_so(
    unfit: UnmaskTask, short: None, setting: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(precision, "LARGE", 0)
    monkeypatch.setattr(precision, "faster_than_float32", lambda device: ("int8",))
    asked = [("the [MASK] sat on [MASK].", 5)]
    before = unfit.run(asked)
    assert lower_precision(unfit, setting) == "float32"
    assert unfit.run(asked) == before
    assert "BertForMaskedLM in int8 decides as in float32 on" in caplog.text and "is not used in it" in caplog.text


@pytest.mark.skipif(len(precision.faster_than_float32("cpu")) < 2, reason="this CPU has no half precision")
def test_what_int8_does_not_fit_is_tried_in_half_precision(
    unfit: UnmaskTask, short: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _, half = precision.faster_than_float32("cpu")
    assert lower_precision(unfit, "int8") == half
    assert "in int8 decides" in caplog.text and f"in {half} decides as in float32 on 100.0 % of 300" in caplog.text
    dtypes = {module.dtype for module in unfit.model.modules() if isinstance(module, PackedLinear)}
    assert dtypes == {precision.DTYPES[half]}


def test_of_itself_a_cpu_looks_for_something_faster_only_for_a_large_model(
    classifier: SentimentTask, short: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    assert lower_precision(classifier, "auto") == "float32" and not caplog.text
    monkeypatch.setattr(precision, "LARGE", 0)
    assert lower_precision(classifier, "auto") == "int8"
    assert (
        "BertForSequenceClassification in int8 decides as in float32 on 100.0 % of 300 texts and is used" in caplog.text
    )


def test_a_larger_model_is_tried_on_fewer_texts(
    classifier: SentimentTask, short: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(precision, "WORK", 20 * count_weights(classifier.model))
    lower_precision(classifier, "int8")
    assert "of 20 texts" in caplog.text


def test_a_model_that_cannot_read_the_golden_texts_stays_in_float32(
    classifier: SentimentTask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(precision, "GOLDEN", ["good " * 100])
    assert lower_precision(classifier, "int8") == "float32"
    assert "cannot read the golden texts" in caplog.text


def test_a_cpu_without_it_stays_in_float32(
    classifier: SentimentTask, anew: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> Tensor:
        raise RuntimeError

    for product in PRODUCTS.values():
        monkeypatch.setattr(weights, product, missing)
    best_weights.cache_clear()
    assert lower_precision(classifier, "int8") == "float32"
    assert "not made for int8" in caplog.text
    with pytest.raises(RuntimeError):
        quantise(classifier.model)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["cut off", "slow"])
def test_products_that_are_wrong_or_slow_are_not_used(
    kind: type[Weights], wrong: str, anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a CPU whose sums are of 16 bits, or where torch has only a plain loop."""
    right, rest = getattr(weights, PRODUCTS[kind]), {one for one in PRODUCTS if one is not kind}
    rest = {one for one in rest if support._multiplies(one)}

    def multiply(*arguments: Any) -> Tensor:
        if wrong == "slow":
            for _ in range(300):
                right(*arguments)
        found = right(*arguments)
        return found if wrong == "slow" else found.float().clamp(max=0.7 * float(found.max()))

    monkeypatch.setattr(weights, PRODUCTS[kind], multiply)
    assert not support._multiplies(kind)
    other = FbgemmWeights if FbgemmWeights in rest else None
    best_weights.cache_clear()
    assert best_weights() is (OneDnnWeights if rest >= {Int8Weights, OneDnnWeights} else other)


def test_a_device_tells_what_its_models_compute_in(models: Path, short: None) -> None:
    runner, job = DeviceRunner("cpu", precision="int8"), Job("sentiment", str(models / "bert-classifier"))
    runner.run(job, TEXTS)
    assert runner.loaded[job].precision == "int8"


def test_attention_maps_stay_in_float32(models: Path, short: None) -> None:
    lowers_scores_but_no_attention_map("cpu", "int8", models, within=0.05)


@pytest.mark.parametrize(
    ("task", "model", "payloads"), [one for one in QUESTIONS if one[0] in ("sentiment", "unmask", "causal")]
)
def test_every_question_can_be_answered(task: str, model: str, payloads: list[Any], models: Path) -> None:
    loaded: Any = TASKS[task](str(models / model), "cpu")
    with torch.inference_mode():
        exact = numbers(loaded.run(payloads))
        quantise(loaded.model)
        whole = numbers(loaded.run(payloads))
    assert whole != exact and len(whole) == len(exact)


def test_reasons_are_about_those_of_float32(classifier: SentimentTask) -> None:
    why = WordAttribution(IDS, ((1,), (2, 4)))
    ((_, (_, _, (_, _, logit, start, gradients, masked, _))),) = classifier.run([why])
    quantise(classifier.model)
    ((_, (_, _, (_, _, *amounts, _))),) = classifier.run([why])
    within = 0.3 if best_weights() is FbgemmWeights else 0.2
    assert numbers(amounts) == pytest.approx(numbers([logit, start, gradients, masked]), abs=within)


@pytest.mark.parametrize(
    ("task", "model", "least"),
    [(SentimentTask, "minilm", 0.98), (UnmaskTask, "bert-mini", 0.9), (CausalTask, "gpt-mini", 0.9)],
)
def test_the_models_in_the_box_decide_about_as_before(task: Any, model: str, least: float) -> None:
    loaded, texts = task(str(FOLDER / model), "cpu"), GOLDEN[::10]
    before = loaded.decisions(texts)
    quantise(loaded.model)
    same = sum(one == other for one, other in zip(before, loaded.decisions(texts), strict=True))
    assert least * len(texts) <= same and len(set(before)) > 1
