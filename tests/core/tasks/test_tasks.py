"""What a device does with a batch, against plain `transformers` on the same folders."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertForSequenceClassification,
    BigBirdConfig,
    BigBirdModel,
    FNetConfig,
    FNetModel,
    GPT2ForSequenceClassification,
    JambaConfig,
    JambaModel,
    Lfm2Config,
    Lfm2Model,
    LongformerConfig,
    LongformerModel,
    MambaConfig,
    MambaModel,
    PreTrainedModel,
    T5Config,
    T5Model,
    pipeline,
)

from core.errors import ModelUnavailable, TooLong
from core.questions import (
    CrossAttention,
    JointFilling,
    LogitLens,
    NextToken,
    PartAblation,
    PatchedRun,
    SentenceLens,
    TargetComparison,
    TextPair,
    TokenSurprisal,
    WindowedText,
    WordAttribution,
)
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from tests import tiny

CLASSIFIERS = ["bert-classifier", "distilbert-classifier"]
MASKED = ["bert-masked-lm", "distilbert-masked-lm", "roberta-masked-lm"]
TEXTS = [
    "good",
    "The cat sat on the mat because it was tired.",
    "i love this film! very good, not bad; 10 of 10",
    "Qz?",
    "the " * 40,
]
SMALL = {"vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 24}
BIRD = {**SMALL, "num_attention_heads": 2, "max_position_embeddings": 64}


@pytest.fixture(scope="module")
def device() -> DeviceRunner:
    return DeviceRunner("cpu")


def oracle(task: Any, folder: Path) -> Any:
    return pipeline(task, model=str(folder), dtype=torch.float32, device="cpu")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_sentiment_is_what_the_pipeline_says(device: DeviceRunner, models: Path, name: str) -> None:
    plain = oracle("text-classification", models / name)
    together = device.run(Job("sentiment", str(models / name)), TEXTS)
    for text, rows in zip(TEXTS, together, strict=True):
        expected = plain(text, top_k=None)
        assert [label for label, _ in rows] == [one["label"] for one in expected]
        assert [score for _, score in rows] == pytest.approx([one["score"] for one in expected], abs=1e-5)
        assert sum(score for _, score in rows) == pytest.approx(1, abs=1e-5)


def test_the_tiny_classifiers_tell_texts_apart(device: DeviceRunner, models: Path) -> None:
    """Otherwise the test above would hold for any order of results."""
    for name in CLASSIFIERS:
        rows = device.run(Job("sentiment", str(models / name)), TEXTS)
        assert len({round(dict(row)[row[0][0]], 3) for row in rows}) == len(TEXTS)


MASKED_TEXTS = [
    "The cat {0} on the mat.",
    "{0}",
    "the capital of {0} is {0}, because {0} was tired.",
    "i {0} this film very very very much, and the cat does, too. {0}!",
]


@pytest.mark.parametrize("name", MASKED)
def test_masked_words_are_what_the_pipeline_says(device: DeviceRunner, models: Path, name: str) -> None:
    plain = oracle("fill-mask", models / name)
    texts = [text.format(plain.tokenizer.mask_token) for text in MASKED_TEXTS]
    tops = [1, 5, 3, 20]
    together = device.run(Job("unmask", str(models / name)), list(zip(texts, tops, strict=True)))
    for text, top, masks in zip(texts, tops, together, strict=True):
        expected = plain(text, top_k=top)
        expected = expected if isinstance(expected[0], list) else [expected]
        assert len(masks) == text.count(plain.tokenizer.mask_token)
        for mask, answers in zip(masks, expected, strict=True):
            assert [(id, word, sentence) for id, word, _, sentence in mask] == [
                (one["token"], one["token_str"], one["sequence"]) for one in answers
            ]
            assert [score for _, _, score, _ in mask] == pytest.approx([one["score"] for one in answers], abs=1e-5)


@pytest.mark.parametrize("name", MASKED)
def test_more_words_than_the_vocabulary_has(device: DeviceRunner, models: Path, name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(models / name)
    ((mask,),) = device.run(Job("unmask", str(models / name)), [(f"the {tokenizer.mask_token}", 100_000)])
    assert sorted(id for id, *_ in mask) == list(range(len(tokenizer)))
    assert sum(score for _, _, score, _ in mask) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["bert-masked-lm", "bert-classifier", "distilbert-masked-lm", "roberta-masked-lm", "gpt2"]
)
def test_attention_is_what_the_model_computes(device: DeviceRunner, models: Path, name: str) -> None:
    """Each text of a padded batch, against a model that sees it alone."""
    tokenizer = AutoTokenizer.from_pretrained(models / name)
    model = AutoModel.from_pretrained(models / name, attn_implementation="eager", dtype=torch.float32).eval()
    batch = [tokenizer(text)["input_ids"] for text in TEXTS]
    for ids, (weights, _) in zip(batch, device.run(Job("attention", str(models / name)), batch), strict=True):
        with torch.inference_mode():
            alone = torch.stack(model(torch.tensor([ids]), output_attentions=True).attentions)[:, 0]
        config = model.config
        assert weights.shape == (config.num_hidden_layers, config.num_attention_heads, len(ids), len(ids))
        assert weights.dtype == np.float16
        assert weights == pytest.approx(alone.numpy(), abs=1e-3)
        assert weights.astype(float).sum(axis=-1) == pytest.approx(1, abs=2e-3)
        assert bool(np.triu(weights.astype(float), k=1).any()) == (name != "gpt2" and len(ids) > 1)


def test_an_attention_map_owns_its_memory(device: DeviceRunner, models: Path) -> None:
    """A slice would keep the whole padded batch in memory for as long as the result is kept."""
    (weights, norms), _ = device.run(Job("attention", str(models / "bert-masked-lm")), [[2, 3], [2] * 40])
    for array in (weights, norms.heads, norms.layers):
        assert array.base is None and array.flags.c_contiguous


def refused(device: DeviceRunner, task: str, folder: Path, payload: Any = None) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        device.run(Job(task, str(folder)), [payload])
    sentence = str(caught.value)
    assert str(folder) not in sentence and "\n" not in sentence and sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("unmask", "bert-classifier"),  # would load with a random head: for transformers that is only a warning
        ("unmask", "distilbert-classifier"),
        ("sentiment", "bert-masked-lm"),
        ("sentiment", "roberta-masked-lm"),
        ("sentiment", "gpt2"),
        ("unmask", "gpt2"),
    ],
)
def test_a_model_that_was_not_trained_for_a_task_is_refused(
    device: DeviceRunner, models: Path, task: str, name: str
) -> None:
    assert task in refused(device, task, models / name, "the cat")


@pytest.mark.parametrize("task", ["sentiment", "unmask", "attention"])
@pytest.mark.parametrize("damage", ["pickle", "nothing", "torn", "config", "half", "other shape"])
def test_a_folder_that_cannot_be_loaded_is_refused(
    device: DeviceRunner, models: Path, tmp_path: Path, task: str, damage: str
) -> None:
    folder = tmp_path / "model"
    source = models / ("bert-classifier" if task == "sentiment" else "bert-masked-lm")
    shutil.copytree(source, folder)
    weights = folder / "model.safetensors"
    match damage:
        case "pickle":  # running a pickle is running its author's code
            model = BertForSequenceClassification.from_pretrained(models / "bert-classifier")
            torch.save(model.state_dict(), folder / "pytorch_model.bin")
            weights.unlink()
        case "nothing":
            weights.unlink()
        case "torn":
            weights.write_bytes(weights.read_bytes()[:5000])
        case "config":
            (folder / "config.json").write_text("{")
        case "half":
            tiny.change_config(folder, num_hidden_layers=5)  # the last two would be random
        case _:
            tiny.change_config(folder, intermediate_size=48)
    refused(device, task, folder, [2, 3] if task == "attention" else "the [MASK]")


def test_code_of_a_model_is_never_run(device: DeviceRunner, models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(models / "bert-masked-lm", folder)
    (folder / "modeling_evil.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    classes = {"AutoConfig": "modeling_evil.Evil", "AutoModel": "modeling_evil.Evil"}
    tiny.change_config(folder, auto_map=classes, model_type="evil")
    refused(device, "attention", folder, [2, 3])
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["FNet", "Mamba", "BigBird", "Longformer", "T5", "Lfm2", "Jamba"])
def test_a_model_without_a_square_of_attention_is_refused(device: DeviceRunner, tmp_path: Path, kind: str) -> None:
    """Mixing without attention, none at all, block-sparse, a sliding window, an encoder with a decoder.

    And some layers without attention, beside which the numbers of the others would be wrong.
    """
    model: PreTrainedModel
    match kind:
        case "FNet":
            model = FNetModel(FNetConfig(**SMALL))
        case "Mamba":
            model = MambaModel(MambaConfig(vocab_size=60, hidden_size=16, num_hidden_layers=2, state_size=4))
        case "BigBird":
            model = BigBirdModel(BigBirdConfig(**BIRD))
        case "Longformer":
            model = LongformerModel(LongformerConfig(**BIRD, attention_window=4))
        case "Lfm2":
            model = Lfm2Model(Lfm2Config(**BIRD, num_key_value_heads=1, layer_types=["conv", "full_attention"]))
        case "Jamba":
            every_second = {"attn_layer_period": 2, "attn_layer_offset": 1, "use_mamba_kernels": False}
            model = JambaModel(JambaConfig(**BIRD, **every_second, num_key_value_heads=1, mamba_dt_rank=4))
        case _:
            model = T5Model(T5Config(vocab_size=60, d_model=16, d_ff=24, d_kv=8, num_layers=2, num_heads=2))
    model.save_pretrained(tmp_path / kind)
    assert "attention" in refused(device, "attention", tmp_path / kind, [5, 6, 7])


def test_a_tokenizer_without_padding_runs_texts_one_by_one(device: DeviceRunner, models: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(models / "gpt2")
    assert tokenizer.pad_token is None
    tiny.save(tmp_path, GPT2ForSequenceClassification(tiny.gpt2_config(len(tokenizer))), tokenizer)
    plain = oracle("text-classification", tmp_path)
    texts = ["the cat", "good film very good"]
    for text, rows in zip(texts, device.run(Job("sentiment", str(tmp_path)), texts), strict=True):
        assert dict(rows) == pytest.approx({one["label"]: one["score"] for one in plain(text, top_k=None)}, abs=1e-5)


def test_the_order_of_a_batch_does_not_matter(device: DeviceRunner, models: Path) -> None:
    job = Job("sentiment", str(models / "bert-classifier"))
    forwards, backwards = device.run(job, TEXTS), device.run(job, TEXTS[::-1])
    for one, other in zip(forwards, reversed(backwards), strict=True):
        assert dict(one) == pytest.approx(dict(other), abs=1e-5)


def asked(ids: tuple[int, ...]) -> list[tuple[str, str, Any]]:
    """Every question that is made of token ids."""
    return [
        ("sentiment", "bert-classifier", WordAttribution(ids, ((1,),))),
        ("sentiment", "bert-classifier", WindowedText((ids, (2, 3)), (1, 1))),
        ("sentiment", "bert-classifier", PartAblation(ids, 0, False)),
        ("unmask", "bert-masked-lm", PartAblation(ids, 1, False)),
        ("causal", "gpt2", PartAblation(ids, 1, False)),
        ("unmask", "bert-masked-lm", LogitLens(ids, (1,))),
        ("unmask", "bert-masked-lm", WordAttribution(ids, ((1,),), 1)),
        ("causal", "gpt2", WordAttribution(ids, ((1,),), 1)),
        ("unmask", "bert-masked-lm", TokenSurprisal(ids, ((1,),), 4, 2)),
        ("causal", "gpt2", TokenSurprisal(ids, ((1,),), None, 2)),
        ("unmask", "bert-masked-lm", SentenceLens(ids, (1,), ((),), 2)),
        ("causal", "gpt2", SentenceLens((2, 3), (1,), (ids,), 2)),
        ("unmask", "bert-masked-lm", PatchedRun(ids, (2, 3), 1, ())),
        ("causal", "gpt2", PatchedRun((2, 3), ids, 1, ())),
        ("unmask", "bert-masked-lm", PatchedRun((2, 3), (2, 4), 1, ids)),
        ("unmask", "bert-masked-lm", JointFilling(ids, (0, 1))),
        ("unmask", "bert-masked-lm", TargetComparison(ids, (3,), 4, ((5,),))),
        ("unmask", "bert-masked-lm", TargetComparison((2,), (3,), 4, (ids,))),
        ("causal", "gpt2", NextToken(ids, 3)),
        ("causal", "gpt2", LogitLens(ids, (1,))),
        ("causal", "gpt2", TargetComparison(ids, (), None, ((5,),))),
        ("attention", "bert-masked-lm", ids),
        ("attention", "bert-masked-lm", TextPair(ids, 1)),
        ("across", "bart", CrossAttention(ids, (), 3)),
        ("across", "bart", CrossAttention((2, 3), ids, 3)),
    ]


@pytest.mark.parametrize("question", range(len(asked(()))))
def test_no_question_brings_the_device_ids_that_it_has_no_embeddings_for(
    device: DeviceRunner, models: Path, question: int
) -> None:
    for ids, error in (((2, 5000, 7), ValueError), ((2, -1, 3), ValueError), ((2, 7) * tiny.LONGEST, TooLong)):
        task, model, payload = asked(ids)[question]
        with pytest.raises(error, match="no embedding" if error is ValueError else None):
            device.run(Job(task, str(models / model)), [payload])
