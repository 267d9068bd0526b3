"""Heads of one's choice off, one after the other: as plain transformers answers where their weights are zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer

from core import Core
from core.asking.switching import MOST_PICKED
from core.errors import BadInput
from core.render import AblationGrid
from core.results import Ablation

TEXT = "The [MASK] sat."
HEADS = [(2, 1), (1, 2), (3, 1)]


@torch.inference_mode()
def plain(auto: Any, folder: Path, text: str, off: list[tuple[int, int]]) -> list[torch.Tensor]:
    """Log-odds of every choice with the whole model, then without more and more heads."""
    model, tokenizer = auto.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(text, return_tensors="pt")
    place = (encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero()
    size = model.config.hidden_size // model.config.num_attention_heads

    def asked() -> torch.Tensor:
        logits = model(**encoded).logits[0]
        return torch.logit((logits[place[0, 0]] if len(place) else logits).double().softmax(dim=-1))

    found = [asked()]
    for layer, head in off:
        output = model.base_model.encoder.layer[layer - 1].attention.output.dense
        output.weight[:, (head - 1) * size : head * size] = 0
        found.append(asked())
    return found


@pytest.mark.parametrize(
    ("way", "text", "auto", "model"),
    [
        ("ablate_word", TEXT, AutoModelForMaskedLM, "bert-masked-lm"),
        ("ablate_label", "i love it", AutoModelForSequenceClassification, "bert-classifier"),
    ],
)
async def test_each_step_is_what_transformers_answers(
    core: Core, models: Path, way: str, text: str, auto: Any, model: str
) -> None:
    result: Ablation = await getattr(core, way)(text, off=HEADS)
    whole, *steps = plain(auto, models / model, text, HEADS)
    best = int(whole.argmax())
    assert [(one.part.layer + 1, (one.part.head or 0) + 1) for one in result.picked] == HEADS
    for one, odds in zip(result.picked, steps, strict=True):
        assert one.answer.log_odds == pytest.approx(float(odds[best]), abs=1e-3)
        assert one.top[0].log_odds == pytest.approx(float(odds.max()), abs=1e-3)
    assert (await core.switch_off(result, HEADS[:1])).picked == result.picked[:1]
    assert not (await core.switch_off(result, ())).picked


async def test_the_first_alone_is_what_the_grid_has_and_the_order_is_ones_own(core: Core) -> None:
    result = await core.ablate_word(TEXT)
    one, other = [await core.switch_off(result, heads) for heads in (HEADS, HEADS[::-1])]
    alone = {(grid.part.layer + 1, (grid.part.head or 0) + 1): grid for grid in result.heads}
    assert one.picked[0].answer.log_odds == pytest.approx(alone[HEADS[0]].answer.log_odds, abs=1e-4)
    assert one.picked[-1].answer.log_odds == pytest.approx(other.picked[-1].answer.log_odds, abs=1e-4)
    assert one.removals == result.removals


async def test_each_mask_has_its_own_answer(core: Core, models: Path) -> None:
    """The others are masked still, as transformers answers."""
    text = "the [MASK] sat on the [MASK]"
    for mask in (1, 2):
        result = await core.ablate_word(text, mask=mask, off=HEADS[:1])
        model = AutoModelForMaskedLM.from_pretrained(models / "bert-masked-lm").eval()
        encoded = AutoTokenizer.from_pretrained(models / "bert-masked-lm")(text, return_tensors="pt")
        with torch.inference_mode():
            odds = torch.logit(model(**encoded).logits[0, result.source.masks[mask - 1]].double().softmax(dim=-1))
        assert result.answer.log_odds == pytest.approx(float(odds.max()), abs=1e-3) and result.mask == mask
        assert f"mask {mask} of 2" in AblationGrid(result).draw().alt
    for mask in (0, 3):
        with pytest.raises(BadInput, match=f"has 2 masks: there is no mask {mask}"):
            await core.ablate_word(text, mask=mask)


async def test_the_mean_stands_in_for_them_too(core: Core) -> None:
    result = await core.ablate_word(TEXT, mean=True, off=HEADS[:1])
    (alone,) = (one for one in result.heads if (one.part.layer, one.part.head) == (1, 0))
    assert result.picked[0].answer.log_odds == pytest.approx(alone.answer.log_odds, abs=1e-4)


@pytest.mark.parametrize(
    ("heads", "says"),
    [
        ([(4, 1)], "no such head"),
        ([(1, 3)], "no such head"),
        ([(0, 1)], "no such head"),
        ([(1, 1), (1, 1)], "twice"),
        ([(1, 1)] * (MOST_PICKED + 1), "At most 12 heads"),
    ],
)
async def test_heads_that_are_not_there(core: Core, heads: list[tuple[int, int]], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        await core.switch_off(await core.ablate_word(TEXT), heads)


async def test_the_picture_shows_each_step(core: Core) -> None:
    result = await core.ablate_word(TEXT, off=HEADS)
    view = AblationGrid(result)
    assert view.finding().startswith("Without heads 2.1, 1.2, 3.1, ")
    drawing = view.draw()
    assert "One after the other: 2.1 " in drawing.alt and drawing.height <= 4096
    assert [row[0] for row in view.table().rows[-3:]] == ["+ 2.1", "+ 1.2", "+ 3.1"]
