"""Parts of one run copied into another: as a plain transformers model gives it, with hooks set by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, DebertaConfig, DebertaForMaskedLM
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core import Core, CoreSettings
from core.asking.passes import ABLATED_TOKENS, BESIDE_PATCHING, longest_patched
from core.errors import BadInput, NotOffered, TooLong
from core.questions import PatchedRun
from core.results import Patching
from core.tasks.explaining.patching import Patched, patch
from core.tasks.norms import PROJECTIONS
from tests.core.tasks.explaining.test_ablation import CAUSAL, HEADS, IDS, LAYERS, SIZES, made

OTHER = (5, 21, 3, 42, 30, 9, 6)
COUNT = len(IDS)
HEAD_PARTS = LAYERS * HEADS
ALL = tuple((number,) for number in range(HEAD_PARTS + (LAYERS + 1) * COUNT))
VERSIONS = "the cat [MASK] on the mat. [VS] the film [MASK] on the mat."


class ByHand:
    """A plain model, one text at a time."""

    def __init__(self, kind: str, model: Any, place: int) -> None:
        self.model, self.place = model, place
        layers, _, output = PROJECTIONS[kind]
        self.layers = list(model.base_model.get_submodule(layers))
        if kind == "albert":  # made with weights of their own for each layer
            self.layers = [group.albert_layers[0] for group in model.base_model.encoder.albert_layer_groups]
        self.ends = [layer.get_submodule(output) for layer in self.layers]
        self.inputs: list[Any] = [None] * LAYERS
        self.states: list[Any] = [None] * (LAYERS + 1)

    @torch.inference_mode()
    def logits(self, ids: tuple[int, ...]) -> torch.Tensor:
        return self.model(torch.tensor([ids])).logits[0, self.place]

    @contextmanager
    def hooked(self, *hooks: Any) -> Iterator[None]:
        yield
        for hook in hooks:
            hook.remove()

    def record(self, ids: tuple[int, ...]) -> torch.Tensor:
        def keep(where: list[Any], number: int) -> Callable[..., None]:
            def hook(_: Any, inputs: Any, output: Any = None) -> None:
                given = inputs[0] if output is None else output[0] if isinstance(output, tuple) else output
                where[number] = given.view(COUNT, -1).clone()

            return hook

        hooks = [end.register_forward_pre_hook(keep(self.inputs, n)) for n, end in enumerate(self.ends)]
        hooks += [layer.register_forward_hook(keep(self.states, n)) for n, layer in enumerate(self.layers, 1)]
        hooks.append(self.layers[0].register_forward_pre_hook(keep(self.states, 0)))
        with self.hooked(*hooks):
            return self.logits(ids)

    def with_head(self, ids: tuple[int, ...], layer: int, head: int) -> torch.Tensor:
        def hook(_: Any, inputs: Any) -> Any:
            states = inputs[0].clone()
            size = states.shape[-1] // HEADS
            part = slice(head * size, (head + 1) * size)
            states.view(COUNT, -1)[:, part] = self.inputs[layer][:, part]
            return (states, *inputs[1:])

        with self.hooked(self.ends[layer].register_forward_pre_hook(hook)):
            return self.logits(ids)

    def with_state(self, ids: tuple[int, ...], layer: int, position: int) -> torch.Tensor:
        def changed(states: torch.Tensor) -> torch.Tensor:
            states = states.clone()
            states.view(COUNT, -1)[position] = self.states[layer][position]
            return states

        def before(_: Any, inputs: Any) -> Any:
            return (changed(inputs[0]), *inputs[1:])

        def after(_: Any, __: Any, output: Any) -> Any:
            return (changed(output[0]), *output[1:]) if isinstance(output, tuple) else changed(output)

        if layer:
            hook = self.layers[layer - 1].register_forward_hook(after)
        else:
            hook = self.layers[0].register_forward_pre_hook(before)
        with self.hooked(hook):
            return self.logits(ids)


def answer_place(kind: str) -> int:
    return COUNT - 1 if kind in CAUSAL else 3


def models(kind: str, folder: Path) -> tuple[Any, Any]:
    """As plain transformers loads it, and as a device does; ALBERT's shared layers apart in the former."""
    model, loaded = made(AutoModelForCausalLM if kind in CAUSAL else AutoModelForMaskedLM, kind, folder)
    if kind != "albert":
        return model, loaded
    apart = AutoModelForMaskedLM.from_config(CONFIG_MAPPING[kind].from_pretrained(folder, num_hidden_groups=LAYERS))
    first = "albert.encoder.albert_layer_groups.0."
    copies = {
        name.replace(first, f"albert.encoder.albert_layer_groups.{layer}."): weight
        for name, weight in model.state_dict().items()
        for layer in range(LAYERS)
    }
    apart.load_state_dict(copies)
    return apart.eval(), loaded


