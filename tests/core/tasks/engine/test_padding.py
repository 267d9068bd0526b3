"""Texts beside others are answered as if they were alone, in families whose masks do not shut padding out, too."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.processors import RobertaProcessing
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    BartConfig,
    BertTokenizer,
    PreTrainedTokenizerFast,
    pipeline,
)
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.questions import TargetComparison
from core.tasks.attention import AttentionTask
from core.tasks.engine import pipelines
from core.tasks.engine.packing import ALIKE, ALIKE_ON_GPU, padded_ratio, plan_passes
from core.tasks.engine.padding import can_fill_up, fill_up, share_passes, shortened
from core.tasks.sentiment import SentimentTask
from core.tasks.unmask import UnmaskTask
from tests import tiny

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 37}
OPTIONS: dict[str, dict[str, Any]] = {
    "albert": {"embedding_size": 16},
    "convbert": {"embedding_size": 32, "head_ratio": 2, "conv_kernel_size": 3},
    "fnet": {},
    "mobilebert": {
        "embedding_size": 16,
        "intra_bottleneck_size": 16,
        "true_hidden_size": 16,
        "num_feedforward_networks": 1,
    },
}
LABELS: dict[str, Any] = {"id2label": dict(enumerate("ABC")), "label2id": {"A": 0, "B": 1, "C": 2}}
TEXTS = ["the film is good.", "the film is very good.", "good", "i love the cat, the mat", "the film is bad."]
EMBEDDED = 0.5
"""The spread of the padding's embedding: 0 as it is made, but not as it is trained."""


def made(auto: Any, config: Any) -> Any:
    torch.manual_seed(0)
    model = auto.from_config(config).eval()
    with torch.no_grad():
        model.get_input_embeddings().weight[config.pad_token_id].normal_(std=EMBEDDED)
    return model


def config(family: str, **options: Any) -> Any:
    shape: dict[str, Any] = {"vocab_size": len(tiny.VOCABULARY), "pad_token_id": 0}
    shape |= {"max_position_embeddings": 48, "initializer_range": 0.5}
    return CONFIG_MAPPING[family](**SIZES, **shape, **OPTIONS.get(family, {}), **options)


