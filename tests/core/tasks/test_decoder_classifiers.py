"""Classifiers that read from left to right, with a padding that they know, that only their tokenizer knows, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoTokenizer,
    GPT2ForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from core import Core, CoreSettings
from core.errors import BadInput
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from core.tasks.norms import PROJECTIONS
from tests import tiny

TEXTS = [
    "good",
    "the cat sat on the mat",
    "i love this film! very good",
    "bad",
    "the film<|endoftext|>",
    "the cat sat on mat",
]
EXPLAINED = "i love this film! very good"
FAMILIES = ("gpt2", "llama")
PADDINGS = {"none": (None, None), "tokenizer": (None, 0), "both": (0, 0), "different": (0, 5)}
"""The padding's id in the configuration, and in the tokenizer; 0 is the end of a text."""


@pytest.fixture(scope="module", params=[f"{family}-{padding}" for family in FAMILIES for padding in PADDINGS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    family, padding = request.param.split("-")
    known, told = PADDINGS[padding]
    made = tmp_path_factory.mktemp(request.param)
    torch.manual_seed(0)
    tokenizer: PreTrainedTokenizerFast = tiny.byte_level(None)
    if told is not None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(told)
    model = _model(family, len(tokenizer), known)
    tiny.save(made, model, tokenizer)
    tiny.change_config(made, pad_token_id=known, architectures=[type(model).__name__])
    return made


def _model(family: str, vocabulary: int, padding: int | None) -> Any:
    labels: dict[str, Any] = {"id2label": dict(enumerate("ABC")), "label2id": {"A": 0, "B": 1, "C": 2}}
    if family == "gpt2":
        config = tiny.gpt2_config(vocabulary)
        config.id2label, config.label2id, config.pad_token_id = labels["id2label"], labels["label2id"], padding
        return GPT2ForSequenceClassification(config)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    config = LlamaConfig(vocab_size=vocabulary, initializer_range=0.6, pad_token_id=padding, **sizes, **labels)
    return LlamaForSequenceClassification(config)


def settings(folder: Path) -> CoreSettings:
    roles = ("sentiment_model", "tokens_model", "attention_model")
    return CoreSettings(**{role: str(folder) for role in roles}, threads=1, device="cpu")


class Plain:
    """Plain transformers on a folder."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        made: Any = pipeline
        self.pipeline = made("text-classification", model=str(folder), dtype=torch.float32, device="cpu")

    @torch.inference_mode()
    def logits(self, ids: list[int], place: int = -1) -> torch.Tensor:
        """Those at a token, or the last one."""
        model = self.pipeline.model
        states = model.base_model(torch.tensor([ids])).last_hidden_state
        return model.score(states)[0, place]


def test_texts_of_a_batch_are_scored_as_if_each_were_alone(folder: Path) -> None:
    plain = Plain(folder).pipeline
    found = DeviceRunner("cpu").run(Job("sentiment", str(folder)), TEXTS)
    for text, rows in zip(TEXTS, found, strict=True):
        expected = {one["label"]: one["score"] for one in plain(text, top_k=None)}
        assert dict(rows) == pytest.approx(expected, abs=1e-5)


async def test_a_label_is_explained(folder: Path) -> None:
    plain = Plain(folder)
    async with Core.open(settings(folder)) as core:
        found = await core.why(EXPLAINED)
        scores = (await core.sentiment(EXPLAINED)).scores
    ids, blank = found.source.ids, plain.tokenizer.convert_tokens_to_ids(found.baseline)
    logits = plain.logits(ids)
    label = int(logits.argmax())
    assert found.answer.name == scores[0].label == "ABC"[label]
    assert found.logit == pytest.approx(float(logits[label]), abs=1e-5)
    assert found.start == pytest.approx(float(plain.logits([blank] * len(ids))[label]), abs=1e-5)
    for places, reason in zip(found.source.words, found.reasons, strict=True):
        masked = [blank if place in places else id for place, id in enumerate(ids)]
        assert reason.masked == pytest.approx(found.logit - float(plain.logits(masked)[label]), abs=1e-5)
    assert found.error <= 0.05 or found.steps == 128


@pytest.mark.parametrize("text", [f"{EXPLAINED}<|endoftext|>", "the film<|endoftext|><|endoftext|>"])
async def test_a_label_of_a_text_that_ends_with_padding_is_explained(folder: Path, text: str) -> None:
    """All is about one place, the one that the model answers at: the last that is no padding, if it knows any."""
    plain = Plain(folder)
    async with Core.open(settings(folder)) as core:
        found = await core.why(text)
        best, *_ = (await core.sentiment(text)).scores
    ids, blank = found.source.ids, plain.tokenizer.convert_tokens_to_ids(found.baseline)
    place = max(place for place, id in enumerate(ids) if id != plain.pipeline.model.config.pad_token_id)
    label = int(plain.logits(ids, place).argmax())
    assert found.answer.name == best.label == "ABC"[label]
    assert found.logit == pytest.approx(float(plain.logits(ids, place)[label]), abs=1e-5)
    assert found.start == pytest.approx(float(plain.logits([blank] * len(ids), place)[label]), abs=1e-5)
    for places, reason in zip(found.source.words, found.reasons, strict=True):
        masked = [blank if place in places else id for place, id in enumerate(ids)]
        assert reason.masked == pytest.approx(found.logit - float(plain.logits(masked, place)[label]), abs=1e-5)
        if min(places) > place:
            assert reason.masked == reason.gradients == 0
    assert found.error <= 0.05 or found.steps == 128


async def test_a_label_without_a_head(folder: Path) -> None:
    """One that knows no padding takes one text at a time: many in a pass would give wrong answers, or none."""
    plain = Plain(folder)
    async with Core.open(settings(folder)) as core:
        found = await core.ablate_label(EXPLAINED)
    model = plain.pipeline.model
    layers, _, output = PROJECTIONS[model.config.model_type]
    linear = model.base_model.get_submodule(layers)[1].get_submodule(output)
    width = 16 // model.config.num_attention_heads
    weight = linear.weight.data if isinstance(linear, torch.nn.Linear) else linear.weight.data.T
    weight[:, width : 2 * width] = 0
    chances = plain.logits(found.source.ids).softmax(dim=-1)
    (without,) = (one for one in found.heads if (one.part.layer, one.part.head) == (1, 1))
    assert without.answer.probability == pytest.approx(float(chances["ABC".index(found.answer.word)]), abs=1e-5)
    assert without.top[0].word == "ABC"[int(chances.argmax())]


async def test_a_label_cannot_be_explained_without_a_token_for_nothing(tmp_path: Path) -> None:
    tokenizer = tiny.byte_level(None)
    tokenizer.eos_token = None
    tiny.save(tmp_path, _model("gpt2", len(tokenizer), None), tokenizer)
    async with Core.open(settings(tmp_path)) as core:
        with pytest.raises(BadInput, match="stands for nothing"):
            await core.why(EXPLAINED)


async def test_a_long_text_is_read_in_windows(folder: Path) -> None:
    plain, text = Plain(folder), "i love this very good film and the cat " * 12
    tiny.change_config(folder, max_position_embeddings=tiny.LONGEST, n_positions=tiny.LONGEST)
    async with Core.open(settings(folder)) as core:
        found = await core.sentiment(text)
    assert len(found.windows) > 1
    for window in found.windows:
        expected = plain.pipeline(text[window.start : window.end], top_k=None)
        assert {one.label: one.value for one in window.scores} == pytest.approx(
            {one["label"]: one["score"] for one in expected}, abs=1e-4
        )