@pytest.mark.parametrize("kind", sorted(PROJECTIONS))
def test_each_part_is_copied_as_by_hand(kind: str, tmp_path: Path) -> None:
    model, loaded = models(kind, tmp_path)
    place = answer_place(kind)
    plain = ByHand(kind, model, place)
    second = plain.record(OTHER)
    first = plain.logits(IDS)
    one, two = 11, 23
    found = patch(loaded, "cpu", PatchedRun(IDS, OTHER, place, (one, two), ALL))
    expected = [plain.with_head(IDS, layer, head) for layer in range(LAYERS) for head in range(HEADS)]
    expected += [plain.with_state(IDS, layer, n) for layer in range(LAYERS + 1) for n in range(COUNT)]
    assert found.heads == (LAYERS, HEADS)
    assert found.whole == pytest.approx([float(row[one] - row[two]) for row in (first, second)], abs=1e-4)
    assert found.found == pytest.approx([float(row[one] - row[two]) for row in expected], abs=1e-4)
    assert len({round(number, 4) for number in found.found[:HEAD_PARTS]}) > HEAD_PARTS // 2  # heads do something


def spot(layer: int, place: int) -> int:
    return HEAD_PARTS + layer * COUNT + place


@pytest.mark.parametrize("kind", ["bert", "distilbert", "gpt2", "llama"])
def test_identities(kind: str, tmp_path: Path) -> None:
    """A text copied into itself changes nothing; all of another, its answer; so does all that differs at the start."""
    _, loaded = models(kind, tmp_path)
    place, words = answer_place(kind), (7, 8)
    same = patch(loaded, "cpu", PatchedRun(IDS, IDS, place, words, ALL))
    assert same.found == pytest.approx([same.whole[0]] * len(ALL), abs=1e-5)
    heads = tuple(range(HEAD_PARTS))
    streams = [tuple(spot(layer, n) for n in range(COUNT)) for layer in range(LAYERS + 1)]
    differing = tuple(spot(0, n) for n in range(COUNT) if IDS[n] != OTHER[n])
    parts = (heads, *streams, differing, (spot(LAYERS, place),))
    found = patch(loaded, "cpu", PatchedRun(IDS, OTHER, place, words, parts))
    assert found.whole[0] != pytest.approx(found.whole[1], abs=1e-2)
    assert found.found == pytest.approx([found.whole[1]] * len(parts), abs=1e-4)
    (unmoved,) = patch(loaded, "cpu", PatchedRun(IDS, OTHER, place, words, ((spot(LAYERS, 0),),))).found
    assert unmoved == pytest.approx(found.whole[0], abs=1e-5)


def test_several_passes_agree_with_one_and_leave_the_model_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, loaded = models("bert", tmp_path)
    question = PatchedRun(IDS, OTHER, 3, (7, 8), ALL)
    whole = patch(loaded, "cpu", question)
    monkeypatch.setattr("core.tasks.explaining.patching.AT_ONCE", 4 * COUNT)
    assert patch(loaded, "cpu", question).found == pytest.approx(whole.found, abs=1e-5)
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in loaded.modules())


def test_a_family_whose_heads_nobody_knows_is_refused() -> None:
    sizes = {name: value for name, value in SIZES.items() if name != "pad_token_id"}
    model = DebertaForMaskedLM(DebertaConfig(**sizes)).eval()
    with pytest.raises(BadInput, match="not known where the heads of that model are"):
        patch(model, "cpu", PatchedRun(IDS, OTHER, 3, (), ALL))


def test_the_likeliest_word_of_each_text_is_weighed_if_none_are_named(tmp_path: Path) -> None:
    _, loaded = models("bert", tmp_path)
    found = patch(loaded, "cpu", PatchedRun(IDS, OTHER, 3, ()))
    assert isinstance(found, Patched) and found.found == []
    assert found.whole[0] >= 0 >= found.whole[1]


def alike(found: Patching, other: Patching) -> bool:
    return np.allclose(found.heads, other.heads, atol=1e-4) and np.allclose(found.positions, other.positions, atol=1e-4)


