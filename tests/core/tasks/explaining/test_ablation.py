"""Answers without parts of a model: as plain transformers gives them where the weights of these are set to zero."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    DebertaConfig,
    DebertaForMaskedLM,
)
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core import Core, CoreSettings
from core.asking.passes import BESIDE_ABLATION, longest_ablated
from core.errors import BadInput, TooLong
from core.questions import PartAblation
from core.results import Part
from core.tasks.engine.loading import load_model
from core.tasks.explaining import attribution
from core.tasks.explaining.ablation import Ablated, ablate, ablate_word
from core.tasks.explaining.attribution import logits_of
from core.tasks.explaining.parts import FEED_FORWARD, STACKS_FEED_FORWARD
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS, PROJECTIONS
from core.tasks.sentiment import SentimentTask
from tests import tiny
from tests.core.tasks.test_norms import OF_THEIR_OWN, SIZES

IDS = (5, 17, 3, 42, 88, 9, 6)
LAYERS, HEADS = 3, 4
CAUSAL = {"gpt2", "gpt_neo", "llama", "mistral", "qwen2", "opt"}


def made(auto: Any, kind: str, folder: Path, **options: Any) -> tuple[Any, Any]:
    """A model of few weights: as plain transformers loads it, and as a device does."""
    torch.manual_seed(0)
    sizes = {**SIZES, "initializer_range": 0.3, **OF_THEIR_OWN.get(kind, {}), **options}
    model = auto.from_config(CONFIG_MAPPING[kind](**sizes))
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(folder)
    return auto.from_pretrained(folder).eval(), load_model(auto, str(folder), "cpu")


def zeroed(model: Any, layers: str, layer: int, name: str, head: int | None, heads: int = HEADS) -> Any:
    """A copy of a model in which what comes of a head, or of all that goes into a linear layer, is zero."""
    other = copy.deepcopy(model)
    linear = other.base_model.get_submodule(layers)[layer].get_submodule(name)
    weight = linear.weight.data if isinstance(linear, torch.nn.Linear) else linear.weight.data.T  # Conv1D is in × out
    size = weight.shape[1] // heads
    weight[:, slice(None) if head is None else slice(head * size, (head + 1) * size)] = 0
    return other


def of_one_stack(kind: str, model: Any) -> Iterator[tuple[Part, Any]]:
    """Every part of a model, and a copy without it."""
    layers, _, output = PROJECTIONS[kind]
    for layer in range(LAYERS):
        for head in range(HEADS):
            yield Part("", layer, "head", head), zeroed(model, layers, layer, output, head)
        yield Part("", layer, "attention"), zeroed(model, layers, layer, output, None)
        yield Part("", layer, "feed-forward"), zeroed(model, layers, layer, FEED_FORWARD[kind], None)


@torch.inference_mode()
def plain(model: Any, place: int) -> torch.Tensor:
    """Probabilities of a language model."""
    return model(torch.tensor([IDS])).logits[0, place].double().softmax(dim=-1)


@torch.inference_mode()
def scores(model: Any) -> torch.Tensor:
    """Those of a classifier."""
    return model(torch.tensor([IDS])).logits[0].double().softmax(dim=-1)


def one_by_one(ask: Callable[[PartAblation], Ablated], question: PartAblation) -> Ablated:
    """What is left without each part; which there are, a first answer says."""
    count = len(ask(question).parts)
    return ask(replace(question, off=tuple((number,) for number in range(count))))


def word_without(model: Any, question: PartAblation) -> Ablated:
    """The same of a language model."""
    return one_by_one(lambda asked: ablate_word(model, "cpu", asked), question)


def label_without(model: Any, ids: torch.Tensor) -> Ablated:
    """The same of a classifier."""
    question = PartAblation(tuple(ids[0].tolist()), 0, mean=False)
    return one_by_one(lambda asked: ablate(model, ids, partial(logits_of, model), asked, single=True), question)


def check(found: Ablated, expected: list[tuple[Part, Any]], model: Any, ask: Callable[[Any], torch.Tensor]) -> None:
    assert found.parts == [part for part, _ in expected]
    best = int(ask(model).argmax())
    rows = [(found.answer[1], found.top), *found.left]
    for (odds, top), chances in zip(rows, map(ask, [model, *(other for _, other in expected)]), strict=True):
        assert odds == pytest.approx(float(torch.logit(chances[best])), abs=1e-4)
        wanted = chances.topk(len(top))
        assert [choice for choice, _ in top] == wanted.indices.tolist()
        assert [odds for _, odds in top] == pytest.approx(torch.logit(wanted.values).tolist(), abs=1e-4)
    assert found.answer[0] == best
    assert len({round(odds, 4) for odds, _ in found.left}) == len(found.parts)  # each part does something else


@pytest.mark.parametrize("kind", sorted(PROJECTIONS.keys() - {"albert"}))
def test_a_word_without_each_part_is_what_transformers_says_without_it(kind: str, tmp_path: Path) -> None:
    auto = AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM
    model, loaded = made(auto, kind, tmp_path)
    place = len(IDS) - 1 if kind in CAUSAL else 3
    found = word_without(loaded, PartAblation(IDS, place, mean=False))
    check(found, list(of_one_stack(kind, model)), model, lambda one: plain(one, place))


@pytest.mark.parametrize("kind", ["bert", "distilbert", "electra", "gpt2", "llama", "roberta"])
def test_a_label_without_each_part(kind: str, tmp_path: Path) -> None:
    model, loaded = made(AutoModelForSequenceClassification, kind, tmp_path, num_labels=3)
    found = label_without(loaded, torch.tensor([IDS]))
    check(found, list(of_one_stack(kind, model)), model, scores)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "gpt2"])
@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_label_without_more_parts_than_go_through_the_model_together(
    kind: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of any real classifier: 84 parts times a text of seven tokens are too many."""
    monkeypatch.setattr(attribution, "AT_ONCE", most * len(IDS))
    tokenizer = tiny.word_piece()
    options = {"num_labels": 3, "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    model, _ = made(AutoModelForSequenceClassification, kind, tmp_path, **options)
    tokenizer.save_pretrained(tmp_path)
    task = SentimentTask(str(tmp_path), "cpu")
    found = one_by_one(lambda asked: Ablated(*task.run([asked])[0][1]), PartAblation(IDS, 0, mean=False))
    best = int(scores(model).argmax())
    for (odds, _), (_, other) in zip(found.left, of_one_stack(kind, model), strict=True):
        assert odds == pytest.approx(float(torch.logit(scores(other)[best])), abs=1e-4)


def test_layers_that_share_their_weights_are_switched_off_one_by_one(tmp_path: Path) -> None:
    """The same model with weights of their own, all equal, shows what that means."""
    _, loaded = made(AutoModelForMaskedLM, "albert", tmp_path)
    config = CONFIG_MAPPING["albert"].from_pretrained(tmp_path, num_hidden_groups=LAYERS)
    apart = AutoModelForMaskedLM.from_config(config).eval()
    shared = AutoModelForMaskedLM.from_pretrained(tmp_path).state_dict()
    first = "albert.encoder.albert_layer_groups.0."
    copies = {
        name.replace(first, f"albert.encoder.albert_layer_groups.{layer}."): weight
        for name, weight in shared.items()
        for layer in range(LAYERS)
    }
    apart.load_state_dict(copies)
    _, _, output = PROJECTIONS["albert"]
    expected = [
        (part, zeroed(apart, f"encoder.albert_layer_groups.{part.layer}.albert_layers", 0, name, part.head))
        for layer in range(LAYERS)
        for part, name in [
            *((Part("", layer, "head", head), output) for head in range(HEADS)),
            (Part("", layer, "attention"), output),
            (Part("", layer, "feed-forward"), FEED_FORWARD["albert"]),
        ]
    ]
    found = word_without(loaded, PartAblation(IDS, 3, mean=False))
    check(found, expected, apart, lambda one: plain(one, 3))
    with pytest.raises(BadInput, match="not known where"):
        ablate_word(apart, "cpu", PartAblation(IDS, 3, mean=False))  # whose other groups would go unseen


@pytest.mark.parametrize("kind", ["bart", "t5"])
def test_encoder_decoder_and_what_joins_them(kind: str, tmp_path: Path) -> None:
    """Such a model classifies what it has read and written; its stacks differ in layers, and BART's in heads."""
    torch.manual_seed(0)
    config = getattr(tiny, kind)()
    config.num_labels = 3
    AutoModelForSequenceClassification.from_config(config).save_pretrained(tmp_path)
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    loaded = load_model(AutoModelForSequenceClassification, str(tmp_path), "cpu")
    ids = torch.tensor([[5, 17, 42, 50, 9, 3]])
    expected = list[tuple[Part, Any]]()
    for stack, (layers, _, output) in ENCODER_DECODER_PROJECTIONS[kind].items():
        heads = 2 if kind == "bart" and stack == "encoder" else 4
        for layer in range(3 if stack == "encoder" else 2):
            for head in range(heads):
                one = zeroed(model, layers, layer, output, head, heads)
                expected.append((Part(stack, layer, "head", head), one))
            expected.append((Part(stack, layer, "attention"), zeroed(model, layers, layer, output, None)))
            if feeds := STACKS_FEED_FORWARD[kind].get(stack):
                expected.append((Part(stack, layer, "feed-forward"), zeroed(model, layers, layer, feeds, None)))
    found = label_without(loaded, ids)

    @torch.inference_mode()
    def ask(one: Any) -> torch.Tensor:
        return one(ids).logits[0].double().softmax(dim=-1)

    assert found.parts == [part for part, _ in expected]
    for (odds, _), (_, other) in zip(found.left, expected, strict=True):
        assert odds == pytest.approx(float(torch.logit(ask(other)[found.answer[0]])), abs=1e-3)


@pytest.mark.parametrize("kind", ["bert", "distilbert", "gpt2"])
def test_the_mean_of_a_head_over_the_positions_stands_in_for_it(kind: str, tmp_path: Path) -> None:
    """Then what the head adds is the same everywhere, and can as well be a part of the bias."""
    auto = AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM
    model, loaded = made(auto, kind, tmp_path)
    place, (layers, _, output) = len(IDS) - 1, PROJECTIONS[kind]
    found = word_without(loaded, PartAblation(IDS, place, mean=True))
    answers = {part: odds for part, (odds, _) in zip(found.parts, found.left, strict=True)}
    best, size = int(plain(model, place).argmax()), 8
    for layer in range(LAYERS):
        linear = model.base_model.get_submodule(layers)[layer].get_submodule(output)
        seen = list[torch.Tensor]()
        hook = linear.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0][0].mean(dim=0)))
        plain(model, place)
        hook.remove()
        for head in range(HEADS):
            other = zeroed(model, layers, layer, output, head)
            bias = other.base_model.get_submodule(layers)[layer].get_submodule(output).bias
            weight = linear.weight.data if isinstance(linear, torch.nn.Linear) else linear.weight.data.T
            part = slice(head * size, (head + 1) * size)
            bias.data += weight[:, part] @ seen[0][part]
            expected = float(torch.logit(plain(other, place)[best]))
            assert answers[Part("", layer, "head", head)] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_heads_that_are_off_together(kind: str, tmp_path: Path) -> None:
    """Each pass has parts of its own that are off."""
    auto = AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM
    model, loaded = made(auto, kind, tmp_path)
    place, (layers, _, output) = len(IDS) - 1, PROJECTIONS[kind]
    parts = ablate_word(loaded, "cpu", PartAblation(IDS, place, mean=False)).parts
    heads = [number for number, part in enumerate(parts) if part.kind == "head"][::-1]
    off = tuple(tuple(heads[:count]) for count in range(1, len(heads) + 1))
    found = ablate_word(loaded, "cpu", PartAblation(IDS, place, mean=False, off=off))
    for number, (odds, top) in zip(heads, found.left, strict=True):
        model = zeroed(model, layers, parts[number].layer, output, parts[number].head)
        chances = plain(model, place)
        assert odds == pytest.approx(float(torch.logit(chances[found.answer[0]])), abs=1e-4)
        assert top[0][0] == int(chances.argmax())


