"""What a masked language model can be asked beyond its first answer, against plain `transformers`."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, pipeline

from core import Core, CoreSettings
from core.errors import BadInput
from core.render import LogitLensBars, UnmaskBars
from core.results import Filling, LayerPrediction, LayerPredictions, Target, Unmasked, settling_layer
from tests.core.render.golden import samples

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


def guesses(*ranks: int) -> tuple[LayerPrediction, ...]:
    return tuple(LayerPrediction(f"word{rank}", 0.5, 0.5 / rank, rank) for rank in ranks)


def test_settled_is_the_layer_from_which_the_answer_stays() -> None:
    assert [settling_layer(guesses(*ranks)) for ranks in ((3, 1, 2, 1, 1), (1, 1), (5, 1), (2, 2, 1))] == [3, 0, 1, 2]


def test_the_layers_are_told_in_words() -> None:
    view = LogitLensBars(LayerPredictions(samples.MASKED, (guesses(9, 2, 1, 1), guesses(4, 3, 2, 1))))
    alt, table = view.draw().alt, view.table()
    assert "“word1” is on top from layer 2 on; “word1” is on top only after the last layer" in alt
    assert table.rows[0] == ("1", "input", "word9", "0.5000", "0.0556", "9")
    assert len(table.rows) == 8


async def test_a_text_without_a_mask_has_no_layers(models: Path) -> None:
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        with pytest.raises(BadInput, match="mask"):
            await core.layers("the cat")


SEVERAL = ["the ___ ___ on ___.", "___ ___", "i ___ this very ___ film, ___ ___."]


def chain(plain: Plain, ids: list[int], order: list[int], words: dict[int, str]) -> list[float]:
    """The probability of each word when its turn comes: one text at a time, as by hand."""
    now, found = list(ids), []
    for place in order:
        chances = plain.chances(now)[place]
        spelt = [id for id in range(len(plain.tokenizer)) if plain.tokenizer.decode([id]) == words[place]]
        now[place] = max(spelt, key=lambda id: float(chances[id]))  # bytes of no character are all spelt alike
        found.append(float(chances[now[place]]))
    return found


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("text", SEVERAL)
async def test_masks_filled_together_have_the_probability_of_the_chain_rule(models: Path, name: str, text: str) -> None:
    plain = Plain(models / name)
    async with Core.open(settings(models, name)) as core:
        found = await core.unmask(text, top=2)
    ids = found.source.ids
    places = [place for place, id in enumerate(ids) if id == plain.tokenizer.mask_token_id]
    assert [filling.method for filling in found.fillings] == [
        "each on its own",
        "surest first",
        "beam search",
    ]
    together, greedy, beam = found.fillings
    assert together.words == tuple(mask[0].word for mask in found.masks)
    assert beam.probability >= greedy.probability
    assert beam.probability >= together.probability
    for filling in found.fillings:
        assert sorted(filling.order) == list(range(len(places)))
        words = dict(zip(places, filling.words, strict=True))
        steps = chain(plain, ids, [places[mask] for mask in filling.order], words)
        assert filling.steps == pytest.approx(steps, rel=1e-3)
        assert filling.probability == pytest.approx(math.prod(steps), rel=1e-2)


async def test_surest_first_fills_the_surest_mask_at_each_turn(models: Path) -> None:
    plain = Plain(models / "bert-masked-lm")
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        found = await core.unmask("the ___ ___ on ___.")
    now = found.source.ids
    left = [place for place, id in enumerate(now) if id == plain.tokenizer.mask_token_id]
    order: list[int] = []
    masks = list(left)
    while left:
        chances = plain.chances(now)
        place = max(left, key=lambda place: float(chances[place].max()))
        now[place] = int(chances[place].argmax())
        left.remove(place)
        order.append(masks.index(place))
    assert found.fillings[1].order == tuple(order)
    assert found.fillings[1].sentence == plain.tokenizer.decode(now, skip_special_tokens=True)


async def test_one_mask_has_nothing_to_fill_together(models: Path) -> None:
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        assert (await core.unmask("the ___.")).fillings == ()
        with pytest.raises(BadInput, match="7 masks and at most 6"):
            core.check("unmask", "___ " * 7)


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("text", ["the cat ___ on the mat.", "the ___ sat ___ on the mat."])
async def test_whole_words_are_compared_piece_by_piece_at_each_mask(models: Path, name: str, text: str) -> None:
    plain = Plain(models / name)
    async with Core.open(settings(models, name)) as core:
        found = await core.unmask(text, compare="sat, hates; very,  sat")
    ids = found.source.ids
    for place, targets in zip(found.source.masks, found.targets, strict=True):
        assert {target.word for target in targets} == {"sat", "hates", "very"}
        assert any(len(target.pieces) > 1 for target in targets)
        for target in targets:
            word = plain.tokenizer.convert_tokens_to_ids(list(target.pieces))
            wanted = 1.0
            for number, id in enumerate(word):
                masked = [plain.tokenizer.mask_token_id] * (len(word) - number)
                written = [*ids[:place], *word[:number], *masked, *ids[place + 1 :]]
                wanted *= float(plain.chances(written)[place + number, id])
            assert target.probability == pytest.approx(wanted, rel=1e-3)
            assert plain.tokenizer.decode(word).strip() == target.word
        assert sum(target.share(targets) for target in targets) == pytest.approx(1)
        assert [a.probability >= b.probability for a, b in itertools.pairwise(targets)] == [True, True]


async def test_a_byte_level_word_is_read_with_the_space_before_it(models: Path) -> None:
    plain = Plain(models / "roberta-masked-lm")
    async with Core.open(settings(models, "roberta-masked-lm")) as core:
        found = await core.unmask("the cat <mask> on", compare="sat")
    ((target,),), (place,) = found.targets, found.source.masks
    assert target.pieces == ("Ġsat",)
    id = plain.tokenizer.convert_tokens_to_ids("Ġsat")
    assert target.probability == pytest.approx(float(plain.chances(found.source.ids)[place, id]), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "text", "piece"),
    [
        ("bert-masked-lm", "the s___.", "##a"),
        ("bert-masked-lm", "the ___.", "##a"),
        ("roberta-masked-lm", "the <mask> on", "Ġsat"),
    ],
)
async def test_a_piece_of_the_vocabulary_may_be_compared(models: Path, name: str, text: str, piece: str) -> None:
    """As the list of candidates spells it, and as the pipeline takes it."""
    fill = pipeline("fill-mask", str(models / name), tokenizer=str(models / name), device="cpu")
    (expected,) = fill(text.replace("___", fill.tokenizer.mask_token), targets=[piece])
    async with Core.open(settings(models, name)) as core:
        ((target,),) = (await core.unmask(text, compare=piece)).targets
    assert (target.word, target.pieces) == (piece, (piece,))
    assert target.probability == pytest.approx(expected["score"], rel=1e-4)


async def test_what_is_one_id_counts_once(models: Path) -> None:
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        (targets,) = (await core.unmask("the ___.", compare="Cat, film, cat, CAT, ##a")).targets
    assert {target.word for target in targets} == {"Cat", "film", "##a"}
    assert sum(target.share(targets) for target in targets) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "compare", "complaint"),
    [
        ("the ___.", "sat, 🤗", "lacks word 2 "),
        ("the s___.", "##a, at", "Word 2 to compare grows together"),
        ("the s___.", "at", "Word 1 to compare grows together"),
        ("the ___.", "sat, ##🤗", "lacks word 2 "),
        ("the ___.", ",".join(f"a{number}" for number in range(11)), "11 words"),
        ("the ___.", "a, " + "a" * 61, "Word 2 to compare has more than 60 characters"),
        ("the ___ " + "on " * 40, "12345678", "tokens long"),
    ],
)
async def test_words_that_cannot_be_compared(models: Path, text: str, compare: str, complaint: str) -> None:
    async with Core.open(settings(models, "bert-masked-lm")) as core:
        with pytest.raises(BadInput, match=complaint) as caught:
            await core.unmask(text, compare=compare)
    assert str(caught.value).endswith(".")


def test_fillings_and_compared_words_are_drawn_and_told() -> None:
    source, plain = samples.MASKED, samples.unmasked((("capital", 0.7),), (("france", 0.9),))
    fillings = (Filling("surest first", ("capital", "france"), (1, 0), (0.9, 0.000001), "…"),)
    targets = (Target("Paris", ("paris",), 0.03), Target("Ouagadougou", ("oua", "##ga"), 0.01))
    other = (Target("France", ("france",), 0.5),)
    view = UnmaskBars(Unmasked(source, plain.masks, fillings, (targets, other)))
    alt, rows = view.draw().alt, view.table().rows
    assert "surest first (masks 2, 1): capital · france, joint probability 9.0e-07" in alt
    assert "Compared at mask 1: Paris 3.0%, Ouagadougou 1.0%. Compared at mask 2: France 50.0%." in alt
    assert ("all", "surest first", "capital · france", "9e-07") in rows
    assert ("1", "compared, share 75.0%", "Paris", "0.03") in rows
    assert ("2", "compared, share 100.0%", "France", "0.5") in rows


def test_ways_that_lead_to_the_same_words_are_told_once() -> None:
    source, plain = samples.MASKED, samples.unmasked((("capital", 0.7),), (("france", 0.9),))
    found = [
        ("each on its own", ("capital", "france"), (0, 1)),
        ("surest first", ("capital", "paris"), (1, 0)),
        ("beam search", ("capital", "paris"), (1, 0)),
    ]
    fillings = tuple(Filling(method, words, order, (0.5, 0.5), "…") for method, words, order in found)
    alt = UnmaskBars(Unmasked(source, plain.masks, fillings, ())).draw().alt
    assert alt.count("All masks together") == 2
    assert "All masks together, each on its own (masks 1, 2): capital · france" in alt
    assert "All masks together, surest first, beam search (masks 2, 1): capital · paris" in alt
