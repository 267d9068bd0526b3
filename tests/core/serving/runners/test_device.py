"""The runner that holds the models of one device, and what makes it wait until it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ModelUnavailable
from core.serving import devices, memory
from core.serving.runners import Job, Runner, RunnerDied, RunnerOutOfMemory, device
from core.serving.runners.device import DeviceRunner
from core.serving.runners.lazy import LazyRunner
from core.serving.runners.process import ProcessRunner
from core.settings import CoreSettings
from core.tasks import TASKS

ROOT = Path(__file__).parents[4]


class Recorder:
    """A task that writes down what happens to it, and fails as it is told."""

    def __init__(self, log: list[str], error: Exception | None = None) -> None:
        self._log, self._error = log, error
        log.append("loaded")

    def run(self, payloads: Sequence[Any]) -> Sequence[Any]:
        self._log.append(f"ran {len(payloads)}, gradients {torch.is_grad_enabled()}")
        if self._error:
            raise self._error
        return payloads


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    events: list[str] = []
    monkeypatch.setitem(TASKS, "recorded", lambda folder, device: Recorder(events))
    full, dead = torch.OutOfMemoryError("of this much"), torch.AcceleratorError("device-side assert")
    monkeypatch.setitem(TASKS, "full", lambda folder, device: Recorder(events, full))
    monkeypatch.setitem(TASKS, "dead", lambda folder, device: Recorder(events, dead))
    return events


def test_a_model_is_loaded_once_and_run_without_gradients(log: list[str]) -> None:
    runner = DeviceRunner("cpu")
    assert log == []
    assert runner.run(Job("recorded", "a"), [1, 2]) == [1, 2]
    runner.run(Job("recorded", "a"), [3])
    assert log == ["loaded", "ran 2, gradients False", "ran 1, gradients False"]
    runner.run(Job("recorded", "b"), [4])
    assert log[3:] == ["loaded", "ran 1, gradients False"]


def test_a_restarted_device_loads_again(log: list[str]) -> None:
    runner = DeviceRunner("cpu")
    runner.run(Job("recorded", "a"), [1])
    runner.restart()
    runner.run(Job("recorded", "a"), [1])
    assert log.count("loaded") == 2
    runner.close()


def test_too_little_memory_is_not_the_end(log: list[str]) -> None:
    runner = DeviceRunner("cpu")
    with pytest.raises(RunnerOutOfMemory) as caught:
        runner.run(Job("full", "a"), [1])
    assert caught.value.__context__ is None  # its frames would keep the memory
    runner.run(Job("recorded", "a"), [1])


def test_models_give_way_within_the_budget(models: Path) -> None:
    runner = DeviceRunner("cpu", models_mib=0)  # room for the one in use
    jobs = [Job("attention", str(models / name)) for name in ("bert-masked-lm", "gpt2", "bert-masked-lm")]
    for job in jobs:
        ((weights, _),) = runner.run(job, [[2, 3]])
        assert weights.shape[2:] == (2, 2)
        assert list(runner.loaded) == [job] and runner.loaded[job].size > 10_000
    runner.close()
    assert not runner.loaded


def test_where_memory_is_short_the_other_models_give_way(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    runner = DeviceRunner("cpu")
    runner.run(Job("recorded", "a"), [1])
    with pytest.raises(RunnerOutOfMemory):
        runner.run(Job("full", "a"), [1])
    assert list(runner.loaded) == [Job("full", "a")]
    assert log[2:] == ["loaded", "ran 1, gradients False", "ran 1, gradients False"]  # tried again with all the room

    def too_large(folder: str, device: str) -> Any:
        raise torch.OutOfMemoryError("of this much")

    monkeypatch.setitem(TASKS, "too large", too_large)
    with pytest.raises(ModelUnavailable, match="too little memory for that model"):
        runner.run(Job("too large", "a"), [1])
    assert runner.run(Job("recorded", "a"), [1]) == [1]


def test_a_poisoned_device_says_so(log: list[str]) -> None:
    with pytest.raises(RunnerDied, match="AcceleratorError"):
        DeviceRunner("cpu").run(Job("dead", "a"), [1])


def test_a_model_that_failed_to_load_may_be_there_next_time(models: Path, tmp_path: Path) -> None:
    runner = DeviceRunner("cpu")
    job = Job("attention", str(tmp_path / "model"))
    with pytest.raises(ModelUnavailable):
        runner.run(job, [[2, 3]])
    (tmp_path / "model").symlink_to(models / "bert-masked-lm")
    ((weights, _),) = runner.run(job, [[2, 3]])
    assert weights.shape[2:] == (2, 2)


def test_auto_takes_what_there_is(models: Path) -> None:
    ((weights, _),) = DeviceRunner("auto").run(Job("attention", str(models / "bert-masked-lm")), [[2, 3]])
    assert weights.shape[2:] == (2, 2)


def test_threads_are_set(models: Path) -> None:
    before = torch.get_num_threads()
    try:
        DeviceRunner("cpu", threads=2)
        assert torch.get_num_threads() == 2
        DeviceRunner("cpu")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
@pytest.mark.parametrize("device", ["cuda", "cuda:7", "tpu"])
def test_a_device_that_is_not_there(device: str) -> None:
    with pytest.raises(ModelUnavailable, match=f"no device {device}: ask"):
        DeviceRunner(device)


def test_a_late_runner_is_made_at_its_first_batch() -> None:
    made: list[str] = []

    class Echo:
        def run(self, key: Any, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
            return payloads

        def restart(self) -> None:
            made.append("restarted")

        def close(self) -> None:
            made.append("closed")

    def make() -> Runner:
        made.append("made")
        return Echo()

    runner = LazyRunner(make)
    runner.restart()
    runner.close()
    assert made == []
    assert runner.run("k", [1]) == [1] and runner.run("k", [2]) == [2]
    runner.restart()
    runner.close()
    assert made == ["made", "restarted", "closed"]


def test_the_settings_name_the_devices() -> None:
    runners = devices.open_runners(CoreSettings(device="cpu, cpu"))
    assert [type(runner) for runner in runners] == [LazyRunner, LazyRunner]
    (child,) = devices.open_runners(CoreSettings(device="cpu", runner="process"))
    assert isinstance(child, ProcessRunner)
    child.close()


@pytest.mark.parametrize("kind", ["thread", "process"])
def test_devices_load_no_torch_here_before_they_are_used(kind: str) -> None:
    code = (
        "import sys\n"
        "from core.serving.devices import open_runners\n"
        "from core.settings import CoreSettings\n"
        "if __name__ == '__main__':\n"
        f"    for runner in open_runners(CoreSettings(runner={kind!r})): runner.close()\n"
        "    assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_device_loads_no_more_than_what_was_asked_for() -> None:
    """Every part of transformers that it loads makes people wait longer for their first answer."""
    code = (
        "import sys\n"
        "from core.models.resolver import BUNDLED\n"
        "from core.serving.devices import make_runner\n"
        "from core.serving.runners import Job\n"
        "runner = make_runner('cpu', 1, 'auto', 4096)\n"
        "(found,) = runner.run(Job('attention', str(BUNDLED / 'minilm')), [[101, 2009, 102]])\n"
        "assert found[0].shape[2:] == (3, 3)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {*done.stdout.split()}
    assert {"torch", "core.tasks.attention"} <= loaded
    assert not loaded & {"transformers.pipelines", "core.tasks.sentiment", "core.tasks.causal", "core.tasks.unmask"}
    assert not loaded & {"discord", "core.render", "sklearn", "scipy", "pandas", "torchvision"}


class Wasteful:
    """A task that needs as many MiB as it is asked for, in parts that the C library keeps when they are freed."""

    def run(self, payloads: Sequence[int]) -> Sequence[Any]:
        parts = [b"x" * 100_000 for _ in range(payloads[0] * 10)]
        return parts[-1:]  # above all others, so that they are no end of the heap to be cut off


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells what a process holds")
def test_memory_of_a_large_pass_goes_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, "wasteful", lambda folder, device: Wasteful())
    runner, job, tidied = DeviceRunner("cpu"), Job("wasteful", ""), list[int]()
    monkeypatch.setattr(device, "give_back", lambda: tidied.append(1) or memory.give_back())
    runner.run(job, [1])
    before = memory.held()
    assert len(tidied) == 1  # behind the load
    kept = runner.run(job, [600])
    assert len(tidied) == 2 and kept
    assert memory.held() - before < 100 << 20
    for _ in range(5):
        runner.run(job, [1])
    assert len(tidied) == 2  # small passes cost no tidying