async def test_heads_are_off_together_those_first_that_change_least_alone(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more heads than there are steps, some at a time."""
    text = "the cat [MASK] on the mat."
    found = await core.ablate_word(text)
    assert [one.count for one in found.together] == list(range(1, len(found.heads) + 1))
    least = min(found.heads, key=lambda one: abs(found.change(one)))
    assert found.together[0].answer.log_odds == pytest.approx(least.answer.log_odds, abs=1e-4)
    monkeypatch.setattr("core.asking.interventions.OFF_TOGETHER", 4)
    fewer = await core.ablate_word(text)
    assert [one.count for one in fewer.together] == [2, 3, 5, 6]
    exact = {one.count: one.answer.log_odds for one in found.together}
    assert [one.answer.log_odds for one in fewer.together] == pytest.approx([exact[n] for n in (2, 3, 5, 6)], abs=1e-4)


def test_a_long_text_takes_several_passes_that_agree_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, loaded = made(AutoModelForMaskedLM, "bert", tmp_path)
    question = PartAblation(IDS, 3, mean=False)
    whole = word_without(loaded, question)
    monkeypatch.setattr("core.tasks.explaining.ablation.AT_ONCE", 4 * len(IDS))
    cut = word_without(loaded, question)
    assert [odds for odds, _ in cut.left] == pytest.approx([odds for odds, _ in whole.left], abs=1e-5)


def test_a_model_is_as_it_was_afterwards(tmp_path: Path) -> None:
    _, loaded = made(AutoModelForMaskedLM, "bert", tmp_path)
    before = plain(loaded, 3)
    word_without(loaded, PartAblation(IDS, 3, mean=False))
    assert torch.equal(plain(loaded, 3), before)
    assert not any(module._forward_pre_hooks for module in loaded.modules())


def test_a_family_whose_heads_nobody_knows_is_refused() -> None:
    sizes = {name: value for name, value in SIZES.items() if name != "pad_token_id"}
    model = DebertaForMaskedLM(DebertaConfig(**sizes)).eval()
    with pytest.raises(BadInput, match="not known where the heads of that model are"):
        ablate_word(model, "cpu", PartAblation(IDS, 3, mean=False))


async def test_words_are_those_of_the_model_and_numbers_become_a_table(core: Core) -> None:
    text = "the cat [MASK] on the mat."
    found, (answer, *others) = await core.ablate_word(text), (await core.unmask(text, top=3)).masks[0]
    assert found.answer.word == answer.word and found.answer.probability == pytest.approx(answer.probability, abs=1e-5)
    assert [one.word for one in found.top] == [answer.word, *(other.word for other in others)]
    columns = found.columns()
    assert {len(column) for column in columns.values()} == {3 * (2 + 2)}
    assert columns["layer"] == [1] * 4 + [2] * 4 + [3] * 4
    assert columns["head"] == [1, 2, None, None] * 3
    assert found.strongest in found.heads and columns["change"][0] == found.change(found.removals[0])


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
        found = await core.ablate_label("the cat sat")
    assert BESIDE_ABLATION == 3  # the whole model, and twice to find its parts
    passes = [BESIDE_ABLATION, len(found.removals) + BESIDE_ABLATION, len(found.together) + BESIDE_ABLATION]
    assert sizes[-3:] == [count * len(found.source.tokens) for count in passes]


async def test_parts_are_asked_about_in_turns_and_it_is_told_how_far_that_is(
    settings: CoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, text = list[tuple[int, int]](), "the cat [MASK] on the mat."
    async with Core.open(settings) as core:
        whole = await core.ablate_word(text)
        monkeypatch.setattr("core.asking.passes.TURN_TOKENS", 5 * len(whole.source.tokens))
        found = await core.ablate_word(text, progress=lambda done, total: told.append((done, total)))
    total = len(whole.removals) + len(whole.together)
    assert told == [(5, total), (10, total), (12, total), (17, total), (18, total)]
    for one, other in zip(found.removals, whole.removals, strict=True):
        assert one.answer.log_odds == pytest.approx(other.answer.log_odds, abs=1e-4)


async def test_of_a_deep_model_only_short_texts(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert longest_ablated(12, 12) == 128 and longest_ablated(100, 128) == 2
    monkeypatch.setattr("core.asking.passes.ABLATED_TOKENS", 8 * (3 * (2 + 2) + 24 + BESIDE_ABLATION))
    async with Core.open(settings) as core:
        assert len((await core.ablate_label("the cat sat")).source.tokens) <= 8
        for ask, text in ((core.ablate_label, "the cat " * 4), (core.ablate_word, "the [MASK] " + "cat " * 8)):
            with pytest.raises(TooLong, match="at most 8 are read"):
                await ask(text)
        with pytest.raises(BadInput, match="has 2 masks: there is no mask 3"):
            await core.ablate_word("[MASK] [MASK]", mask=3)
