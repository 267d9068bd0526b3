"""SmolLM2-135M-Instruct: a causal model of 30 layers, whose 9 heads share 3 keys and values, as a host's own folder."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from cogs.cards.controls.attention import attention_rows
from cogs.cards.view_state import ViewState
from core import Core, CoreSettings
from core.language import ENGLISH

pytestmark = [pytest.mark.weights, pytest.mark.asyncio(loop_scope="module")]

LAYERS, HEADS = 30, 9
CAPITAL = "The capital of France is"
TEXTS = [CAPITAL, "Unbelievable: a naïve café 🤗 你好", " two  spaces, then\nlines"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def core(smollm2: Path) -> AsyncGenerator[Core, None]:
    folder = str(smollm2)
    async with Core.open(
        replace(CoreSettings.bundled(), tokens_model=folder, attention_model=folder, unmask_model=folder)
    ) as core:
        yield core


@pytest.fixture(scope="module")
def plain(smollm2: Path) -> tuple[Any, Any]:
    """What plain transformers makes of the same folder."""
    model = AutoModelForCausalLM.from_pretrained(smollm2, dtype=torch.float32, attn_implementation="eager")
    return AutoTokenizer.from_pretrained(smollm2), model.eval()


@pytest.mark.parametrize("text", TEXTS)
async def test_tokens_and_weights_are_those_of_transformers(core: Core, plain: tuple[Any, Any], text: str) -> None:
    tokenizer, model = plain
    inputs = tokenizer(text, return_tensors="pt")
    assert (await core.tokens(text)).ids == inputs["input_ids"][0].tolist()
    result = await core.attention(text)
    with torch.inference_mode():
        theirs = torch.cat(model(**inputs, output_attentions=True).attentions).numpy()
    assert result.weights.shape == theirs.shape == (LAYERS, HEADS, *theirs.shape[2:])
    assert np.abs(result.weights - theirs).max() < 1e-3
    assert result.causal and result.norms


async def test_what_comes_next(core: Core, plain: tuple[Any, Any]) -> None:
    tokenizer, model = plain
    with torch.inference_mode():
        chances = model(**tokenizer(CAPITAL, return_tensors="pt")).logits[0, -1].softmax(-1)
    best = chances.topk(5)
    result = await core.unmask(f"{CAPITAL} ___")
    assert [word.id for word in result.masks[0]] == best.indices.tolist()
    assert [word.probability for word in result.masks[0]] == pytest.approx(best.values.tolist(), rel=1e-3)
    assert result.masks[0][0].word == " Paris"


async def test_layer_by_layer(core: Core, plain: tuple[Any, Any]) -> None:
    """The logit lens: the final norm and the head on the state after each layer."""
    tokenizer, model = plain
    with torch.inference_mode():
        states = model(**tokenizer(CAPITAL, return_tensors="pt"), output_hidden_states=True).hidden_states
        normed = [model.model.norm(state[0, -1]) for state in states[:-1]] + [states[-1][0, -1]]
        tops = [int(model.lm_head(state).argmax()) for state in normed]
    (guesses,) = (await core.layers(f"{CAPITAL} ___")).masks
    assert len(guesses) == LAYERS + 1
    assert [guess.word for guess in guesses] == [tokenizer.decode([top]) for top in tops]


async def test_more_layers_than_a_select_holds(core: Core) -> None:
    result = await core.attention(CAPITAL)
    for layer in (0, 13, LAYERS - 1):
        rows = attention_rows(ENGLISH, "0" * 10, result, ViewState(layer=layer))
        (select,) = [control.item for row in rows for control in row if control.custom_id.startswith("layer:")]
        options = select.options
        assert len(options) <= 25 and [option.value for option in options if option.default] == [str(layer)]
