"""A device in a child process: every way to break it, on real processes."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, Busy, TooLong, Unforeseen
from core.serving.runners import Runner, RunnerDied, RunnerOutOfMemory
from core.serving.runners.process import ProcessRunner
from tests.core.serving import fragile

ROOT = Path(__file__).parents[4]
PATIENCE = 30  # seconds until a test that hangs fails


@contextmanager
def child(factory: Callable[[], Runner] = fragile.FragileRunner, **options: Any) -> Generator[ProcessRunner]:
    runner = ProcessRunner(factory, **options)
    try:
        yield runner
    finally:
        runner.close()


def pid(runner: ProcessRunner) -> int:
    return runner.run("k", ["pid"])[0]


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_batches_run_in_another_process_in_order() -> None:
    with child() as runner:
        assert runner.run("k", ["a", 2, None, {"x": [3]}]) == ["a", 2, None, {"x": [3]}]
        assert pid(runner) == pid(runner) != os.getpid()


def test_the_device_has_a_name_once_the_child_is_ready() -> None:
    with child() as runner:
        assert runner.name == ""
        runner.run("k", [1])
        assert runner.name == "fragile"
        runner.restart()
        assert runner.name == "fragile"


def test_the_memory_is_that_of_the_child() -> None:
    with child() as runner:
        runner.run("k", ["pid"])
        before = runner.memory
        runner.run("k", ["hoard"])
        assert 40 << 20 < runner.memory - before < 60 << 20
    assert runner.memory == 0  # it is gone


@pytest.mark.parametrize("chosen", [None, "glibc.malloc.check=1"])
def test_the_child_alone_is_told_of_large_pages_unless_the_host_has_set_something(
    chosen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if chosen:
        monkeypatch.setenv("GLIBC_TUNABLES", chosen)
    with child() as runner:
        assert os.environ.get("GLIBC_TUNABLES") == chosen
        assert runner.run("k", ["tunables"]) == [chosen or "glibc.malloc.hugetlb=1"]
        runner.restart()
        assert runner.run("k", ["tunables"]) == [chosen or "glibc.malloc.hugetlb=1"]
    assert os.environ.get("GLIBC_TUNABLES") == chosen


def test_the_child_looks_for_garbage_but_not_among_what_was_imported() -> None:
    with child() as runner:
        ((looks, frozen),) = runner.run("k", ["garbage"])
    assert looks
    assert frozen > 1000


def test_the_child_starts_in_the_background(tmp_path: Path) -> None:
    with child(partial(fragile.wait_for, tmp_path / "go")) as runner:
        (tmp_path / "go").touch()  # were it waited for before, this would never be reached
        assert runner.run("k", [1]) == [1]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("kill", f"exit code -{signal.SIGKILL:d}"),
        ("crash", f"exit code -{signal.SIGSEGV:d}"),
        ("exit", "exit code 3"),
        ("hang", "no answer"),
        ("poisoned", "CUDA context"),
    ],
)
def test_a_child_that_dies_or_hangs_is_reported_and_can_be_replaced(order: str, reason: str) -> None:
    with child(run_timeout=1 if order == "hang" else PATIENCE) as runner:
        first = pid(runner)
        with pytest.raises(RunnerDied, match=reason):
            runner.run("k", [1, order, 3])
        assert gone(first)
        with pytest.raises(RunnerDied):  # and stays dead until it is replaced
            runner.run("k", [1])
        runner.restart()
        assert pid(runner) != first


def test_a_child_that_does_not_start_says_why() -> None:
    with child(fragile.fail) as runner:
        with pytest.raises(RunnerDied, match=r"could not start: OSError at .*fragile\.py"):
            runner.run("k", [1])
        with pytest.raises(RunnerDied):
            runner.restart()


def test_a_child_that_does_not_get_ready_is_given_up(tmp_path: Path) -> None:
    never = partial(fragile.wait_for, tmp_path / "never")
    with child(never, startup_timeout=0.3) as runner, pytest.raises(RunnerDied, match="no answer"):
        runner.run("k", [1])


@pytest.mark.parametrize(
    ("order", "error"), [("full", RunnerOutOfMemory()), ("too long", TooLong(600, 512)), ("busy", Busy(7.5))]
)
def test_verdicts_cross_the_pipe_whole_and_leave_the_child_alive(order: str, error: Exception) -> None:
    with child() as runner:
        first = pid(runner)
        with pytest.raises(type(error)) as verdict:
            runner.run("k", [order])
        assert vars(verdict.value) == vars(error)
        assert str(verdict.value) == str(error)
        assert pid(runner) == first


@pytest.mark.parametrize(
    ("payload", "kind", "message"),
    [
        pytest.param("bad", Unforeseen, r"^ValueError at \S*fragile\.py:\d+$", id="raised by the runner"),
        pytest.param("unspeakable", Unforeseen, r"^\w+Error at \S*:\d+$", id="result cannot be sent"),
        pytest.param(fragile.Mute(), Unforeseen, r"^ValueError at \S*:\d+$", id="payload cannot be read"),
        pytest.param(lambda: None, (AttributeError, pickle.PicklingError), "pickle", id="payload cannot be sent"),
    ],
)
def test_an_unforeseen_error_is_told_by_type_and_place_and_leaves_the_child_alive(
    payload: Any, kind: type[Exception], message: str
) -> None:
    with child() as runner:
        first = pid(runner)
        with pytest.raises(kind, match=message):
            runner.run("k", [payload])
        assert pid(runner) == first


def test_errors_among_the_results_cross_the_pipe_without_user_text() -> None:
    with child() as runner:
        first, refusal, error = runner.run("k", [1, "refuse", "return error"])
    assert first == 1
    assert type(refusal) is BadInput
    assert str(refusal) == "This one is not to my liking."
    assert type(error) is Unforeseen
    assert str(error) == "KeyError"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_the_whole_group_leave_the_child_to_its_parent(number: int) -> None:
    with child() as runner:
        first = pid(runner)
        os.kill(first, number)
        assert pid(runner) == first


def test_the_child_does_not_write_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    with child() as runner:
        runner.run("k", ["print"])
    out, err = capfd.readouterr()
    assert out == ""
    assert "noise from a library" in err
    assert "noise from C" in err


def test_closing_lets_the_child_close_its_runner(tmp_path: Path) -> None:
    with child(partial(fragile.FragileRunner, closed=tmp_path / "closed")) as runner:
        process = pid(runner)
    assert (tmp_path / "closed").exists()
    assert gone(process)
    with pytest.raises(RunnerDied):
        runner.run("k", [1])


def test_closing_does_not_wait_for_a_child_that_is_still_starting(tmp_path: Path) -> None:
    with child(partial(fragile.wait_for, tmp_path / "never")):
        pass


@contextmanager
def script(body: str) -> Generator[subprocess.Popen[str]]:
    """Start another parent, with a ProcessRunner called `runner`. Its stderr ends when its child has ended too."""
    code = f"""
import sys, time
from core.serving.runners.process import ProcessRunner
from tests.core.serving.fragile import FragileRunner
if __name__ == "__main__":
    runner = ProcessRunner(FragileRunner)
    {body}
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        try:
            yield parent
        finally:
            parent.kill()


@pytest.mark.parametrize("occupation", ["time.sleep(600)", "runner.run('k', ['hang'])"], ids=["idle", "busy"])
def test_the_child_ends_when_its_parent_is_killed(occupation: str) -> None:
    with script(f"runner.run('k', [1]); print('ready', flush=True); {occupation}") as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
        _, errors = parent.communicate(timeout=PATIENCE)
    assert "Traceback" not in errors


def test_a_parent_that_forgets_to_close_still_exits() -> None:
    with script("runner.run('k', [1])") as parent:
        parent.communicate(timeout=PATIENCE)
    assert parent.returncode == 0


def test_the_parent_does_not_load_torch() -> None:
    with script("sys.exit('torch' in sys.modules or 'transformers' in sys.modules)") as parent:
        parent.communicate(timeout=PATIENCE)
    assert parent.returncode == 0
