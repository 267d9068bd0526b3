"""How many tokens a batch is really filled up with, as whoever runs it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from transformers import AlbertConfig, AlbertForSequenceClassification

from core.questions import NextToken
from core.serving.executor import Executor
from core.serving.metrics import Metrics
from core.serving.runners import Job, Runner
from core.serving.runners.device import DeviceRunner
from core.serving.runners.lazy import LazyRunner
from core.serving.runners.process import ProcessRunner
from core.tasks.engine import pipelines
from core.tasks.engine.packing import plan_passes
from tests import tiny
from tests.core.serving.seams import LocalCluster, LocalReplicas, seam

SHORT, LONG = (
    "the cat sat",
    "the cat sat on the mat . the cat sat on the mat .",
)  # 5 and 16 tokens with the special ones


def as_on_a_gpu() -> Runner:
    """A CPU on which texts are laid out as on a GPU."""
    pipelines.plan_passes = partial(plan_passes, on_gpu=True)
    return DeviceRunner("cpu", threads=1)


def replica(factory: Callable[[], Runner]) -> Runner:
    return LocalReplicas(LocalCluster(factory)).runners()[0]


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "plan_passes", plan_passes)


@pytest.mark.parametrize(
    ("way", "made"),
    [
        ("thread", LazyRunner),
        ("process", ProcessRunner),
        pytest.param("ray", replica, marks=[pytest.mark.scale, pytest.mark.filterwarnings("ignore")]),
    ],
)
async def test_monitoring_sees_what_was_computed(way: str, made: Callable[..., Runner], models: Path) -> None:
    if way == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with seam(way):
        metrics = Metrics()
        executor = Executor([made(as_on_a_gpu)], metrics=metrics)
        for text, size in ((SHORT, 5), (LONG, 16), (SHORT, 5)):
            await executor.submit(Job("sentiment", str(models / "bert-classifier")), text, size=size, padded=False)
        await executor.close()
    assert metrics.tokens == {"real": 26, "padding": 11 + 0 + 11}


@pytest.mark.parametrize(
    ("job", "payloads", "padding"),
    [
        (Job("sentiment", "bert-classifier"), [SHORT, LONG, SHORT], 32 - 26),
        (Job("unmask", "roberta-masked-lm"), [("<mask>", 2)], 16 - 3),
        (Job("attention", "bert-masked-lm"), [[2, 3], [2, 3, 4, 5], [2]], 2 + 0 + 3),
        (Job("causal", "gpt2"), [NextToken((5, 6, 7), 1), NextToken((5,), 1)], 0 + 2),
        (Job("attention", "bert-masked-lm"), [[2, 3]], 0),
    ],
    ids=lambda value: value.task if isinstance(value, Job) else None,
)
def test_a_batch_is_filled_up_as_its_task_needs_it(job: Job, payloads: list[Any], padding: int, models: Path) -> None:
    runner, folder = as_on_a_gpu(), str(models / job.folder)
    for _ in range(2):  # each batch is counted by itself
        runner.run(Job(job.task, folder), payloads)
        assert runner.padding == padding


@pytest.mark.parametrize(("lengths", "padding", "in_a_row"), [((3, 3), 0, 0), ((4, 3, 8), 1, 0), ((3,), 0, 3)])
def test_a_cpu_pads_only_families_that_cannot_be_read_in_a_row_and_a_text_alone_by_a_little(
    lengths: Sequence[int], padding: int, in_a_row: int, models: Path, tmp_path: Path
) -> None:
    config = AlbertConfig(
        vocab_size=len(tiny.VOCABULARY), embedding_size=8, hidden_size=16, num_attention_heads=2, intermediate_size=24
    )
    tiny.save(tmp_path / "albert", AlbertForSequenceClassification(config), tiny.word_piece())
    runner, texts = DeviceRunner("cpu"), ["the " * length for length in lengths]
    runner.run(Job("sentiment", str(tmp_path / "albert")), texts)
    assert runner.padding == padding
    runner.run(Job("sentiment", str(models / "bert-classifier")), texts)
    assert runner.padding == in_a_row
