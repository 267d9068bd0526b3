"""The logit lens at every position: its last row is what plain transformers answers there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core import Core, CoreSettings
from core.asking.passes import LENS_TOKENS, lens_passes
from core.errors import BadInput, NotOffered, TooLong
from core.questions import LogitLens, SentenceLens
from core.tasks.engine.loading import load_model
from core.tasks.explaining.logit_lens import lens_everywhere, logit_lens
from core.tasks.norms import PROJECTIONS
from tests.core.tasks.explaining.test_ablation import CAUSAL, IDS, LAYERS, made
from tests.core.tasks.test_norms import SIZES

TEXT = "the cat [MASK] on the mat."
OF_OPT: dict[str, Any] = {"word_embed_proj_dim": 16}  # between its layers and its head it has a projection
FILLING: dict[str, dict[str, Any]] = {
    **{kind: {} for kind in ("bert", "megatron-bert", "roberta-prelayernorm", "xlm-roberta-xl")},
    "convbert": {"embedding_size": 32, "head_ratio": 2, "conv_kernel_size": 3},
    "esm": {"mask_token_id": 4, "position_embedding_type": "rotary"},
    "modernbert": {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2},
}
WRITING: dict[str, dict[str, Any]] = {
    **{kind: {} for kind in ("biogpt", "gpt_neox")},
    "bloom": {"n_layer": LAYERS, "n_head": 4},
    "ctrl": {"n_embd": 32, "dff": 37, "n_layer": LAYERS, "n_head": 4, "n_positions": 40},
    "gpt2": {"n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 40},
    "llama": {"num_key_value_heads": 2},
    "openai-gpt": {"n_embd": 32, "n_layer": LAYERS, "n_head": 4, "n_positions": 40},
    "opt": {"ffn_dim": 37, "word_embed_proj_dim": 16},
    "xglm": {"d_model": 32, "ffn_dim": 37, "num_layers": LAYERS, "attention_heads": 4},
}
"""Families whose last norm has many names and places, and such as have none."""


def varied(auto: Any, kind: str, folder: Path, **options: Any) -> tuple[Any, Any]:
    """A model as plain transformers loads it, and as a device does; its norms do what no other norm would."""
    torch.manual_seed(0)
    sizes: dict[str, Any] = {**SIZES, "initializer_range": 0.3, **options}
    model = auto.from_config(CONFIG_MAPPING[kind](**sizes))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            nn.init.normal_(parameter, mean=float(name.endswith("weight")), std=0.3)
    model.save_pretrained(folder)
    return auto.from_pretrained(folder).eval(), load_model(auto, str(folder), "cpu")


def cut_off(model: Any, kept: int) -> Any:
    """A copy of a model that ends after some layers."""
    short = copy.deepcopy(model)
    name, layers = next(
        (name, part) for name, part in short.named_modules() if isinstance(part, nn.ModuleList) and len(part) == LAYERS
    )
    place, _, name = name.rpartition(".")
    setattr(short.get_submodule(place), name, layers[:kept])
    short.config.num_hidden_layers = kept
    return short


@pytest.mark.parametrize("kind", [*FILLING, *WRITING])
@torch.inference_mode()
def test_a_layer_answers_as_a_model_that_ends_there(kind: str, tmp_path: Path) -> None:
    """So whatever comes after the last layer is found, and applied once."""
    auto, options = (AutoModelForMaskedLM, FILLING) if kind in FILLING else (AutoModelForCausalLM, WRITING)
    model, loaded = varied(auto, kind, tmp_path, **options[kind])
    found = lens_everywhere(loaded, "cpu", SentenceLens(IDS, (6,), ((),), 2))
    (rows,) = logit_lens(loaded, "cpu", LogitLens(IDS, (6,)))
    for kept in range(1, LAYERS + 1):
        logits = cut_off(model, kept)(torch.tensor([IDS])).logits[0]
        best = logits.softmax(dim=-1).max(dim=-1)
        assert found.best[kept] == best.indices.tolist()
        assert found.chances[kept] == pytest.approx(best.values.tolist(), abs=1e-4)
        assert rows[kept][:2] == pytest.approx((int(best.indices[6]), float(best.values[6])), abs=1e-4)


@pytest.mark.parametrize("layers", [1, 2])
@torch.inference_mode()
def test_a_model_of_few_layers_has_its_norm_too(layers: int, tmp_path: Path) -> None:
    model, loaded = varied(AutoModelForMaskedLM, "megatron-bert", tmp_path, num_hidden_layers=layers)
    ((first, *_),) = logit_lens(loaded, "cpu", LogitLens(IDS, (6,)))
    states = model.base_model.encoder.ln(model.base_model.embeddings(torch.tensor([IDS])))
    assert first[1] == pytest.approx(float(model.cls(states)[0, 6].softmax(dim=-1).max()), abs=1e-5)


def test_what_cannot_be_followed_to_the_answer_is_refused(tmp_path: Path) -> None:
    """A model that does something after its layers that is no module of its own."""
    _, loaded = varied(AutoModelForCausalLM, "gpt2", tmp_path, **WRITING["gpt2"])
    norm = loaded.base_model.ln_f
    loaded.base_model.ln_f = nn.Identity()
    hook = loaded.base_model.ln_f.register_forward_pre_hook(lambda _, given: (norm(2 * given[0]),))
    with pytest.raises(BadInput, match="between its last layer and its answer"):
        logit_lens(loaded, "cpu", LogitLens(IDS, (6,)))
    hook.remove()
    assert logit_lens(loaded, "cpu", LogitLens(IDS, (6,)))


@pytest.mark.parametrize(("kind", "options"), [*((kind, {}) for kind in sorted(PROJECTIONS)), ("opt", OF_OPT)])
def test_the_last_layer_answers_as_the_model_does(kind: str, options: dict[str, Any], tmp_path: Path) -> None:
    """And at each layer as the lens at single positions does, which is held against models that end there."""
    auto = AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM
    model, loaded = made(auto, kind, tmp_path, **options)
    found = lens_everywhere(loaded, "cpu", SentenceLens(IDS, (3, 6), ((7,), ()), 3))
    with torch.inference_mode():
        logits = model(torch.tensor([IDS])).logits[0]
    best = logits.double().softmax(dim=-1).max(dim=-1)
    assert found.best[-1] == best.indices.tolist()
    assert found.chances[-1] == pytest.approx(best.values.tolist(), abs=1e-5)
    rows = logit_lens(loaded, "cpu", LogitLens(IDS, tuple(range(len(IDS)))))
    assert len(found.best) == LAYERS + 1
    for place, column in enumerate(rows):
        assert [row[place] for row in found.best] == [token for token, *_ in column]
        assert [row[place] for row in found.chances] == pytest.approx([chance for _, chance, *_ in column], abs=1e-5)


@pytest.mark.parametrize("kind", ["bert", "llama"])
def test_words_are_followed_with_their_ranks(kind: str, tmp_path: Path) -> None:
    auto = AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM
    model, loaded = made(auto, kind, tmp_path)
    (first, second) = lens_everywhere(loaded, "cpu", SentenceLens(IDS, (3, 6), ((7,), ()), 3)).followed
    with torch.inference_mode():
        logits = model(torch.tensor([IDS])).logits[0]
    for place, ways in ((3, first), (6, second)):
        likeliest = logits[place].topk(3).indices.tolist()
        assert [id for id, *_ in ways] == ([7] if place == 3 else []) + likeliest
        for id, ranks, chances in ways:
            assert len(ranks) == len(chances) == LAYERS + 1
            assert ranks[-1] == 1 + int((logits[place] > logits[place, id]).sum())
            assert chances[-1] == pytest.approx(float(logits[place].softmax(dim=-1)[id]), abs=1e-5)


def test_some_positions_at_a_time_are_read_as_all_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, loaded = made(AutoModelForMaskedLM, "bert", tmp_path)
    question = SentenceLens(IDS, (3,), ((),), 2)
    whole = lens_everywhere(loaded, "cpu", question)
    monkeypatch.setattr("core.tasks.explaining.logit_lens.AT_ONCE", 3 * 99)
    cut = lens_everywhere(loaded, "cpu", question)
    assert cut.best == whole.best
    assert np.allclose(cut.chances, whole.chances, atol=1e-6)


async def test_a_text_is_read_layer_by_layer(core: Core) -> None:
    found = await core.lens(TEXT, compare="cat, internationalisation, sat")
    (answer, *_), *_ = (await core.unmask(TEXT)).masks
    place = found.source.masks[0]
    assert found.places == (place,) and found.layers == 3
    assert found.best[-1][place] == answer.word
    assert found.probabilities[-1, place] == pytest.approx(answer.probability, abs=1e-5)
    assert [path.word for path in found.paths][:2] == ["cat", "sat"]
    assert found.split == ("internationalisation",)
    top = next(path for path in found.paths if path.word == answer.word)
    assert top.ranks[-1] == 1 and top.settled is not None
    columns = found.columns()
    assert {len(column) for column in columns.values()} == {4 * len(found.source.tokens)}
    arrays = found.to_arrays()
    assert arrays["best"].shape == arrays["probabilities"].shape == (4, len(found.source.tokens))
    assert arrays["followed_ranks"].shape == (len(found.paths), 4)


async def test_each_gap_has_its_own_words(core: Core) -> None:
    found = await core.lens("the [MASK] sat on the [MASK].")
    assert found.places == tuple(found.source.masks) and len(found.places) == 2


async def test_what_it_costs(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    async with Core.open(settings) as core:
        submit = core._executor.submit

        async def noted(*args: Any, size: int, **options: Any) -> Any:
            sizes.append(size)
            return await submit(*args, size=size, **options)

        monkeypatch.setattr(core._executor, "submit", noted)
        found = await core.lens(TEXT)
    assert sizes[-1] == lens_passes(3) * len(found.source.tokens)


async def test_what_is_refused(core: Core) -> None:
    with pytest.raises(BadInput, match="no mask"):
        await core.lens("the cat")
    with pytest.raises(NotOffered, match="no language-model head"):
        await core.lens(TEXT, model="bundled/minilm")
    with pytest.raises(TooLong, match=f"{LENS_TOKENS}|are read here"):
        await core.lens("[MASK] " + "cat " * 300)
