"""What surprises a model, in bits: as plain transformers gives it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from core import Core, CoreSettings
from core.errors import BadInput, CoreError, TooLong
from core.questions import TokenSurprisal
from core.render import SurprisalStrip
from core.results import JudgedToken, Surprisal, Tokenization
from core.tasks.explaining.surprisal import judge_tokens
from tests import tiny
from tests.core.render.golden import samples
from tests.core.tasks.explaining.test_ablation import CAUSAL, IDS, made
from tests.core.tasks.explaining.test_attribution import Vocabulary

TEXT = "the lovely cat sat on the mat."


def settings(folder: Path) -> CoreSettings:
    roles = ("sentiment_model", "tokens_model", "attention_model", "unmask_model")
    return CoreSettings(**{role: str(folder) for role in roles}, threads=1, device="cpu")


@torch.inference_mode()
def chances(model: Any, ids: list[int]) -> torch.Tensor:
    """``(N, vocabulary)``, in float64."""
    return model(torch.tensor([ids])).logits[0].double().softmax(dim=-1)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta", "gpt2", "llama"])
def test_tokens_are_as_improbable_as_transformers_says(kind: str, tmp_path: Path) -> None:
    model, loaded = made(AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM, kind, tmp_path)
    words, mask = ((1,), (2, 3), (5,)), None if kind in CAUSAL else 4
    found = judge_tokens(loaded, "cpu", Vocabulary(), TokenSurprisal(IDS, words, mask, 3))
    assert [place for place, *_ in found] == [1, 2, 3, 5]
    for place, bits, expected in found:
        if mask is None:
            row = chances(model, list(IDS))[place - 1]
        else:
            (word,) = (word for word in words if place in word)
            row = chances(model, [mask if n in word else id for n, id in enumerate(IDS)])[place]
        assert bits == pytest.approx(-math.log2(float(row[IDS[place]])), abs=1e-3)
        best = row.topk(3)
        assert [name for name, _ in expected] == [f"w{id}" for id in best.indices.tolist()]
        assert [chance for _, chance in expected] == pytest.approx(best.values.tolist(), rel=1e-3)


async def test_a_causal_model_has_no_probability_for_the_first_token_and_the_loss_of_transformers(models: Path) -> None:
    folder = models / "gpt2"
    plain, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    async with Core.open(settings(folder)) as core:
        found = await core.surprisal(TEXT)
    ids = tokenizer(TEXT)["input_ids"]
    assert found.source.ids == ids and not found.masked
    assert [one.position for one in found.tokens] == list(range(1, len(ids)))
    with torch.inference_mode():
        loss = float(plain(torch.tensor([ids]), labels=torch.tensor([ids])).loss)  # the mean over all but the first
    assert found.perplexity == pytest.approx(math.exp(loss), rel=1e-4)
    alt = SurprisalStrip(found).draw().alt
    assert "the first has none before it, and no probability" in alt and "Perplexity " in alt


async def test_a_word_of_several_pieces_is_hidden_as_a_whole(core: Core, models: Path) -> None:
    plain = AutoModelForMaskedLM.from_pretrained(models / "bert-masked-lm").eval()
    found = await core.surprisal(TEXT)
    source = found.source
    lovely = next(word for word in source.words if source.written(word) == "lovely")
    assert found.masked and len(lovely) > 1
    assert [one.position for one in found.tokens] == [n for n, token in enumerate(source.tokens) if not token.special]
    hidden = [4 if place in lovely else id for place, id in enumerate(source.ids)]
    row = chances(plain, hidden)
    for one in found.tokens:
        if one.position in lovely:
            assert one.bits == pytest.approx(-math.log2(float(row[one.position, source.ids[one.position]])), abs=1e-3)
    assert sum(one.bits for one in found.tokens) == found.bits
    assert found.perplexity == pytest.approx(2 ** (found.bits / len(found.tokens)))


async def test_masks_are_nothing_that_somebody_wrote(core: Core, models: Path) -> None:
    found = await core.surprisal("the ___ sat on the mat.")
    (mask,) = found.source.masks
    assert mask not in [one.position for one in found.tokens] and len(found.tokens) == 6
    with pytest.raises(BadInput, match="judge by others"):
        await core.surprisal("[MASK]")
    async with Core.open(settings(models / "gpt2")) as other:
        before = await other.surprisal("the cat sat ___ mat")
        assert [one.position for one in before.tokens] == [1, 2] or len(before.tokens) == len(before.source.ids) - 1
        assert "never sees what stands behind the gap" in SurprisalStrip(before).draw().alt
        with pytest.raises(BadInput, match="judge by others"):
            await other.surprisal("a")


async def test_who_cannot_judge_is_not_asked(core: Core) -> None:
    with pytest.raises(CoreError):
        await core.surprisal(TEXT, model="bundled/bert-base-cased")  # a tokenizer alone
    with pytest.raises(TooLong):
        await core.surprisal("cat " * tiny.LONGEST)


async def test_it_costs_as_often_as_the_text_is_read(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, passes in (("bert-masked-lm", 8), ("gpt2", 1)):
        sizes: list[int] = []
        async with Core.open(settings(models / name)) as core:
            submit = core._executor.submit

            async def noted(*args: Any, submit: Any = submit, sizes: Any = sizes, size: int, **options: Any) -> Any:
                sizes.append(size)
                return await submit(*args, size=size, **options)

            monkeypatch.setattr(core._executor, "submit", noted)
            found = await core.surprisal(TEXT)
        assert sizes[-1] == passes * len(found.source.tokens)


@pytest.mark.parametrize(
    ("text", "model", "word", "expected"),
    [
        ("The wheather is nice today.", "bundled/bert-mini", "wheather", ""),  # a typo
        ("I would like a cup of tee.", "bundled/gpt-mini", "tee", "tea"),
        ("Actions speak louder than doors.", "bundled/bert-mini", "doors", "words"),  # an idiom
        ("I have 20 years old.", "bundled/bert-mini", "have", "am"),  # a translation
        ("I am here since three years.", "bundled/bert-mini", "since", "for"),
    ],
)
async def test_typos_idioms_and_translations_light_up(text: str, model: str, word: str, expected: str) -> None:
    async with Core.open(CoreSettings.bundled()) as core:
        said = SurprisalStrip(await core.surprisal(text, model=model)).finding()
    assert said.startswith(f"“{word}” surprises most, with ") and f"expected was “{expected}" in said


def judged(source: Tokenization, *bits: float, expected: str = "cat") -> Surprisal:
    places = [n for n, token in enumerate(source.tokens) if not token.special]
    tokens = (JudgedToken(place, one, ((expected, 0.5),)) for place, one in zip(places, bits, strict=True))
    return Surprisal(source, tuple(tokens), True)


def test_the_word_with_the_most_bits_is_named_with_what_was_expected() -> None:
    source = samples.tokenization("the catt sat", ["the", "cat", "##t", "sat"])
    view = SurprisalStrip(judged(source, 1.0, 6.0, 5.5, 9.0))
    assert view.finding() == "“catt” surprises most, with 11.5 bits; expected was “cat” (50.0%)"
    assert (
        SurprisalStrip(judged(source, 3.0, 1.0, 0.5, 0.01)).finding().startswith("“the” surprises most, with 3.0 bits;")
    )
    assert SurprisalStrip(judged(source, 0.5, 1.0, 0.5, 0.2)).finding() == "“catt” surprises most, with 1.5 bits"


def test_a_table_has_every_token_and_what_was_expected_instead() -> None:
    view = SurprisalStrip(judged(samples.tokenization("the catt", ["the", "cat", "##t"]), 1.0, 6.0, 0.001))
    assert view.table().rows[:3] == (
        ("1", "[CLS]", "", "", ""),
        ("2", "the", "1.00", "0.5", "cat 50.0%"),
        ("3", "cat", "6.00", "0.0156", "cat 50.0%"),
    )
    assert "t <0.1" in view.draw().alt  # never 0 for what is not
    assert len(view.table().rows) == 5


def test_columns_are_numbers_and_perplexity_is_two_to_the_mean() -> None:
    found = judged(samples.tokenization("the cat", ["the", "cat"]), 1.0, 3.0)
    assert (found.bits, found.perplexity) == (4.0, 4.0)
    assert found.columns()["probability"] == [0.5, 0.125] and found.columns()["token"] == [2, 3]
    assert found.to_arrays()["bits"].tolist() == [1.0, 3.0]
