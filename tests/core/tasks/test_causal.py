"""What a causal model would write next, against plain `transformers`: words, words to compare, layer by layer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, Llama4TextConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core import Core, CoreSettings
from core.errors import BadInput, ModelUnavailable
from core.questions import LogitLens, NextToken
from core.render import LogitLensBars, UnmaskBars
from core.tasks.causal import CausalTask
from core.tasks.explaining.logit_lens import logit_lens
from tests import tiny
from tests.core.tasks.test_norms import OF_THEIR_OWN, SIZES

TEXT = "the cat sat on ___ mat."
BEFORE = "the cat sat on"
FAMILIES = {
    **{name: OF_THEIR_OWN[name] for name in ("gpt2", "gpt_neo", "llama", "mistral", "opt", "qwen2")},
    "bloom": {"n_layer": 3, "n_head": 4},
    "gpt_neox": {},
    "phi": {},
}


@pytest.fixture
def settings(models: Path) -> CoreSettings:
    roles = ("sentiment_model", "tokens_model", "attention_model", "unmask_model")
    return CoreSettings(**{role: str(models / "gpt2") for role in roles}, threads=1, device="cpu")


class Plain:
    """The model as everybody uses it."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    @torch.inference_mode()
    def chances(self, ids: list[int]) -> torch.Tensor:
        """``(N, vocabulary)``"""
        return self.model(torch.tensor([ids])).logits[0].softmax(dim=-1)


async def test_the_most_probable_next_tokens(settings: CoreSettings, models: Path) -> None:
    plain = Plain(models / "gpt2")
    async with Core.open(settings) as core:
        found = await core.unmask(TEXT, top=7)
    ids = plain.tokenizer(BEFORE)["input_ids"]
    best = plain.chances(ids)[-1].topk(7)
    ((*candidates,),) = found.masks
    assert (found.source.text, found.source.ids, found.fillings, found.targets) == (TEXT, ids, (), ())
    assert [one.id for one in candidates] == best.indices.tolist()
    assert [one.probability for one in candidates] == pytest.approx(best.values.tolist(), rel=1e-4)
    assert candidates[0].word == plain.tokenizer.decode(best.indices[:1])
    assert candidates[0].sentence == plain.tokenizer.decode([*ids, candidates[0].id])


@pytest.mark.parametrize("text", [BEFORE, f"{BEFORE}  ", "a", "a" * 40, "le café 🤗"])
async def test_a_text_without_a_gap_goes_on_at_its_end(settings: CoreSettings, models: Path, text: str) -> None:
    plain = Plain(models / "gpt2")
    async with Core.open(settings) as core:
        core.check("unmask", text)
        found = await core.unmask(text, top=5)
        layered = await core.layers(text)
    best = plain.chances(plain.tokenizer(text.rstrip())["input_ids"])[-1].topk(5)
    ((*candidates,),) = found.masks
    assert found.source.text == text
    assert [one.id for one in candidates] == best.indices.tolist()
    assert [one.probability for one in candidates] == pytest.approx(best.values.tolist(), rel=1e-4)
    assert layered.masks[0][-1].word == candidates[0].word


@pytest.mark.parametrize("text", [BEFORE, f"{BEFORE} "])
async def test_words_to_compare_come_after_a_space(settings: CoreSettings, text: str) -> None:
    async with Core.open(settings) as core:
        ahead, at_gap = [await core.unmask(one, compare="the, hates, very") for one in (text, f"{BEFORE} ___")]
    assert ahead.targets == at_gap.targets


async def test_a_text_without_a_gap_is_refused_where_masks_are_filled(models: Path) -> None:
    masked = CoreSettings(unmask_model=str(models / "bert-masked-lm"), threads=1, device="cpu")
    async with Core.open(masked) as core:
        with pytest.raises(BadInput, match="a model like GPT, which goes on"):
            core.check("unmask", BEFORE)
        core.check("unmask", BEFORE, "bundled/gpt-mini")