@pytest.fixture(params=["on a CPU", "on a GPU"])
def laid_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where texts are arranged for; what is computed here is the same anywhere."""
    torch.set_num_threads(1)
    monkeypatch.setattr(pipelines, "plan_passes", partial(plan_passes, on_gpu="GPU" in request.param))


@torch.inference_mode()
def assert_labels_are_those_of_plain_transformers(folder: Path, texts: list[str]) -> SentimentTask:
    plain: Any = pipeline("text-classification", model=str(folder), device="cpu")
    task = SentimentTask(str(folder), "cpu")
    for batch in (texts, texts[:2], texts[::-1]):
        for text, found in zip(batch, task.run(batch), strict=True):
            assert dict(found) == pytest.approx(
                {one["label"]: one["score"] for one in plain(text, top_k=None)}, abs=1e-5
            )
    return task


@pytest.mark.usefixtures("laid_out")
@pytest.mark.parametrize("family", OPTIONS)
def test_a_label_does_not_depend_on_the_texts_beside_it(family: str, tmp_path: Path) -> None:
    named: dict[str, Any] = {"model_input_names": ["input_ids", "token_type_ids"]} if family == "fnet" else {}
    tokenizer = BertTokenizer(vocab={piece: number for number, piece in enumerate(tiny.VOCABULARY)}, **named)
    tiny.save(tmp_path, made(AutoModelForSequenceClassification, config(family, **LABELS)), tokenizer)
    task = assert_labels_are_those_of_plain_transformers(tmp_path, TEXTS)
    assert bool(task.padding) == (family == "albert")


@pytest.mark.usefixtures("laid_out")
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_a_label_does_not_depend_on_the_side_of_the_padding(family: str, side: str, tmp_path: Path) -> None:
    """On the left it moves a text to other positions, which are the same to a model that has them relative."""
    tokenizer = tiny.byte_level(None)
    tokenizer.pad_token = tokenizer.eos_token
    shaped = tiny.gpt2_config(len(tokenizer)) if family == "gpt2" else config(family)
    shaped.update({**LABELS, "pad_token_id": 0, "vocab_size": len(tokenizer)})
    tiny.save(tmp_path, made(AutoModelForSequenceClassification, shaped), tokenizer)
    path = tmp_path / "tokenizer_config.json"
    tiny.write_json(path, {**json.loads(path.read_text()), "padding_side": side})
    task = assert_labels_are_those_of_plain_transformers(
        tmp_path, ["the cat sat on mat", "the cat sat on the mat", "good", "i love the film<|endoftext|>"]
    )
    assert bool(task.padding) == ((family, side) != ("gpt2", "left"))


@pytest.mark.usefixtures("laid_out")
@pytest.mark.parametrize("text", ["the <pad> cat sat on", "<pad><pad>", "the cat <pad>"])
def test_padding_that_is_typed_has_the_position_that_transformers_gives_it(text: str, tmp_path: Path) -> None:
    processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer = tiny.byte_level(processor, mask_token="<mask>", pad_token="<pad>")
    shaped = tiny.roberta_config(len(tokenizer))
    shaped.update(LABELS)
    tiny.save(tmp_path, made(AutoModelForSequenceClassification, shaped), tokenizer)
    assert_labels_are_those_of_plain_transformers(tmp_path, [text, "the mat", "the cat sat"])


@pytest.mark.parametrize("family", OPTIONS)
@torch.inference_mode()
def test_how_probable_a_word_is_does_not_depend_on_longer_ones(family: str, tmp_path: Path) -> None:
    tokenizer: Any = tiny.word_piece()
    model = made(AutoModelForMaskedLM, config(family))
    tiny.save(tmp_path, model, tokenizer)
    task, mask = UnmaskTask(str(tmp_path), "cpu"), tokenizer.mask_token_id
    before, after = tuple(tokenizer("the cat")["input_ids"][:-1]), (tokenizer.sep_token_id,)
    words = [tuple(tokenizer.convert_tokens_to_ids(word)) for word in (["good"], ["g", "##o", "##o"], ["mat"])]
    together, *alone = task.run(
        [TargetComparison(before, after, mask, tuple(some)) for some in (words, *([word] for word in words))]
    )
    assert together == pytest.approx([chance for (chance,) in alone], rel=1e-4)
    plain = model(torch.tensor([[*before, mask, *after]])).logits[0, len(before)].softmax(dim=-1)
    assert together[::2] == pytest.approx([float(plain[id]) for (id,) in words[::2]], rel=1e-4)


@pytest.mark.parametrize("family", ["albert", "convbert", "mobilebert"])
@torch.inference_mode()
def test_attention_does_not_depend_on_the_texts_beside_it(family: str, tmp_path: Path) -> None:
    model = made(AutoModel, config(family))
    model.save_pretrained(tmp_path)
    plain = AutoModel.from_pretrained(tmp_path, attn_implementation="eager").eval()
    texts = [[2, 50, 51, 3], [2, 50, 51, 52, 53, 54, 3], [2, 3], [2, 61, 62, 3]]
    task = AttentionTask(str(tmp_path), "cpu")
    for ids, (weights, _) in zip(texts, task.run(texts), strict=True):
        expected = torch.stack(plain(torch.tensor([ids]), output_attentions=True).attentions)[:, 0].numpy()
        assert weights.astype(float) == pytest.approx(expected, abs=2e-3)
        assert np.ptp(weights.astype(float)) > 0.01
    assert bool(task.padding) == (family == "albert")


@pytest.mark.parametrize(("family", "shut_out"), [("albert", True), ("gpt2", True), ("fnet", False)])
def test_a_model_is_tried_once(family: str, shut_out: bool) -> None:
    model: Any = made(AutoModel, config(family))
    seen: list[int] = []
    model.register_forward_hook(lambda _module, _inputs, _output: seen.append(1))
    for _ in range(3):
        assert can_fill_up(model) == shut_out
    assert len(seen) == 2 if family == "fnet" else 5  # the first text tells of it
    assert can_fill_up(made(AutoModel, config("albert")))


def test_a_model_that_takes_one_text_at_a_time_is_not_padded() -> None:
    shaped = tiny.gpt2_config(len(tiny.VOCABULARY))
    torch.manual_seed(0)
    assert not can_fill_up(AutoModelForSequenceClassification.from_config(shaped).eval())  # it knows no padding


def test_texts_of_one_length_need_no_trial_and_share_a_pass() -> None:
    model = made(AutoModel, config("fnet"))
    assert share_passes(model, [[1, 2], [3, 4]]) == [[0, 1]] and not [*model.__dict__.get("shut_out_padding", ())]
    assert share_passes(model, [[1, 2], [3], [4, 5], [6]]) == [[0, 2], [1, 3]]
    assert share_passes(model, [[1, 2], [3], [4, 5], [6]], most=2) == [[0], [2], [1, 3]]
    assert share_passes(made(AutoModel, config("albert")), [[1, 2], [3], [4, 5]], most=4) == [[0, 1], [2]]


def test_a_model_that_counts_the_ends_of_a_text_is_tried_on_texts_with_one() -> None:
    """BART's classifier looks for them, and takes no two texts with different numbers of them."""
    shaped = BartConfig(**tiny.WRITER, encoder_layers=2, bos_token_id=2, decoder_start_token_id=2, **LABELS)
    model = made(AutoModelForSequenceClassification, shaped)
    assert padded_ratio(model, tiny.word_piece(), on_gpu=False) == ALIKE
    assert padded_ratio(model, tiny.word_piece(), on_gpu=True) == ALIKE_ON_GPU
    assert shortened([2, 7, 8, 3]) == [[2, 3], [2, 7, 3], [2, 7, 8, 3]]


def test_a_model_that_cannot_be_tried_is_not_padded() -> None:
    few = config("albert")
    few.max_position_embeddings = 6
    assert not can_fill_up(made(AutoModel, few))
    word = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel({"[PAD]": 0}, "[PAD]")), pad_token="[PAD]")
    assert padded_ratio(made(AutoModelForSequenceClassification, config("albert")), word, on_gpu=True) == 1
    assert fill_up([[5], [6, 7]])["attention_mask"].tolist() == [[1, 0], [1, 1]]
