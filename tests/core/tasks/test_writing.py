"""Going on with a text, against plain `transformers`: what is left to draw from, what is drawn, and where it ends."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.questions import Continuation
from core.tasks.writing import MOST_NEXT, Reader, continue_text, find_cache, gumbel_noise, warp
from tests.core.tasks.test_causal import FAMILIES as OTHERS
from tests.core.tasks.test_norms import SIZES

IDS = (5, 17, 3, 42, 88)
FAMILIES: dict[str, dict[str, Any]] = {
    **OTHERS,
    "gemma2": {"num_key_value_heads": 2, "head_dim": 8, "sliding_window": 4},
    "rwkv": {"attention_hidden_size": 32},  # remembers in another way than by keys and values
}
READS_ON_ELSEWHERE: dict[str, dict[str, Any]] = {
    "bamba": {"attn_layer_indices": [1], "num_key_value_heads": 2, "mamba_n_heads": 8, "mamba_d_head": 8},
    "minimax": {"block_size": 4, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 32},
    "roberta": {"is_decoder": False},
}
"""With a cache they say something else than without, or take none but their own."""
GREEDY = Continuation(IDS, (), 10, 40, True, 1.0, 0, 1.0, 0)
DRAWN = Continuation(IDS, (), 10, 40, False, 1.3, 40, 0.9, 7)


@cache
def model_of(family: str) -> Any:
    torch.manual_seed(0)
    ends = {"bos_token_id": 1, "eos_token_id": 98}
    own = {**FAMILIES, **READS_ON_ELSEWHERE}[family]
    config = CONFIG_MAPPING[family](**{**SIZES, "initializer_range": 0.5, **ends, **own})
    model: Any = AutoModelForCausalLM.from_config(config).eval()
    model.generation_config.eos_token_id = None
    return model


def written(family: str, question: Continuation) -> list[int]:
    return continue_text(model_of(family), "cpu", question).written


def generated(model: Any, **options: Any) -> Any:
    ids = torch.tensor([IDS])
    return model.generate(ids, attention_mask=torch.ones_like(ids), return_dict_in_generate=True, **options)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_likeliest_are_what_the_model_generates(family: str) -> None:
    expected = generated(model_of(family), do_sample=False, max_new_tokens=10).sequences[0, len(IDS) :].tolist()
    assert written(family, GREEDY) == expected
    assert written(family, replace(DRAWN, temperature=0.0)) == expected


@pytest.mark.parametrize("family", READS_ON_ELSEWHERE)
@torch.inference_mode()
def test_what_is_written_is_what_the_model_says_to_the_whole_text(family: str) -> None:
    found, ids = continue_text(model_of(family), "cpu", GREEDY), [*map(int, IDS)]
    for id, (chance, rank) in zip(found.written, found.chances, strict=True):
        expected = model_of(family)(torch.tensor([ids]), use_cache=False).logits[0, -1].softmax(dim=-1)
        assert (id, rank) == (int(expected.argmax()), 1)
        assert chance == pytest.approx(float(expected[id]), abs=1e-3)
        ids.append(id)


@pytest.mark.parametrize("family", [*FAMILIES, *READS_ON_ELSEWHERE])
def test_one_by_one_or_all_at_once(family: str) -> None:
    """Also after one was taken back: nothing but the seed and the place counts."""
    so_far: list[int] = []
    for _ in range(10):
        before = written(family, replace(DRAWN, written=tuple(so_far), count=1))
        again = written(family, replace(DRAWN, written=tuple(so_far), count=1))
        assert before == again and len(before) == len(so_far) + 1
        so_far = before
    assert so_far == written(family, DRAWN)
    assert written(family, replace(DRAWN, seed=8)) != so_far


@pytest.mark.parametrize("family", ["gpt2", "llama"])
@torch.inference_mode()
def test_each_token_keeps_the_probability_that_it_had(family: str) -> None:
    model, found = model_of(family), continue_text(model_of(family), "cpu", DRAWN)
    logits = model(torch.tensor([[*IDS, *found.written]])).logits[0, len(IDS) - 1 :]
    rows = zip(logits, found.written, found.chances, strict=False)
    for row, id, (probability, rank) in rows:
        assert probability == pytest.approx(float(row.softmax(dim=-1)[id]), rel=1e-4)
        assert rank == 1 + int((row > row[id]).sum())
    again = continue_text(model, "cpu", replace(DRAWN, written=tuple(found.written), count=0))
    assert again.chances == [(pytest.approx(chance, rel=1e-4), rank) for chance, rank in found.chances]
    best = logits[-1].softmax(dim=-1).topk(MOST_NEXT)
    assert [id for id, *_ in again.next] == best.indices.tolist()
    assert [before for _, before, _ in again.next] == pytest.approx(best.values.tolist(), rel=1e-4)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1.0, 50, 1.0), (0.7, 7, 0.9), (5.0, 0, 0.9), (0.1, 0, 0.3), (1.0, 1000, 0.0), (2.0, 1, 1.0)],
)
def test_what_is_left_to_draw_from_is_what_the_model_generates_from(
    temperature: float, top_k: int, top_p: float
) -> None:
    model = model_of("gpt2")
    options = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    plain = generated(model, do_sample=True, max_new_tokens=1, output_scores=True, **options)
    (scores,) = plain.scores
    found = continue_text(model, "cpu", replace(DRAWN, count=0, **options))
    shares = scores[0].softmax(dim=-1)
    assert [share for *_, share in found.next] == pytest.approx([float(shares[id]) for id, *_ in found.next], abs=1e-5)
    assert found.left == (min(top_k or 99, 99), int(scores.isfinite().sum()))


@given(
    st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=60),
    st.floats(0.01, 5),
    st.integers(1, 70),
    st.floats(0, 1),
)
@example([0.0, 26.0], 0.25, 2, 1.0)  # a token that float32 gives no share: `generate` leaves top-p out at 1
def test_warpers_come_in_the_order_of_transformers(
    logits: list[float], temperature: float, top_k: int, top_p: float
) -> None:
    question = replace(DRAWN, temperature=temperature, top_k=top_k, top_p=top_p)
    nothing: Any = None
    plain = torch.tensor([logits])
    warpers = [TemperatureLogitsWarper(temperature), TopKLogitsWarper(top_k)]
    for warper in [*warpers, TopPLogitsWarper(top_p)] if top_p < 1 else warpers:
        plain = warper(nothing, plain)
    scores, (kept, left) = warp(torch.tensor(logits), question)
    assert torch.equal(scores, plain[0])
    assert 1 <= left <= kept <= len(logits) and left == int(plain.isfinite().sum())


@given(st.lists(st.integers(-3000, 3000), min_size=2, max_size=60, unique=True), st.integers(0, 2**32 - 1))
def test_near_zero_temperature_draws_the_likeliest(hundredths: list[int], seed: int) -> None:
    logits = [number / 100 for number in hundredths]
    best = max(logits)
    scores, _ = warp(torch.tensor(logits), replace(DRAWN, temperature=1e-4, top_k=0, top_p=1.0))
    noisy = scores.double().numpy() + gumbel_noise(seed, 3, len(logits))
    assert int(noisy.argmax()) == logits.index(best)
    frozen, left = warp(torch.tensor(logits), replace(DRAWN, temperature=0.0))
    assert int(frozen.argmax()) == logits.index(best) and left == (1, 1)
    assert frozen.softmax(dim=-1).max() == 1


def test_draws_are_as_frequent_as_they_are_probable() -> None:
    shares = np.array([0.5, 0.25, 0.15, 0.1])
    draws = [int((np.log(shares) + gumbel_noise(seed, 11, 4)).argmax()) for seed in range(4000)]
    counted = np.bincount(draws, minlength=4) / len(draws)
    assert counted == pytest.approx(shares, abs=0.03)  # more than three standard deviations
    at = [int((np.log(shares) + gumbel_noise(5, place, 4)).argmax()) for place in range(4000)]
    assert np.bincount(at, minlength=4) / len(at) == pytest.approx(shares, abs=0.03)


def test_noise_is_the_same_everywhere() -> None:
    """On any computer, with any version of NumPy, and however large the vocabulary is."""
    noise = gumbel_noise(42, 7, 1000)
    assert noise[:3] == pytest.approx([0.840081131479938, 2.101264281378111, 0.5258192041873639], abs=1e-12)
    assert (gumbel_noise(42, 7, 10) == noise[:10]).all() and np.isfinite(noise).all()
    assert (gumbel_noise(42, 8, 10) != noise[:10]).all() and (gumbel_noise(43, 7, 10) != noise[:10]).all()


def test_a_text_ends_where_the_model_ends_it() -> None:
    model = model_of("gpt2")
    free = continue_text(model, "cpu", GREEDY).written
    for ends in (free[3], [1, free[3]]):
        model.generation_config.eos_token_id = ends
        try:
            found = continue_text(model, "cpu", GREEDY)
            after = continue_text(model, "cpu", replace(GREEDY, written=tuple(found.written)))
        finally:
            model.generation_config.eos_token_id = None
        assert found.written == free[: free.index(free[3]) + 1] == after.written
        assert found.ended and after.ended and found.next == []


@pytest.mark.parametrize(("longest", "room"), [(40, 35), (7, 2), (1000, 35)])
def test_no_more_is_written_than_the_model_can_read(longest: int, room: int) -> None:
    """Neither where the tokenizer says a limit, nor where only the model has one."""
    found = continue_text(model_of("gpt2"), "cpu", replace(GREEDY, count=64, longest=longest))
    assert len(found.written) == room and found.full and not found.ended and found.next


@torch.inference_mode()
def test_what_was_read_is_not_read_again() -> None:
    sizes: list[int] = []
    model = model_of("llama")
    assert find_cache(model)  # tried once
    hook = model.get_input_embeddings().register_forward_hook(lambda _, inputs, __: sizes.append(inputs[0].numel()))
    try:
        continue_text(model, "cpu", GREEDY)
    finally:
        hook.remove()
    assert sizes == [len(IDS), *[1] * 10]
    reader = Reader(model_of("rwkv"), "cpu", find_cache(model_of("rwkv")))
    assert torch.allclose(reader.read(IDS[:3], 1), model_of("rwkv")(torch.tensor([IDS[:3]])).logits[0, -1:], atol=1e-5)
    assert torch.allclose(reader.read(IDS[3:], 2), model_of("rwkv")(torch.tensor([IDS])).logits[0, -2:], atol=1e-5)
