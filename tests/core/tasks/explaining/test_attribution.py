"""Why an answer, and why rather than another one: as plain transformers and torch's own gradients give it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    CTRLConfig,
)
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core import Core, CoreSettings
from core.asking.explanations import EXPLAINING_COST
from core.errors import BadInput, CoreError, TooLong
from core.questions import WordAttribution
from core.render import AttributionBars
from core.results import Explanation
from core.tasks.explaining.attribution import LogitFunction, attribute, explain_word
from tests import tiny
from tests.core.render.test_warnings import written
from tests.core.tasks.explaining.test_ablation import CAUSAL, IDS, made
from tests.core.tasks.test_norms import SIZES

WORDS = ((1,), (2, 4), (5,))
TEXT = "the cat [MASK] on the mat."


class Vocabulary:
    """As much of a tokenizer as explaining needs."""

    mask_token, unk_token, pad_token, eos_token = None, None, None, "<eos>"

    def convert_tokens_to_ids(self, token: str) -> int:
        return {"<eos>": 2}[token]

    def decode(self, ids: Sequence[int]) -> str:
        return f"w{ids[0]}"


def gradients(
    model: Any, ids: list[int], words: Any, blank: int, at: int | None, plus: int, minus: int | None, steps: int
) -> list[float]:
    """Integrated gradients of one logit, or of the difference of two, written out; each point is a row."""
    embed = model.get_input_embeddings()
    replaced = [blank if any(n in word for word in words) else id for n, id in enumerate(ids)]
    x, x0 = (embed(torch.tensor([row])).detach() for row in (ids, replaced))
    points = torch.cat([x0 + (step + 0.5) / steps * (x - x0) for step in range(steps)]).requires_grad_()
    logits = model(inputs_embeds=points).logits
    logits = logits if at is None else logits[:, at]
    (logits[:, plus] - (0 if minus is None else logits[:, minus])).sum().backward()
    assert points.grad is not None
    by_token = ((x - x0) * points.grad.sum(dim=0) / steps)[0].sum(dim=-1)
    return [float(by_token[list(word)].sum()) for word in words]


@torch.inference_mode()
def logit(model: Any, ids: list[int], at: int | None, plus: int, minus: int | None) -> float:
    logits = model(torch.tensor([ids])).logits[0]
    logits = logits if at is None else logits[at]
    return float(logits[plus] - (0 if minus is None else logits[minus]))


def check(found: tuple[Any, ...], model: Any, ids: Sequence[int], words: Any, blank: int, at: int | None) -> None:
    """Every number of an attribution."""
    plus, minus, whole, start, given, masked, steps = found
    rows = [[blank if n in word else id for n, id in enumerate(ids)] for word in words]
    empty = [blank if any(n in word for word in words) else id for n, id in enumerate(ids)]
    assert whole == pytest.approx(logit(model, list(ids), at, plus, minus), abs=1e-4)
    assert start == pytest.approx(logit(model, empty, at, plus, minus), abs=1e-4)
    assert given == pytest.approx(gradients(model, list(ids), words, blank, at, plus, minus, steps), abs=2e-3)
    expected = [whole - logit(model, row, at, plus, minus) for row in rows]
    assert masked == pytest.approx(expected, abs=1e-4)
    assert len({round(one, 3) for one in given}) == len(given)  # each word does something else


@pytest.mark.parametrize("kind", ["bert", "distilbert", "electra", "roberta", "gpt2", "llama"])
def test_a_word_is_explained_as_gradients_written_out_explain_it(kind: str, tmp_path: Path) -> None:
    model, loaded = made(AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM, kind, tmp_path)
    place = len(IDS) - 1 if kind in CAUSAL else 3
    chances = model(torch.tensor([IDS])).logits[0, place].detach().softmax(dim=-1)
    for answer, rather in ((None, None), (11, 7)):
        question = WordAttribution(IDS, WORDS, place, answer, rather)
        choices, spelt, found = explain_word(loaded, "cpu", Vocabulary(), question)
        check(found, model, IDS, WORDS, 2, place)
        assert found[:2] == (int(chances.argmax()) if answer is None else answer, rather) and spelt == "<eos>"
        assert {answer, rather} - {None} <= {id for id, *_ in choices} and len(choices) == 24
        assert [value for *_, value in choices] == sorted((value for *_, value in choices), reverse=True)
        assert all(
            name == f"w{id}" and value == pytest.approx(float(chances[id]), rel=1e-4) for id, name, value in choices
        )


def test_positions_are_counted_as_in_the_text(tmp_path: Path) -> None:
    """RoBERTa counts them without padding, which people may write into a text; embeddings do not tell what is one."""
    model, loaded = made(AutoModelForMaskedLM, "roberta", tmp_path)
    ids, words = (5, 17, 0, 42, 88, 9, 6), ((1,), (3, 4), (5,))
    plus, _, whole, start, by_word, masked, _ = explain_word(
        loaded, "cpu", Vocabulary(), WordAttribution(ids, words, 6, 11)
    )[2]
    rows = [[2 if n in word else id for n, id in enumerate(ids)] for word in (*words, (1, 3, 4, 5))]
    *without, empty = (logit(model, row, 6, plus, None) for row in rows)
    assert (whole, start) == pytest.approx((logit(model, [*ids], 6, plus, None), empty), abs=1e-4)
    assert masked == pytest.approx([whole - one for one in without], abs=1e-4)
    assert sum(by_word) == pytest.approx(whole - start, rel=0.05)


LAYER_BY_LAYER = {
    "layer_types": ["sliding_attention", "full_attention"],
    "hidden_size_per_layer_input": 8,
    "vocab_size_per_layer_input": 99,
}


@pytest.mark.parametrize(
    ("auto", "kind", "options"),
    [
        (AutoModelForCausalLM, "gemma4_text", LAYER_BY_LAYER | {"num_hidden_layers": 2}),
        (AutoModelForMaskedLM, "longformer", {"attention_window": 4}),
        (AutoModelForMaskedLM, "esm", {"mask_token_id": 2, "token_dropout": True}),
        (AutoModelForMaskedLM, "bart", {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1}),
    ],
)
def test_a_model_that_reads_words_by_more_than_their_embeddings_is_refused(
    auto: Any, kind: str, options: dict[str, Any]
) -> None:
    """The words that are replaced would still be seen, or nothing would change at all."""
    torch.manual_seed(0)
    config = CONFIG_MAPPING[kind](**{**SIZES, "initializer_range": 0.5, "pad_token_id": 1, **options})
    with pytest.raises(BadInput, match="more than one vector"):
        explain_word(auto.from_config(config).eval(), "cpu", Vocabulary(), WordAttribution(IDS, WORDS, len(IDS) - 1))


def test_embeddings_that_are_changed_in_place_are_explained() -> None:
    torch.manual_seed(0)
    config = CTRLConfig(vocab_size=99, n_positions=40, n_embd=32, dff=37, n_layer=2, n_head=4)
    model = AutoModelForCausalLM.from_config(config).eval()
    _, _, found = explain_word(model, "cpu", Vocabulary(), WordAttribution(IDS, WORDS, len(IDS) - 1))
    assert sum(found[4]) == pytest.approx(found[2] - found[3], rel=0.1)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_any_label_is_explained_and_rather_than_another(kind: str, tmp_path: Path) -> None:
    model, loaded = made(AutoModelForSequenceClassification, kind, tmp_path, num_labels=3)
    ids = torch.tensor([IDS])
    logits = loaded(ids).logits.detach()
    for plus, minus in ((0, None), (2, None), (2, 1), (1, 2)):
        function = LogitFunction(loaded, ids, lambda **inputs: loaded(**inputs).logits, 4, plus, minus)
        check(tuple(attribute(function, WORDS, 2, logits)), model, IDS, WORDS, 2, None)


def test_the_difference_of_two_logits_is_the_difference_of_their_explanations(tmp_path: Path) -> None:
    """With as many steps; and the other way round everything has the other sign."""
    _, loaded = made(AutoModelForMaskedLM, "bert", tmp_path)
    ask = [(5, None), (6, None), (5, 6), (6, 5)]
    one, two, apart, back = (
        explain_word(loaded, "cpu", Vocabulary(), WordAttribution(IDS, WORDS, 3, *pair))[2] for pair in ask
    )
    assert apart[2] == pytest.approx(one[2] - two[2], abs=1e-5)
    assert apart[5] == pytest.approx([first - second for first, second in zip(one[5], two[5], strict=True)], abs=1e-4)
    if one[6] == two[6] == apart[6]:
        assert apart[4] == pytest.approx([a - b for a, b in zip(one[4], two[4], strict=True)], abs=1e-4)
    assert back[4] == pytest.approx([-amount for amount in apart[4]], abs=1e-4)
    assert sum(apart[4]) == pytest.approx(apart[2] - apart[3], rel=0.05) or apart[6] == 128


def test_of_a_text_of_nothing_but_gaps_nothing_speaks(tmp_path: Path) -> None:
    _, loaded = made(AutoModelForMaskedLM, "bert", tmp_path)
    found = explain_word(loaded, "cpu", Vocabulary(), WordAttribution(IDS, (), 3))[2]
    assert found[2] == pytest.approx(found[3], abs=1e-5) and found[4:6] == ([], [])


async def test_words_are_those_that_unmask_gives(core: Core, models: Path) -> None:
    plain = AutoModelForMaskedLM.from_pretrained(models / "bert-masked-lm").eval()
    found, (candidates,) = await core.why_word(TEXT), (await core.unmask(TEXT, top=20)).masks
    assert [(one.number, one.name) for one in found.choices[:20]] == [(one.id, one.word) for one in candidates]
    assert [one.value for one in found.choices[:20]] == pytest.approx([one.probability for one in candidates], abs=1e-5)
    assert found.answer == found.choices[0] and found.rather is None and found.labels == ()
    assert [reason.word for reason in found.reasons] == ["the", "cat", "on", "the", "mat", "."]
    asked = await core.why_word(TEXT, answer=found.choices[4].number, rather=found.choices[2].name)
    assert (asked.answer.number, asked.rather) == (found.choices[4].number, found.choices[2])
    ids, place = asked.source.ids, asked.source.masks[0]
    words = [word for word in asked.source.words if place not in word]
    expected = gradients(plain, ids, words, 4, place, asked.answer.number, found.choices[2].number, asked.steps)
    assert [one.gradients for one in asked.reasons] == pytest.approx(expected, abs=1e-4)


async def test_what_comes_next_is_explained_by_a_token_that_stands_for_nothing(models: Path) -> None:
    folder = models / "gpt2"
    plain, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    text = "the cat sat on ___ mat"
    async with Core.open(CoreSettings(unmask_model=str(folder), threads=1, device="cpu")) as core:
        found, unmasked = await core.why_word(text), await core.unmask(text)
    assert found.baseline == tokenizer.eos_token and found.answer.name == unmasked.masks[0][0].word
    assert [one.word for one in found.reasons] == ["the", "cat", "sat", "on"]
    by_word = [one.gradients for one in found.reasons], [one.masked for one in found.reasons]
    numbers = (found.answer.number, None, found.logit, found.start, *by_word, found.steps)
    ids = found.source.ids
    check(numbers, plain, ids, found.source.words, tokenizer.eos_token_id, len(ids) - 1)


async def test_of_several_masks_one_is_asked_about_and_the_others_stay(core: Core) -> None:
    text = "the [MASK] sat on the [MASK]."
    first, second = await core.why_word(text), await core.why_word(text, mask=2)
    masks = (await core.unmask(text)).masks
    assert [first.answer.name, second.answer.name] == [mask[0].word for mask in masks]
    assert (first.mask, second.mask) == (1, 2) and len(second.reasons) == 5
    with pytest.raises(BadInput, match="has 2 masks: there is no mask 3"):
        await core.why_word(text, mask=3)


async def test_the_text_is_drawn_with_its_gaps(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(models / "roberta-masked-lm")
    async with Core.open(CoreSettings(unmask_model=folder, threads=1, device="cpu")) as core:
        found = await core.why_word("the ___ sat on the ___")
    texts = written(AttributionBars(found), monkeypatch)
    assert "<mask>" in texts and len(found.reasons) == 4
    assert not [text for text in texts if "·<mask>" in text]


async def test_words_to_compare_can_be_asked_about_and_the_likeliest_is_the_answer(core: Core) -> None:
    found = await core.why_word(TEXT, compare="film, love, lovely cats")  # the last has several pieces
    names = {one.name for one in found.choices}
    assert {"film", "love"} <= names and found.compared == "film, love, lovely cats"
    best = (await core.unmask(TEXT, compare="film, love")).targets[0][0]
    assert found.answer.name == best.word and found.answer.value == pytest.approx(best.probability, abs=1e-6)
    other = ({"film", "love"} - {best.word}).pop()
    assert (await core.why_word(TEXT, rather=other, compare="film, love")).answer.name == best.word


async def test_a_comma_is_a_word_too(core: Core) -> None:
    assert (await core.why_word(TEXT, answer=",")).answer.name == ","


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"answer": "cat", "rather": "cat"}, "compared with another one"),
        ({"answer": "lovely cats"}, "several pieces"),
        ({"answer": "a,b"}, "several pieces"),
        ({"answer": 10**6}, "no token 1000000"),
        ({"rather": -1}, "no token -1"),
        ({"answer": "🤗"}, "vocabulary lacks"),
    ],
)
async def test_what_has_no_logit_is_refused_with_the_reason(core: Core, options: dict[str, Any], said: str) -> None:
    with pytest.raises(CoreError, match=said):
        await core.why_word(TEXT, **options)


async def test_labels_are_called_by_name_or_number(core: Core) -> None:
    found = [await core.why("i love it", answer=answer) for answer in ("NEGATIVE", 0)]
    assert found[0] == found[1] and found[0].answer.name == "NEGATIVE"
    apart = await core.why("i love it", answer="NEGATIVE", rather="POSITIVE")
    assert apart.rather and apart.rather.name == "POSITIVE" and apart.logit != found[0].logit
    assert {one.name for one in apart.choices} == set(apart.labels)
    with pytest.raises(BadInput, match=r"no label HAPPY: it has NEGATIVE, POSITIVE"):
        await core.why("i love it", answer="HAPPY")
    with pytest.raises(BadInput, match="no label 2"):
        await core.why("i love it", rather=2)
    with pytest.raises(BadInput, match="compared with another one"):
        await core.why("i love it", answer=1, rather=1)


async def test_what_is_asked_costs_as_often_as_the_text_goes_through_the_model(
    settings: CoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    async with Core.open(settings) as core:
        submit = core._executor.submit

        async def noted(*args: Any, size: int, **options: Any) -> Any:
            sizes.append(size)
            return await submit(*args, size=size, **options)

        monkeypatch.setattr(core._executor, "submit", noted)
        found: Explanation = await core.why_word(TEXT)
    assert sizes[-1] == (EXPLAINING_COST + len(found.reasons)) * len(found.source.tokens)


async def test_a_long_text_is_not_explained(core: Core) -> None:
    with pytest.raises(TooLong):
        await core.why_word("[MASK] " + "cat " * tiny.LONGEST)