def test_neighbours_in_a_batch_change_nothing(models: Path) -> None:
    task = CausalTask(str(models / "gpt2"), "cpu")
    asked = [NextToken((5, 17, 3, 42), 3), NextToken((7,), 3), LogitLens((9, 8), (1,)), NextToken((11, 12, 13), 3)]
    for question, together in zip(asked, task.run(asked), strict=True):
        (alone,) = task.run([question])
        for one, other in zip(together[0], alone[0], strict=True):
            numbers, same = ([part for part in row if isinstance(part, float)] for row in (one, other))
            assert numbers == pytest.approx(same, rel=1e-4)
            assert [part for part in one if part not in numbers] == [part for part in other if part not in same]


async def test_words_to_compare_have_the_probability_of_the_chain_rule(settings: CoreSettings, models: Path) -> None:
    plain = Plain(models / "gpt2")
    async with Core.open(settings) as core:
        found = await core.unmask(TEXT, compare="the, hates, very")
    (targets,) = found.targets
    assert any(len(target.pieces) > 1 for target in targets)
    ids = plain.tokenizer(BEFORE)["input_ids"]
    for target in targets:
        word = plain.tokenizer(f" {target.word}")["input_ids"]  # with the space that stands before the gap
        assert plain.tokenizer.convert_ids_to_tokens(word) == list(target.pieces)
        chances = plain.chances([*ids, *word])
        steps = [float(chances[len(ids) - 1 + number, id]) for number, id in enumerate(word)]
        assert target.probability == pytest.approx(math.prod(steps), rel=1e-3)


async def test_a_word_that_grows_together_with_what_stands_before(settings: CoreSettings) -> None:
    async with Core.open(settings) as core:
        with pytest.raises(BadInput, match="grows together"):
            await core.unmask("the ca___", compare="t")


async def test_pictures_say_that_the_rest_was_not_read(settings: CoreSettings) -> None:
    async with Core.open(settings) as core:
        found = await core.unmask(TEXT, compare="hates")
        layered = await core.layers(TEXT)
    assert len(layered.masks[0]) == 3 and layered.masks[0][-1].rank == 1
    assert layered.masks[0][-1].word == found.masks[0][0].word
    assert "Compared: hates" in UnmaskBars(found).draw().alt
    assert f"What {found.source.model.name} writes next." in UnmaskBars(found).draw().alt
    assert f"Text: “{TEXT}”" in LogitLensBars(layered).draw().alt


def test_a_head_that_cannot_be_shown_chosen_states_is_refused_when_the_model_is_loaded(tmp_path: Path) -> None:
    """Llama 4 calls its base model by another name than it says."""
    tokenizer = tiny.byte_level(None)
    sizes = {**SIZES, "vocab_size": len(tokenizer), "intermediate_size_mlp": 32, "num_local_experts": 2}
    config = Llama4TextConfig(**sizes, num_key_value_heads=2, head_dim=8)
    tiny.save(tmp_path, AutoModelForCausalLM.from_config(config), tokenizer)
    with pytest.raises(ModelUnavailable):
        CausalTask(str(tmp_path), "cpu")


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_a_layer_answers_as_a_model_that_ends_there(family: str) -> None:
    """So the final norm is found, and applied once."""
    torch.manual_seed(0)
    config = CONFIG_MAPPING[family](**{**SIZES, "initializer_range": 0.5, **FAMILIES[family]})
    model: Any = AutoModelForCausalLM.from_config(config).eval()
    ids = (5, 17, 3, 42, 88)
    (rows,) = logit_lens(model, "cpu", LogitLens(ids, (len(ids) - 1,)))
    stack = getattr(model.base_model, "decoder", model.base_model)
    name, layers = next((name, part) for name, part in stack.named_children() if isinstance(part, nn.ModuleList))
    answer = int(model(torch.tensor([ids])).logits[0, -1].argmax())
    assert len(rows) == len(layers) + 1
    for kept, row in enumerate(rows):
        setattr(stack, name, layers[:kept])
        model.config.num_hidden_layers = kept
        logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
        chances = logits.softmax(dim=-1)
        assert row[0] == int(logits.argmax())
        assert row[1:3] == pytest.approx((float(chances.max()), float(chances[answer])), abs=1e-5)
        assert row[3] == 1 + int((logits > logits[answer]).sum())
