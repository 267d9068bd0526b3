"""On a GPU: answers are those of the CPU, half precision is gated, and what breaks a device is undone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core import Core, CoreSettings, bundled
from core.errors import DeviceFailed
from core.serving.cost import Cost
from core.serving.executor import Executor
from core.serving.runners import Job, Runner
from core.serving.runners.device import DeviceRunner
from core.serving.runners.process import ProcessRunner
from core.tasks.engine.precision import GOLDEN, lower_precision
from core.tasks.sentiment import SentimentTask
from core.tasks.unmask import UnmaskTask
from tests.core.serving import cuda_faults
from tests.core.tasks.questions import QUESTIONS, lowers_scores_but_no_attention_map, numbers

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this computer has no CUDA device"),
]

BUNDLED = Path(bundled.__file__).parent
SHARING = Cost(overhead=1e-3, per_token=1e-6)  # what arrives together shares a batch


@pytest.mark.parametrize(("task", "model", "payloads"), QUESTIONS, ids=lambda part: part if part in QUESTIONS else None)
def test_in_float32_answers_are_those_of_the_cpu(models: Path, task: str, model: str, payloads: list[Any]) -> None:
    job = Job(task, str(models / model))
    there, here = (DeviceRunner(device, precision="float32").run(job, payloads) for device in ("cuda", "cpu"))
    assert numbers(list(there)) == pytest.approx(numbers(list(here)), rel=1e-3, abs=2e-3)


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_by_setting_is_for_everything_but_attention_maps(models: Path, precision: str) -> None:
    lowers_scores_but_no_attention_map("cuda", precision, models, within=0.1)


@pytest.mark.parametrize(("task", "model"), [(SentimentTask, "minilm"), (UnmaskTask, "bert-mini")])
def test_of_itself_a_gpu_takes_half_precision_where_decisions_stay(
    task: Any, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    exact, chosen = (task(str(BUNDLED / model), "cuda") for _ in range(2))
    before = exact.decisions(GOLDEN)
    used = lower_precision(chosen, "auto")
    same = np.mean([one == other for one, other in zip(before, chosen.decisions(GOLDEN), strict=True)])
    assert same >= 0.999  # whichever was chosen
    assert used in ("float16", "float32") and chosen.model.dtype == getattr(torch, used)
    print(caplog.text)  # noqa: T201 - `pytest -rP` tells how far they agree


def test_and_float32_where_they_would_not(caplog: pytest.LogCaptureFixture) -> None:
    """A tie in float16 that is none in float32."""
    caplog.set_level(logging.INFO)
    task = SentimentTask(str(BUNDLED / "minilm"), "cuda")
    with torch.no_grad():
        task.model.classifier.weight.zero_()
        task.model.classifier.bias.copy_(torch.tensor([1.0, 1.0001]))
    assert lower_precision(task, "auto") == "float32"
    assert task.model.dtype == torch.float32
    assert "on 0.0 % of 1000 texts and is not used in it" in caplog.text


async def asked(runner: Runner, task: str, payloads: Sequence[Any], size: int = 10) -> tuple[Executor, list[Any]]:
    executor = Executor([runner], budget=size * len(payloads), cost=SHARING)
    submissions = (executor.submit(Job(task, ""), payload, size=size, padded=False) for payload in payloads)
    return executor, await asyncio.gather(*submissions, return_exceptions=True)


@pytest.mark.parametrize("order", ["assert", "assert, unnoticed"])
async def test_a_poisoned_device_is_replaced_and_the_innocent_are_answered(order: str) -> None:
    payloads = ["pid", "one", order, "two", "pid"]
    executor, found = await asked(ProcessRunner(cuda_faults.make), "failing", payloads)
    try:
        assert found[1] == "one" and found[3] == "two"
        assert isinstance(found[2], DeviceFailed)
        assert executor.snapshot().deaths == 2  # in the batch, and alone
        assert await executor.submit(Job("failing", ""), "pid", size=10) not in (found[0], order)
    finally:
        await executor.close()


async def test_what_does_not_fit_is_split_and_the_next_batches_are_smaller() -> None:
    runner = cuda_faults.make()
    torch.cuda.set_per_process_memory_fraction(350 * cuda_faults.MIB / torch.cuda.get_device_properties(0).total_memory)
    try:
        executor, found = await asked(runner, "hungry", range(12))
        assert found == list(range(12))
        assert executor.snapshot().overflows >= 1
        assert executor.snapshot().budget <= 90  # of 120; each batch that fits gives a little back
        await executor.close()
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


async def test_a_core_answers_every_command_from_a_child_on_the_gpu() -> None:
    settings = replace(CoreSettings.bundled(runner="process"), device="cuda")
    here = replace(settings, device="cpu", runner="thread", precision="float32")
    async with Core.open(settings) as there, Core.open(here) as exact:
        await there.warm_up()
        for one, other in zip(await answers(there), await answers(exact), strict=True):
            assert one == pytest.approx(other, abs=0.02)


async def answers(core: Core) -> list[Any]:
    """Some numbers of the answer to each question."""
    label = await core.sentiment("What a wonderful film.")
    word = await core.unmask("The cat sat on the ___.")
    why = await core.why("A great, great film.")
    word_for_word = await core.why_word("The cat sat on the ___.", rather="bed")
    surprises = await core.surprisal("The cat sat on the mat.")
    heads = await core.attention("The cat sat on the mat.")
    return [
        [score.value for score in label.scores],
        [candidate.probability for candidate in word.masks[0]],
        [reason.masked for reason in why.reasons],
        [0.1 * reason.masked for reason in word_for_word.reasons],
        [one.probability for one in surprises.tokens],
        heads.weights.astype(float).ravel().tolist(),
    ]
