"""What a masked language model can be asked beyond its first answer, against plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from core import Core, CoreSettings
from core.errors import BadInput
from core.render import LayerBars
from core.results import Guess, Layered, settled

from .golden import samples

MASKED = ["bert-masked-lm", "distilbert-masked-lm", "roberta-masked-lm"]


def settings(models: Path, name: str) -> CoreSettings:
    roles = ("sentiment_model", "unmask_model", "tokens_model", "attention_model")
    return CoreSettings(**{role: str(models / name) for role in roles}, threads=1, device="cpu")


class Plain:
    """The model as everybody uses it."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()

    def chances(self, ids: list[int]) -> torch.Tensor:
        """``(N, vocabulary)``"""
        with torch.inference_mode():
            return self.model(torch.tensor([ids])).logits[0].softmax(dim=-1)


@pytest.mark.parametrize("name", MASKED)
async def test_the_last_layer_answers_as_the_model_does(models: Path, name: str) -> None:
    plain, text = Plain(models / name), "the cat ___ on the ___."
    async with Core.open(settings(models, name)) as core:
        found = await core.layers(text)
    ids = plain.tokenizer(text.replace("___", plain.tokenizer.mask_token))["input_ids"]
    assert found.source.ids == ids
    places = [place for place, id in enumerate(ids) if id == plain.tokenizer.mask_token_id]
    assert len(found.masks) == len(places) == 2
    for place, guesses in zip(places, found.masks, strict=True):
        best = plain.chances(ids)[place].max(dim=-1)
        assert len(guesses) == plain.model.config.num_hidden_layers + 1
        assert guesses[-1].word == plain.tokenizer.decode([int(best.indices)])
        assert guesses[-1].probability == pytest.approx(float(best.values), abs=1e-6)
        assert (guesses[-1].answer, guesses[-1].rank) == (guesses[-1].probability, 1)


async def test_a_layer_answers_as_a_model_that_ends_there(models: Path, tmp_path: Path) -> None:
    """BERT's layers end with their own normalisation: a shorter model with the same head is the definition."""
    name, text = "bert-masked-lm", "the cat [MASK] on the mat."
    plain = Plain(models / name)
    async with Core.open(settings(models, name)) as core:
        (guesses,) = (await core.layers(text)).masks
    ids = plain.tokenizer(text)["input_ids"]
    place = ids.index(plain.tokenizer.mask_token_id)
    answer = int(plain.chances(ids)[place].argmax())
    layers = plain.model.bert.encoder.layer
    for kept in range(len(layers) + 1):
        plain.model.bert.encoder.layer = layers[:kept]
        chances = plain.chances(ids)[place]
        assert guesses[kept].word == plain.tokenizer.decode([int(chances.argmax())])
        assert guesses[kept].probability == pytest.approx(float(chances.max()), abs=1e-6)
        assert guesses[kept].answer == pytest.approx(float(chances[answer]), abs=1e-6)
        assert guesses[kept].rank == 1 + int((chances > chances[answer]).sum())


def guesses(*ranks: int) -> tuple[Guess, ...]:
    return tuple(Guess(f"word{rank}", 0.5, 0.5 / rank, rank) for rank in ranks)


def test_settled_is_the_layer_from_which_the_answer_stays() -> None:
    assert [settled(guesses(*ranks)) for ranks in ((3, 1, 2, 1, 1), (1, 1), (5, 1), (2, 2, 1))] == [3, 0, 1, 2]


def test_the_layers_are_told_in_words() -> None:
    view = LayerBars(Layered(samples.MASKED, (guesses(9, 2, 1, 1), guesses(4, 3, 2, 1))))
    alt, table = view.draw().alt, view.table()
    assert "“word1” from layer 2 on; “word1” only after the last layer" in alt
    assert table.rows[0] == ("1", "input", "word9", "0.5000", "0.0556", "9")
    assert len(table.rows) == 8


async def test_a_text_without_a_mask_has_no_layers(models: Path) -> None:
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        with pytest.raises(BadInput, match="mask"):
            await core.layers("the cat")
