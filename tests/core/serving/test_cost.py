"""What is believed of a device's speed, from the batches that it ran."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.serving.cost import CPU, OUTLIER_CLIP, Cost, CostEstimate


@given(tokens=st.integers(1, 10_000))
def test_as_many_tokens_as_seconds_and_as_many_seconds_as_tokens(tokens: int) -> None:
    assert CPU.tokens(CPU.seconds(tokens) + 1e-9) == tokens


def test_at_least_one_token_however_short_the_time() -> None:
    assert CPU.tokens(0.0) == 1


def test_the_line_is_learnt() -> None:
    estimate, true = CostEstimate(CPU), Cost(overhead=2e-3, per_token=3e-6)
    for turn in range(300):
        tokens = 20 + turn * 37 % 900
        estimate.observe(tokens, true.seconds(tokens))
    assert estimate.cost.overhead == pytest.approx(true.overhead, rel=0.05)
    assert estimate.cost.per_token == pytest.approx(true.per_token, rel=0.05)


def test_a_device_that_became_slower_is_noticed() -> None:
    estimate = CostEstimate(CPU)
    for turn in range(200):
        tokens = 20 + turn * 37 % 400
        estimate.observe(tokens, 4 * CPU.seconds(tokens))
    assert estimate.cost.seconds(100) == pytest.approx(4 * CPU.seconds(100), rel=0.05)


def test_loading_a_model_is_not_taken_for_its_speed() -> None:
    estimate = CostEstimate(CPU)
    for _ in range(20):
        estimate.observe(64, CPU.seconds(64))
    estimate.observe(64, 60.0)
    assert estimate.cost.seconds(64) <= 1.2 * CPU.seconds(64)


@given(runs=st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 100)), max_size=60))
def test_whatever_is_observed_a_price_stays_positive_and_no_single_run_is_believed_beyond_measure(
    runs: list[tuple[int, float]],
) -> None:
    estimate = CostEstimate(CPU)
    for tokens, seconds in runs:
        before = estimate.cost.seconds(tokens)
        estimate.observe(tokens, seconds)
        assert estimate.cost.overhead > 0 and estimate.cost.per_token > 0
        assert estimate.cost.seconds(tokens) <= OUTLIER_CLIP * before * 1.01 + 1e-6
        assert estimate.cost.tokens(0.1) >= 1


def test_noise_among_runs_of_about_one_size_does_not_make_tokens_look_free() -> None:
    estimate = CostEstimate(CPU)
    for turn in range(200):
        estimate.observe(20 + turn % 7, 0.3 + 0.1 * (turn * 5 % 7 < 3))
    assert estimate.cost.overhead_tokens < 3 * CPU.overhead_tokens


def test_runs_of_one_size_alone_move_the_line_where_they_are() -> None:
    estimate = CostEstimate(CPU)
    for _ in range(2000):
        estimate.observe(50, 0.01)
    assert estimate.cost.seconds(50) == pytest.approx(0.01, rel=0.01)
    assert estimate.cost.overhead > 0 and estimate.cost.per_token > 0
