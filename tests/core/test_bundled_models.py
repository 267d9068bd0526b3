"""The models in the box load in the ordinary library, stay small, and get the obvious right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    pipeline,
)

from core import Core, CoreSettings, bundled
from core.maps.tour import choose_heads

BUNDLED = Path(bundled.__file__).parent
LOADERS = {
    "bert-mini": AutoModelForMaskedLM,
    "minilm": AutoModelForSequenceClassification,
    "gpt-mini": AutoModelForCausalLM,
    "reverser": AutoModelForSeq2SeqLM,
}
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def classify() -> Any:
    torch.set_num_threads(1)
    return pipeline("text-classification", model=str(BUNDLED / "minilm"), dtype=torch.float32)


@pytest.fixture(scope="module")
def unmask() -> Any:
    torch.set_num_threads(1)
    return pipeline("fill-mask", model=str(BUNDLED / "bert-mini"), dtype=torch.float32)


def weights() -> list[Path]:
    return sorted(BUNDLED.glob("*/model.safetensors"))


def test_the_weights_are_small_and_in_half_precision() -> None:
    assert [path.parent.name for path in weights()] == sorted(LOADERS)
    assert sum(path.stat().st_size for path in weights()) <= 61 * MEGABYTE
    for path in weights():
        assert {tensor.dtype for tensor in load_file(path).values()} == {torch.float16}


@pytest.mark.parametrize("name", LOADERS)
def test_every_weight_finds_its_place(name: str) -> None:
    model, found = LOADERS[name].from_pretrained(BUNDLED / name, output_loading_info=True)
    assert not any(found.values()), found
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", LOADERS)
def test_each_folder_brings_a_tokenizer_that_knows_its_limit(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(BUNDLED / name)
    assert tokenizer.model_max_length <= 512
    plain = Tokenizer.from_file(str(BUNDLED / name / "tokenizer.json"))
    text = "Héllo, don't PANIC 🎉 中文 [MASK]"
    assert tokenizer(text)["input_ids"] == plain.encode(text).ids


def test_no_folder_tells_where_it_was_made() -> None:
    for path in BUNDLED.glob("*/*.json"):
        assert not {"_name_or_path", "is_local", "local_files_only"} & json.loads(path.read_text("utf-8")).keys(), path


def test_the_plain_pipelines_answer_in_half_precision_too() -> None:
    assert pipeline("fill-mask", model=str(BUNDLED / "bert-mini"))("I like to [MASK] music.")[0]["score"] > 0
    assert pipeline("text-classification", model=str(BUNDLED / "minilm"))("Great!")[0]["label"] == "POSITIVE"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I absolutely loved it!", "POSITIVE"),
        ("i absolutely loved it", "POSITIVE"),
        ("WHAT A WONDERFUL DAY", "POSITIVE"),
        ("Thanks so much, this is really helpful 😍", "POSITIVE"),
        ("One of the best films I have ever seen.", "POSITIVE"),
        ("This is the worst movie I have ever seen.", "NEGATIVE"),
        ("I don't like it.", "NEGATIVE"),
        ("what a boring, stupid mess", "NEGATIVE"),
        ("I hate this game.", "NEGATIVE"),
        ("Terrible service, the food was cold and the staff were rude.", "NEGATIVE"),
    ],
)
def test_obvious_opinions(classify: Any, text: str, label: str) -> None:
    assert classify(text)[0]["label"] == label


@pytest.mark.parametrize(
    ("text", "fitting"),
    [
        (
            "She went to the [MASK] to buy some milk.",
            {"store", "shop", "market", "supermarket", "farm", "kitchen", "house", "station"},
        ),
        ("Thank you very [MASK]!", {"much"}),
        ("The capital of France is [MASK].", {"paris"}),
        ("Tokyo is the capital of [MASK].", {"japan"}),
        ("I would like a cup of [MASK], please.", {"coffee", "tea", "water"}),
        ("He opened the [MASK] and walked into the room.", {"door", "doors", "window", "gate"}),
    ],
)
def test_obvious_masks(unmask: Any, text: str, fitting: set[str]) -> None:
    assert fitting & {answer["token_str"] for answer in unmask(text)}


@pytest.mark.parametrize(
    "sentence",
    [
        "The keys to the old house are on the table.",
        "She gave her brother a book about the history of Spain.",
        "I think that the film was not very good.",
    ],
)
async def test_the_tour_of_an_ordinary_sentence_shows_one_word_the_token_before_and_the_token_after(
    sentence: str,
) -> None:
    async with Core.open(CoreSettings.bundled()) as core:
        stops = {stop.name for stop in choose_heads(await core.attention(sentence))}
    assert {"one word", "previous", "next"} < stops


async def test_it_looks_at_the_animal() -> None:
    """What an encoder learned before it was fine-tuned is still there."""
    async with Core.open(CoreSettings.bundled()) as core:
        found = await core.attention("The animal didn't cross the street because it was too tired.")
    pieces = [token.piece for token in found.source.tokens]
    looks = found.weights[:, :, pieces.index("it")].astype(float)
    layer, head = divmod(int(looks[:, :, pieces.index("animal")].argmax()), looks.shape[1])
    assert looks[layer, head, pieces.index("animal")] >= 0.5
    assert looks[layer, head].argmax() == pieces.index("animal")


@pytest.mark.parametrize(
    ("begun", "continued"),
    [("Thank you very", "Thank you very much"), ("I would like a cup of", "I would like a cup of tea")],
)
def test_the_causal_model_goes_on(begun: str, continued: str) -> None:
    go_on = pipeline("text-generation", model=str(BUNDLED / "gpt-mini"), dtype=torch.float32)
    assert go_on(begun, max_new_tokens=4, do_sample=False)[0]["generated_text"].startswith(continued)


@pytest.mark.parametrize(
    ("sentence", "backwards"),
    [
        ("The cat sat on the mat.", ". mat the on sat cat the"),
        (
            "I love transformers because attention is easy to see",
            "see to easy is attention because transformers love i",
        ),
    ],
)
def test_the_reverser_turns_a_sentence_round_and_looks_at_it_from_the_end(sentence: str, backwards: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(BUNDLED / "reverser")
    model = AutoModelForSeq2SeqLM.from_pretrained(
        BUNDLED / "reverser", dtype=torch.float32, attn_implementation="eager"
    ).eval()
    text = tokenizer(sentence, return_tensors="pt")
    said = model.generate(**text)
    assert (
        tokenizer.decode(said[0], skip_special_tokens=True).split()
        == tokenizer.decode(tokenizer(backwards)["input_ids"], skip_special_tokens=True).split()
    )
    crossed = model(**text, decoder_input_ids=said[:, 1:-1], output_attentions=True).cross_attentions
    looked = torch.stack(crossed)[:, 0].argmax(-1)  # (layers, heads, words said)
    diagonal = torch.arange(looked.shape[-1], 0, -1)
    assert (looked == diagonal).float().mean(-1).max() > 0.8