async def test_two_texts_are_weighed_in_turns(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, told = list[int](), list[tuple[int, int]]()
    async with Core.open(settings) as core:
        whole = await core.patch(VERSIONS, compare="cat, mat")
        submit = core._executor.submit

        async def noted(*args: Any, size: int, **options: Any) -> Any:
            sizes.append(size)
            return await submit(*args, size=size, **options)

        monkeypatch.setattr(core._executor, "submit", noted)
        tokens = len(whole.source.tokens)
        monkeypatch.setattr("core.asking.passes.TURN_TOKENS", 10 * tokens)
        found = await core.patch(VERSIONS, compare="cat, mat", progress=lambda done, total: told.append((done, total)))
    count = 3 * 2 + 4 * tokens
    turns = [*range(0, count, 10), count]
    assert told == [(done, count) for done in turns[1:]]
    passes = [stop - start + BESIDE_PATCHING for start, stop in pairwise(turns)]  # of the texts as they are is known
    assert sizes == [number * tokens for number in passes]
    assert alike(found, whole) and found.answers == ("cat", "mat") and found.named == ("cat", "mat")
    assert found.heads.shape == (3, 2) and found.positions.shape == (4, tokens)
    shares = found.shares(found.positions)
    (changed,) = found.changed
    assert shares[0, changed] == pytest.approx(1, abs=1e-3)
    assert shares[-1, found.source.masks[0]] == pytest.approx(1, abs=1e-3)
    assert np.abs(np.delete(shares[0], changed)).max() < 1e-3
    assert {len(column) for column in found.columns().values()} == {count}
    assert found.to_arrays()["other_text"] == found.other.text
    assert found.source.text == VERSIONS


async def test_what_is_refused(core: Core) -> None:
    for text, why in (
        ("the cat [MASK].", "needs two texts"),
        ("the cat [MASK]. [VS] the cat sat [MASK].", "The first text has 6 tokens for this model and the second 7"),
        ("the cat [MASK] on. [VS] the [MASK] cat on.", "token 4 of the first text and token 3 of the second"),
        ("the cat [MASK]. [VS] the cat [MASK].", "the same to the model"),
        ("the cat [MASK] [MASK]. [VS] the mat [MASK] [MASK].", "one mask at a time"),
        ("the cat. [VS] the mat [MASK].", "^There is no mask"),
        ("the cat [MASK]. [VS] the mat.", "^The second text: There is no mask"),
    ):
        with pytest.raises(BadInput, match=why):
            await core.patch(text)
        with pytest.raises(BadInput, match=why):
            core.check("patch", text)
    for words, why in (
        ("cat", "1 are named"),
        ("cat, mat, sat", "3 are named"),
        ("cat, internationalisation", "Word 2 to compare is .* pieces"),
    ):
        with pytest.raises(BadInput, match=why):
            await core.patch(VERSIONS, compare=words)
    with pytest.raises(NotOffered, match="no language-model head"):
        await core.patch(VERSIONS, model="bundled/minilm")


async def test_a_difference_that_is_none_is_refused(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.asking.interventions.SMALLEST", 1e6)
    with pytest.raises(BadInput, match="make no difference"):
        await core.patch(VERSIONS, compare="cat, mat")


async def test_both_texts_may_get_the_same_answer(tmp_path: Path, settings: CoreSettings) -> None:
    async with Core.open(settings) as core:
        texts = [f"the {word} [MASK] on the mat." for word in ("cat", "film", "love", "hate", "good", "bad", "it")]
        answers = {text: (await core.unmask(text)).masks[0][0].word for text in texts}
        pairs = [(a, b) for a in texts for b in texts if a < b and answers[a] == answers[b]]
        if not pairs:
            pytest.skip("no two of these texts get the same answer")
        with pytest.raises(BadInput, match="Both texts get the same answer"):
            await core.patch(" [VS] ".join(pairs[0]))


async def test_a_text_is_as_long_as_its_parts_allow(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for layers, heads in ((12, 12), (5, 4), (48, 32), (0, 0)):
        tokens = longest_patched(layers, heads)
        parts = (layers * heads or 256) + ((layers or 24) + 1) * tokens + BESIDE_PATCHING
        assert 8 < tokens <= 128 and tokens * parts <= ABLATED_TOKENS
    monkeypatch.setattr("core.asking.passes.ABLATED_TOKENS", 8 * (6 + 4 * 8 + BESIDE_PATCHING))
    async with Core.open(settings) as core:
        assert (
            len((await core.patch("cat [MASK] on mat. [VS] film [MASK] on mat.", compare="cat, mat")).other.tokens) <= 8
        )
        with pytest.raises(TooLong, match="at most 8 are read"):
            await core.patch("the the the cat [MASK] on. [VS] the the the film [MASK] on.")
